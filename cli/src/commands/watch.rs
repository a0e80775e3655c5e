//! `watch`: a deployment until it ends.
//!
//! One thread asks ([`polling`]); this one listens to it, to Ctrl-C and to the clock, and shows what
//! it hears ([`view`]): neither has to wait for an answer that does not come.

use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use ::api::Deployment;
use clap::Args;
use domain::{DeploymentId, Status};

use super::Context;
use super::status::read_id;
use crate::api::{self, Answer, Api};
use crate::failure::{Exit, Failure};
use crate::output::word;
use crate::settings::{Setting, Settings, TIMEOUT, parse_duration};

mod changes;
mod frame;
mod polling;
mod progress;
mod screen;
mod view;

use polling::{Heard, Polling};
use progress::Elapsed;
use view::View;

/// Follow a deployment until it ends.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status watch checkout-production-2.8.1\n  \
        deployment-status watch checkout-production-2.8.1 --timeout 15m && echo it is live\n  \
        deployment-status watch checkout-production-2.8.1 --output jsonl | jq --unbuffered -r .status",
    after_help = "It ends with 0 when the deployment is completed; with 5 when it failed, was rolled back or cancelled; \
                  with 6 when --timeout is over before."
)]
pub(crate) struct Watch {
    /// The deployment
    #[arg(value_name = "ID", value_parser = read_id)]
    id: DeploymentId,
    /// How long to wait before asking again
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = read_interval)]
    interval: Duration,
}

/// The shortest time between two questions.
const SHORTEST: Duration = Duration::from_millis(100);
/// How long nothing is done at most.
const TICK: Duration = Duration::from_secs(1);

fn read_interval(text: &str) -> Result<Duration, String> {
    let interval = parse_duration(text)?;
    if interval < SHORTEST {
        return Err(format!("`{text}` is too often; at least {}", humantime::format_duration(SHORTEST)));
    }
    Ok(interval)
}

impl Watch {
    /// # Errors
    /// When it ended otherwise than completed (exit code 5), or not in time (6); when there is no such
    /// deployment (3), or the API does not answer, or Ctrl-C was pressed (130).
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        // As a setting it is about answers; only who says it here speaks of the end of the deployment.
        let timeout =
            context.settings.timeout.as_ref().filter(|timeout| timeout.is_flag()).map(|timeout| timeout.value);
        let (tell, heard) = channel();
        let retrying = tell.clone();
        // Where nobody listens any more, the watch is over.
        let api = Api::open(&for_one_answer(&context.settings))?
            .telling(move |text| drop(retrying.send(Heard::Trouble(text.to_owned()))));
        let interrupt = tell.clone();
        ctrlc::set_handler(move || drop(interrupt.send(Heard::Interrupted)))
            .map_err(|error| Failure::new(Exit::Failed, format!("can't wait for Ctrl-C: {error}")))?;
        let mut view = View::of(&context.printer);
        let polling = Polling {
            api,
            id: self.id.clone(),
            interval: self.interval,
            expects: view.shows_expectation(),
            patient: timeout.is_some(),
        };
        let polling = spawn(move || polling.until_over(&tell));
        let following = Following { id: &self.id, timeout, polling, heard, latest: None, trouble: None };
        following.until_over(&mut view)
    }
}

/// The settings of a single request: `--timeout` is for the whole watch.
fn for_one_answer(settings: &Settings) -> Settings {
    let timeout = settings.timeout.clone();
    let timeout = timeout.map(|Setting { value, origin }| Setting { value: value.min(TIMEOUT), origin });
    Settings { timeout, ..settings.clone() }
}

/// What is known while watching.
struct Following<'a> {
    id: &'a DeploymentId,
    timeout: Option<Duration>,
    polling: JoinHandle<()>,
    heard: Receiver<Heard>,
    latest: Option<Rc<Answer<Deployment>>>,
    /// Why there was no answer lately.
    trouble: Option<String>,
}

impl Following<'_> {
    fn until_over(mut self, view: &mut View) -> Result<(), Failure> {
        // A time that no clock can hold does not come.
        let end = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = end.map_or(TICK, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                view.close(self.latest.as_deref())?;
                return Err(self.not_in_time());
            }
            match self.heard.recv_timeout(left.min(view.rest())) {
                Ok(Heard::Answered(changed)) => {
                    self.trouble = None;
                    if let Some(answer) = changed {
                        self.latest = Some(Rc::from(answer));
                    }
                }
                Ok(Heard::Expected(seconds)) => view.expect(seconds),
                Ok(Heard::Trouble(text)) => self.trouble = Some(text),
                Ok(Heard::GivenUp(failure)) => return Err(failure),
                Ok(Heard::Interrupted) => return Err(Failure::new(Exit::Interrupted, "")),
                // It ends only after having told why, unless it ended in a panic.
                Err(_) if self.polling.is_finished() => {
                    return Err(Failure::new(Exit::Failed, "the watch broke off"));
                }
                Err(_) => {}
            }
            view.show(self.latest.as_ref(), self.trouble.as_deref())?;
            if let Some(answer) = self.latest.as_ref().filter(|answer| answer.value.status.is_terminal()) {
                view.close(Some(answer))?;
                return ended(&answer.value);
            }
        }
    }

    /// Time is up: says how it stands.
    fn not_in_time(&self) -> Failure {
        let within = humantime::format_duration(self.timeout.unwrap_or_default());
        let failure = match self.latest.as_ref().map(|answer| &answer.value) {
            None => Failure::new(Exit::TimedOut, format!("nothing was heard of {} within {within}", self.id)),
            Some(deployment) => {
                let now = api::now();
                let stands = Elapsed::of(deployment, now).of_status(deployment.status);
                let mut failure =
                    Failure::new(Exit::TimedOut, format!("{} did not end within {within}: {stands}", self.id));
                for stage in current(deployment).filter(|stage| !stage.status.is_terminal()) {
                    let stands = Elapsed::of_stage(stage, now).of_status(stage.status);
                    failure = failure.advise(format!("Stage {}: {stands}", stage.stage));
                }
                failure
            }
        };
        match &self.trouble {
            Some(trouble) => failure.advise(format!("The last question had no answer: {trouble}")),
            None => failure,
        }
    }
}

/// The stages of the run that the status speaks about.
fn current(deployment: &Deployment) -> impl DoubleEndedIterator<Item = &::api::Stage> + Clone {
    deployment.stages.iter().filter(|stage| stage.attempt == deployment.attempt)
}

/// How it ended, as an exit code.
fn ended(deployment: &Deployment) -> Result<(), Failure> {
    if deployment.status == Status::Completed {
        return Ok(());
    }
    let elapsed = Elapsed(deployment.duration_seconds);
    let mut message = format!("{} {}", deployment.deployment_id, elapsed.of_status(deployment.status));
    if let Some(why) = why(deployment) {
        message = format!("{message}: {why}");
    }
    let mut failure = Failure::new(Exit::ConditionNotMet, message);
    if let Some(version) = &deployment.rollback_to {
        failure = failure.advise(format!("{version} is back."));
    }
    Err(failure.advise(format!("`deployment-status status {}` has the rest.", deployment.deployment_id)))
}

/// Why it ended so, as far as somebody said so.
fn why(deployment: &Deployment) -> Option<String> {
    let error = deployment.error.iter().flat_map(|error| [error.code.as_deref(), error.message.as_deref()]);
    let error: Vec<&str> = error.flatten().collect();
    if !error.is_empty() {
        return Some(error.join(": "));
    }
    let failed: Vec<String> = current(deployment)
        .filter(|stage| stage.status.is_terminal() && stage.status != Status::Completed)
        .map(|stage| format!("stage {} {}", stage.stage, word(stage.status)))
        .collect();
    Some(failed.join(", ")).filter(|failed| !failed.is_empty()).or_else(|| deployment.notes.clone())
}
