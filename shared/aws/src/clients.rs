//! The SDK's clients, made once before the first invocation.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

/// The configuration of all clients: region and credentials from the environment, TLS by rustls
/// with ring (see `docs/decisions/0003-tls-provider.md`), short timeouts, three tries.
///
/// A try that timed out may have taken effect. That is safe: the SDK repeats a transaction with the
/// token of its first try, and a record is written only where none is.
pub async fn configuration() -> SdkConfig {
    let https = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await
}

/// An HTTP client without TLS, for a server on this machine.
#[must_use]
pub fn plain_http() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}
