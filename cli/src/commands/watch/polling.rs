//! The questions: again and again until the deployment has ended, with longer pauses when there is no
//! answer.

use std::sync::mpsc::Sender;
use std::thread::sleep;
use std::time::Duration;

use api::{Deployment, Metrics};
use domain::DeploymentId;

use crate::api::{Answer, Api, deployment_path};
use crate::failure::{Exit, Failure};
use crate::names::advise_deployments;

/// What a watch hears.
pub(super) enum Heard {
    /// The API answers; with what, when it is something new.
    Answered(Option<Box<Answer<Deployment>>>),
    /// So many seconds earlier deployments of this kind took.
    Expected(f64),
    /// There is no answer, for this reason. It is asked again.
    Trouble(String),
    /// There is no answer, and no use in asking again.
    GivenUp(Failure),
    /// Ctrl-C, or another signal to end.
    Interrupted,
}

impl Heard {
    /// The deployment as it stands, when it is told.
    fn deployment(&self) -> Option<&Deployment> {
        match self {
            Self::Answered(Some(answer)) => Some(&answer.value),
            _ => None,
        }
    }

    /// Whether there is nothing more to ask.
    fn is_last(&self) -> bool {
        let ended = self.deployment().is_some_and(|deployment| deployment.status.is_terminal());
        ended || matches!(self, Self::GivenUp(_))
    }
}

/// What is asked, and how.
pub(super) struct Polling {
    pub(super) api: Api,
    pub(super) id: DeploymentId,
    /// How long to wait before asking again.
    pub(super) interval: Duration,
    /// Whether to ask how long earlier deployments took.
    pub(super) expects: bool,
    /// Whether to ask on even where there is no answer: someone else has set an end.
    pub(super) patient: bool,
}

/// What was asked and answered so far.
#[derive(Default)]
struct Asked {
    tag: Option<String>,
    known: Option<String>,
    /// How many questions in a row had no answer.
    failures: u32,
}

/// So many questions in a row without an answer are enough. The pauses between them grow: with the
/// default interval this takes a minute and a half.
const ENOUGH: u32 = 10;
/// Over which time earlier deployments count: 30 days.
const HOURS: &str = "720";
/// What a service or an environment is called until an event names it.
const UNKNOWN: &str = "unknown";

impl Polling {
    /// Asks until the deployment has ended, or there is no use in asking, or nobody listens.
    pub(super) fn until_over(mut self, tell: &Sender<Heard>) {
        let mut asked = Asked::default();
        loop {
            let heard = self.ask(&mut asked);
            let over = heard.is_last();
            let expectable = heard.deployment().and_then(|deployment| self.expectable(deployment));
            if tell.send(heard).is_err() || over {
                return;
            }
            if let Some((service, environment)) = expectable {
                self.expects = false;
                let expected = self.expected(&service, &environment).map(Heard::Expected);
                if expected.is_some_and(|expected| tell.send(expected).is_err()) {
                    return;
                }
            }
            sleep(self.interval * asked.failures.clamp(1, ENOUGH));
        }
    }

    /// Asks once.
    fn ask(&self, asked: &mut Asked) -> Heard {
        match self.api.get_changed::<Deployment>(&deployment_path(&self.id, ""), asked.tag.as_deref()) {
            Ok(answer) => {
                asked.failures = 0;
                // A server without entity tags answers in full each time.
                let changed = answer.filter(|answer| asked.known.as_ref() != Some(&answer.body));
                if let Some(answer) = &changed {
                    (asked.tag, asked.known) = (answer.tag.clone(), Some(answer.body.clone()));
                }
                Heard::Answered(changed.map(Box::new))
            }
            Err(failure) => {
                asked.failures += 1;
                // What never answered is not there: a wrong address is told at once.
                let enough = asked.known.is_none() || (asked.failures >= ENOUGH && !self.patient);
                if enough || is_final(&failure) {
                    Heard::GivenUp(advise_deployments(&self.api, self.id.as_str(), failure))
                } else {
                    Heard::Trouble(format!("{}; trying again", failure.message()))
                }
            }
        }
    }

    /// Of what it is worth asking how long it usually takes: not before the deployment says what it is.
    fn expectable(&self, deployment: &Deployment) -> Option<(String, String)> {
        let of = (deployment.service.clone(), deployment.environment.clone());
        (self.expects && of.0 != UNKNOWN && of.1 != UNKNOWN).then_some(of)
    }

    /// The median duration of earlier deployments. The watch goes on without.
    fn expected(&self, service: &str, environment: &str) -> Option<f64> {
        let query = [("service", Some(service)), ("environment", Some(environment)), ("hours", Some(HOURS))];
        let durations = self.api.get::<Metrics>("/v1/metrics", &query).ok()?.value.duration_seconds?;
        Some(durations.p50).filter(|seconds| *seconds > 0.0)
    }
}

/// Whether asking again is of no use.
fn is_final(failure: &Failure) -> bool {
    [Exit::NotFound, Exit::NotAllowed, Exit::Usage].into_iter().any(|exit| failure.is(exit))
}
