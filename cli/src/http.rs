//! What requests go over, to the API and to AWS: HTTP/1.1, TLS with the roots of the system, the proxy
//! of the environment. Nothing is connected, and no root read, before the first request that needs it.

use std::time::Duration;

use ureq::http::{Method, Request, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, AsSendBody, Error};

mod localhost;

/// A reply, all of it, whatever it says.
pub(crate) type Reply = Response<Vec<u8>>;

/// How much of a reply is read: more than Lambda and API Gateway let through.
const MOST_BYTES: u64 = 12 * 1024 * 1024;

/// No reply is waited for longer, whatever the settings say: not every time can be counted on a clock.
const LONGEST: Duration = Duration::from_hours(24);

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the whole reply.
    pub(crate) reply: Duration,
    /// Of that for a connection, where that is less.
    pub(crate) connection: Option<Duration>,
}

/// What sends requests; through the proxy of the environment only where that is wanted.
pub(crate) fn agent(proxied: bool) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // Where a server sends us on to, credentials would be for somebody else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("deployment-status/", env!("CARGO_PKG_VERSION")))
        // The system's, or those in SSL_CERT_FILE.
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
    let config = if proxied { config.build() } else { config.proxy(None).build() };
    Agent::with_parts(config, DefaultConnector::default(), localhost::Localhost::default())
}

/// One request and its reply, to the end: half of one is none.
///
/// # Errors
/// When there is none in time.
pub(crate) fn exchange(agent: &Agent, request: Request<impl AsSendBody>, patience: Patience) -> Result<Reply, Error> {
    let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    let request = agent
        .configure_request(request)
        .timeout_global(Some(patience.reply.min(LONGEST)))
        .timeout_connect(patience.connection)
        .build();
    let reply = if has_body { agent.run(request) } else { agent.run(request.map(|_| ())) };
    let (head, body) = reply?.into_parts();
    let body = body.into_with_config().limit(MOST_BYTES).read_to_vec()?;
    Ok(Response::from_parts(head, body))
}
