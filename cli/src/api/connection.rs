//! A connection to the API: its address, the authentication, and the HTTP client.

use std::cell::{Ref, RefCell};
use std::time::{Duration, SystemTime};

use ureq::Agent;

use super::errors::{self, RequestError};
use super::request::ApiRequest;
use super::retry;
use crate::access::Access;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::http::{Reply, Timeouts, agent, exchange};
use crate::settings::Settings;

/// A connection to the API.
pub(super) struct Connection {
    pub(super) endpoint: Endpoint,
    access: RefCell<Access>,
    agent: Agent,
    timeout: Duration,
}

impl Connection {
    /// A connection to the API that these settings name. Nothing is sent yet.
    ///
    /// # Errors
    /// When the settings give no address, or no usable authentication.
    pub(super) fn open(settings: &Settings) -> Result<Self, Failure> {
        let (endpoint, account) = Endpoint::find(settings)?;
        let access = RefCell::new(Access::to(&endpoint, settings, account)?);
        // A proxy would reach its own loopback, not ours.
        let agent = agent(!endpoint.is_loopback());
        Ok(Self { endpoint, access, agent, timeout: settings.request_timeout() })
    }

    /// The authentication.
    pub(super) fn access(&self) -> Ref<'_, Access> {
        self.access.borrow()
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
            let mut request = request.build(&self.endpoint).map_err(|error| {
                Failure::new(Exit::Usage, format!("no request to {} is possible: {error}", self.endpoint))
            })?;
            // Each attempt gets its own signature: a signature is valid for minutes only.
            let now: SystemTime = chrono::Local::now().into();
            self.access.borrow_mut().authorize(&mut request, now)?;
            Ok(exchange(&self.agent, request, Timeouts { reply: left, connection: None }))
        })?;
        tried.map_err(|error| errors::no_reply(&self.endpoint, &error, self.timeout))
    }
}
