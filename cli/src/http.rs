//! The HTTP client, for the API and for AWS: HTTP/1.1, TLS with the system's trusted certificates, and the
//! proxy of the environment. It connects, and reads certificates, only when a request needs that.

use std::time::Duration;

use ureq::http::{Method, Request, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, AsSendBody, Error};

mod localhost;

/// A whole reply, with any status code.
pub(crate) type Reply = Response<Vec<u8>>;

/// The largest reply that is read: larger than any of Lambda and API Gateway.
const MOST_BYTES: u64 = 12 * 1024 * 1024;

/// The longest wait for a reply, whatever the settings say: larger times would overflow the clock.
const LONGEST: Duration = Duration::from_hours(24);

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// For the whole reply.
    pub(crate) reply: Duration,
    /// For the connection, where that is less.
    pub(crate) connection: Option<Duration>,
}

/// A client that sends requests, through the environment's proxy if `proxied`.
pub(crate) fn agent(proxied: bool) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // A redirect could lead to another host, which must not get the credentials.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("deployment-status/", env!("CARGO_PKG_VERSION")))
        // The system's certificates, or those in SSL_CERT_FILE.
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
    let config = if proxied { config.build() } else { config.proxy(None).build() };
    Agent::with_parts(config, DefaultConnector::default(), localhost::Localhost::default())
}

/// Sends a request and reads the whole reply.
///
/// # Errors
/// When there is no complete reply in time.
pub(crate) fn exchange(agent: &Agent, request: Request<impl AsSendBody>, timeouts: Timeouts) -> Result<Reply, Error> {
    let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    let request = agent
        .configure_request(request)
        .timeout_global(Some(timeouts.reply.min(LONGEST)))
        .timeout_connect(timeouts.connection)
        .build();
    let reply = if has_body { agent.run(request) } else { agent.run(request.map(|_| ())) };
    let (head, body) = reply?.into_parts();
    let body = body.into_with_config().limit(MOST_BYTES).read_to_vec()?;
    Ok(Response::from_parts(head, body))
}
