//! How AWS is reached: over TLS with the system's roots, and through the proxy of the environment, as
//! the API itself is.

use aws_sdk_ssm::config::SharedHttpClient;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};

/// The client of AWS. It connects, and reads the system's roots, at the first request.
pub(super) fn client() -> SharedHttpClient {
    let proxy = proxy();
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        // The same cryptography as in the functions (decision 3).
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    })
}

/// The proxy for https. What is asked over plain http is on this machine: its metadata service, or an
/// emulator of AWS.
fn proxy() -> ProxyConfig {
    let set = |names: [&str; 2]| names.into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let proxy = set(["HTTPS_PROXY", "https_proxy"]).or_else(|| set(["ALL_PROXY", "all_proxy"]));
    let proxy = proxy.map(|proxy| if proxy.contains("://") { proxy } else { format!("http://{proxy}") });
    let Some(proxy) = proxy.and_then(|proxy| ProxyConfig::https(proxy).ok()) else { return ProxyConfig::disabled() };
    match set(["NO_PROXY", "no_proxy"]) {
        Some(rules) => proxy.no_proxy(rules),
        None => proxy,
    }
}
