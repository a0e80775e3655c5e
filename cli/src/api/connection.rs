//! How the API is reached: its address, who asks, and what a request goes over.

use std::cell::{Ref, RefCell};
use std::time::{Duration, SystemTime};

use ureq::Agent;
use ureq::config::Config;
use ureq::http::{Request, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use super::localhost::Localhost;
use super::question::Question;
use super::retry::{self, Reply};
use super::{Unanswered, refusal};
use crate::access::Access;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::settings::Settings;

/// How much of an answer is read: more than Lambda and API Gateway let through.
const MOST_BYTES: u64 = 12 * 1024 * 1024;
/// No answer is waited for longer, whatever the settings say: not every clock can count on.
const LONGEST: Duration = Duration::from_hours(24);

/// A way to the API.
pub(super) struct Connection {
    pub(super) endpoint: Endpoint,
    access: RefCell<Access>,
    agent: Agent,
    timeout: Duration,
}

impl Connection {
    /// The way to the API that these settings name. Nothing is sent yet.
    ///
    /// # Errors
    /// When they name none, or don't say who asks.
    pub(super) fn open(settings: &Settings) -> Result<Self, Failure> {
        let (endpoint, account) = Endpoint::find(settings)?;
        let access = RefCell::new(Access::to(&endpoint, settings, account)?);
        let agent = Agent::with_parts(config(&endpoint), DefaultConnector::default(), Localhost::default());
        Ok(Self { endpoint, access, agent, timeout: settings.request_timeout().min(LONGEST) })
    }

    /// Who asks.
    pub(super) fn access(&self) -> Ref<'_, Access> {
        self.access.borrow()
    }

    /// Asks, as often as it is worth it. `tell` hears of each further try.
    ///
    /// # Errors
    /// When there is no reply, or nobody who may ask.
    pub(super) fn send(&self, question: &Question<'_>, tell: impl Fn(&str)) -> Result<Reply, Unanswered> {
        let tried = retry::until_replied(self.timeout, tell, |left| {
            let mut request = question
                .request(&self.endpoint)
                .map_err(|error| Failure::new(Exit::Usage, format!("{} can't be asked: {error}", self.endpoint)))?;
            // Each try has a signature of its own: it holds for minutes only.
            let now: SystemTime = chrono::Local::now().into();
            self.access.borrow_mut().authorize(&mut request, now)?;
            Ok(self.exchange(request, question.has_body(), left))
        })?;
        tried.map_err(|error| refusal::no_reply(&self.endpoint, &error, self.timeout))
    }

    /// One request and its reply, to the end: half of one is none.
    fn exchange(&self, request: Request<String>, has_body: bool, timeout: Duration) -> Result<Reply, ureq::Error> {
        let request = self.agent.configure_request(request).timeout_global(Some(timeout)).build();
        let reply = if has_body { self.agent.run(request) } else { self.agent.run(request.map(|_| ())) };
        let (head, body) = reply?.into_parts();
        let body = body.into_with_config().limit(MOST_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, body))
    }
}

fn config(endpoint: &Endpoint) -> Config {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // Where a server sends us on to, credentials would be for somebody else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("deployment-status/", env!("CARGO_PKG_VERSION")))
        // The roots of the system, or those in SSL_CERT_FILE; they are read at the first https request.
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
    if endpoint.is_loopback() { config.proxy(None).build() } else { config.build() }
}
