//! A connection to the API: its address, the authentication, and the HTTP client.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use ureq::http::Request;
use ureq::{Agent, AsSendBody};

use super::errors::{self, RequestError};
use super::request::ApiRequest;
use super::retry;
use crate::access::Access;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::http::{Reply, Timeouts, agent, exchange};
use crate::settings::Settings;

/// A connection to the API.
pub(crate) struct Connection {
    /// Where the API is.
    pub(crate) endpoint: Endpoint,
    access: Mutex<Access>,
    agent: Agent,
    timeout: Duration,
}

impl Connection {
    /// A connection to the API that these settings name. Nothing is sent yet.
    ///
    /// # Errors
    /// When the settings give no address, or no usable authentication.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let (endpoint, account) = Endpoint::find(settings)?;
        let access = Mutex::new(Access::to(&endpoint, settings, account)?);
        // A proxy would reach its own loopback, not ours.
        let agent = agent(!endpoint.is_loopback());
        Ok(Self { endpoint, access, agent, timeout: settings.request_timeout() })
    }

    /// The authentication.
    pub(crate) fn access(&self) -> MutexGuard<'_, Access> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a request may take, with its retries.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends a request, again where that can help. `notify` receives a sentence before each retry.
    ///
    /// # Errors
    /// When there is no reply, or no credentials.
    pub(super) fn send(&self, request: &ApiRequest<'_>, notify: impl Fn(&str)) -> Result<Reply, RequestError> {
        let tried = retry::until_replied(self.timeout, notify, |left| {
            let request = request.build(&self.endpoint).map_err(|error| {
                Failure::new(Exit::Usage, format!("no request to {} is possible: {error}", self.endpoint))
            })?;
            self.exchange(request, left)
        })?;
        tried.map_err(|error| self.no_reply(&error))
    }

    /// Sends any request once, and waits for the reply as long as for one of the API. The inner error is that of the
    /// connection.
    ///
    /// # Errors
    /// When there are no credentials: nothing is sent then.
    pub(crate) fn send_once(&self, request: Request<Vec<u8>>) -> Result<Result<Reply, ureq::Error>, Failure> {
        self.exchange(request, self.timeout)
    }

    fn exchange<Body: AsRef<[u8]> + AsSendBody>(
        &self,
        mut request: Request<Body>,
        left: Duration,
    ) -> Result<Result<Reply, ureq::Error>, Failure> {
        // Each attempt gets its own signature: a signature is valid for minutes only.
        let now: SystemTime = chrono::Local::now().into();
        self.access().authorize(&mut request, now)?;
        Ok(exchange(&self.agent, request, Timeouts { reply: left, connection: None }))
    }

    /// What it means that there is no reply.
    pub(crate) fn no_reply(&self, error: &ureq::Error) -> RequestError {
        errors::no_reply(&self.endpoint, error, self.timeout)
    }
}
