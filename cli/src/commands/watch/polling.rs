//! Polls the API until the deployment finishes, with longer pauses when there is no answer.

use std::sync::mpsc::Sender;
use std::thread::sleep;
use std::time::Duration;

use api::Deployment;
use domain::DeploymentId;

use crate::api::{Answer, Api, deployment_path};
use crate::failure::{Exit, Failure};
use crate::names::advise_deployments;

/// What happens during a watch.
pub(super) enum WatchEvent {
    /// The API answered. The answer is there if it differs from the last one.
    Answered(Option<Box<Answer<Deployment>>>),
    /// There is no answer, for this reason. The request is sent again.
    NoAnswer(String),
    /// There is no answer, and a retry can't help.
    GivenUp(Failure),
    /// Ctrl-C, or another signal to end.
    Interrupted,
}

impl WatchEvent {
    /// The deployment, if it changed.
    fn deployment(&self) -> Option<&Deployment> {
        match self {
            Self::Answered(Some(answer)) => Some(&answer.value),
            _ => None,
        }
    }

    /// Whether polling ends with it.
    fn is_last(&self) -> bool {
        let finished = self.deployment().is_some_and(|deployment| deployment.status.is_terminal());
        finished || matches!(self, Self::GivenUp(_))
    }
}

/// What to poll, and how.
pub(super) struct Polling {
    pub(super) api: Api,
    pub(super) id: DeploymentId,
    /// The time between two requests.
    pub(super) interval: Duration,
    /// Whether to continue however often there is no answer: the watch has a timeout.
    pub(super) endless: bool,
}

/// The state of polling.
#[derive(Default)]
struct State {
    tag: Option<String>,
    body: Option<String>,
    /// How many requests in a row had no answer.
    failures: u32,
}

/// After so many requests in a row without an answer the watch fails. The pauses grow: with the default
/// interval this takes a minute and a half.
const MOST_FAILURES: u32 = 10;

impl Polling {
    /// Polls until the deployment finishes, a retry can't help, or there is no receiver.
    pub(super) fn run(self, sender: &Sender<WatchEvent>) {
        let mut state = State::default();
        loop {
            let event = self.poll(&mut state);
            let is_last = event.is_last();
            if sender.send(event).is_err() || is_last {
                return;
            }
            sleep(self.interval * state.failures.clamp(1, MOST_FAILURES));
        }
    }

    /// Sends one request.
    fn poll(&self, state: &mut State) -> WatchEvent {
        match self.api.get_changed::<Deployment>(&deployment_path(&self.id, ""), state.tag.as_deref()) {
            Ok(answer) => {
                state.failures = 0;
                // A server without entity tags sends the whole answer each time.
                let changed = answer.filter(|answer| state.body.as_ref() != Some(&answer.body));
                if let Some(answer) = &changed {
                    (state.tag, state.body) = (answer.tag.clone(), Some(answer.body.clone()));
                }
                WatchEvent::Answered(changed.map(Box::new))
            }
            Err(failure) => {
                state.failures += 1;
                // Without any answer so far, the address may be wrong: the watch fails at once.
                let enough = state.body.is_none() || (state.failures >= MOST_FAILURES && !self.endless);
                if enough || is_final(&failure) {
                    WatchEvent::GivenUp(advise_deployments(&self.api, self.id.as_str(), failure))
                } else {
                    WatchEvent::NoAnswer(format!("{}; trying again", failure.message()))
                }
            }
        }
    }
}

/// Whether a retry can't help.
fn is_final(failure: &Failure) -> bool {
    [Exit::NotFound, Exit::NotAllowed, Exit::Usage].into_iter().any(|exit| failure.is(exit))
}
