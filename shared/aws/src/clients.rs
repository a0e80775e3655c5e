//! The SDK's clients, made once before the first invocation.

use std::ffi::OsString;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::authorities;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(1);

/// The configuration of all clients: region and credentials from the environment, TLS by rustls
/// with ring (see `docs/decisions/0003-tls-provider.md`), short timeouts, three tries.
///
/// The environment is where Lambda puts them. The SDK's default chain would also look into profiles,
/// roles of web identities and metadata services; that is a tenth of the binary, never used.
///
/// A try that timed out may have taken effect. That is safe: the SDK repeats a transaction with the
/// token of its first try, and a record is written only where none is.
#[must_use]
pub fn configuration() -> SdkConfig {
    configuration_over(&https())
}

/// The same over a connector that others use too.
#[must_use]
pub fn configuration_over(connector: &SharedHttpConnector) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build();
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(variable("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .use_fips(variable("AWS_USE_FIPS_ENDPOINT").is_some_and(|value| value == "true"))
        .service_config(Endpoints)
        .http_client(client_over(connector))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .build()
}

/// Other endpoints than AWS's own, for emulators: `AWS_ENDPOINT_URL_<SERVICE>`, else
/// `AWS_ENDPOINT_URL`, as everywhere with AWS.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        of_service(key.env(), key.service_id())
    }
}

/// The endpoint of a service where it is another than AWS's own, for what calls it without the SDK.
#[must_use]
pub fn endpoint(service: &str) -> Option<String> {
    of_service("AWS_ENDPOINT_URL", service)
}

fn of_service(variable: &str, service: &str) -> Option<String> {
    let service = service.to_uppercase().replace(' ', "_");
    let names = [format!("{variable}_{service}"), variable.to_owned()];
    names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// One connector to AWS, made here and now, for all services.
///
/// The SDK's own client makes its connector at the first call, after one for each service that it
/// throws away, and each decodes all root certificates anew. Here that happens once, at the start, and for
/// [those of Amazon](authorities::AMAZON) alone.
#[must_use]
pub fn https() -> SharedHttpConnector {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    connector(authorities::trusted(std::env::vars_os().map(|(name, value)| (text(name), text(value)))))
}

/// A connector to whoever is not AWS, and has a certificate from anyone whom the system trusts.
pub(crate) fn https_to_anyone() -> SharedHttpConnector {
    connector(TrustStore::default())
}

fn connector(trusted: TrustStore) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
    let builder = Connector::builder().connector_settings(settings).tls_provider(Provider::Rustls(CryptoMode::Ring));
    // None is refused yet; one that ever is leaves the system's.
    let connector = match TlsContext::builder().with_trust_store(trusted).build() {
        Ok(context) => builder.tls_context(context).build(),
        Err(_) => builder.build(),
    };
    SharedHttpConnector::new(connector)
}

fn client_over(connector: &SharedHttpConnector) -> SharedHttpClient {
    let connector = connector.clone();
    http_client_fn(move |_, _| connector.clone())
}

/// An HTTP client without TLS, for a server on this machine.
#[must_use]
pub fn plain_http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}
