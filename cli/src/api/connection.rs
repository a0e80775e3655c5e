//! How the API is reached: its address, who asks, and what a request goes over.

use std::cell::{Ref, RefCell};
use std::time::{Duration, SystemTime};

use ureq::Agent;

use super::question::Question;
use super::{Unanswered, refusal, retry};
use crate::access::Access;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::http::{Patience, Reply, agent, exchange};
use crate::settings::Settings;

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
        // Loopback is reached without a proxy, whatever it may be that the proxy reaches.
        let agent = agent(!endpoint.is_loopback());
        Ok(Self { endpoint, access, agent, timeout: settings.request_timeout() })
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
            Ok(exchange(&self.agent, request, Patience { reply: left, connection: None }))
        })?;
        tried.map_err(|error| refusal::no_reply(&self.endpoint, &error, self.timeout))
    }
}
