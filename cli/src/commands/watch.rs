//! `watch`: follows a deployment until it finishes.
//!
//! One thread polls the API ([`polling`]) and sends what happens. This one receives that, Ctrl-C and the
//! passing of time, and updates the output ([`view`]). So a missing answer blocks neither Ctrl-C nor the
//! timeout.

use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use ::api::{Deployment, FailedStage};
use clap::Args;
use domain::{DeploymentId, Status};

use super::Context;
use super::status::{failed_in, read_id};
use crate::api::{self, Answer, Api};
use crate::failure::{Exit, Failure};
use crate::output::word;
use crate::settings::{Setting, Settings, TIMEOUT, parse_duration};

mod attempt;
mod changes;
mod description;
mod frame;
mod polling;
mod progress;
mod screen;
mod view;

use attempt::current;
use polling::{Polling, WatchEvent};
use progress::Elapsed;
use view::View;

/// Follow a deployment until it finishes.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status watch checkout-production-2.8.1\n  \
        deployment-status watch checkout-production-2.8.1 --timeout 15m && echo completed\n  \
        deployment-status watch checkout-production-2.8.1 --output jsonl | jq --unbuffered -r .status",
    after_help = "Exit codes: 0 when the deployment completed; 5 when it failed, was rolled back or cancelled; 6 when \
                  it did not finish within --timeout (no limit by default).\n\
                  On a terminal the output is redrawn; otherwise there is a line for each change.\n\
                  The fields of --output text are: time, `deployment` or `stage`, its name, its status. jsonl prints \
                  each changed answer of the API, json only the last."
)]
pub(crate) struct Watch {
    /// The id of the deployment
    #[arg(value_name = "ID", value_parser = read_id)]
    id: DeploymentId,
    /// The time between two requests
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = read_interval)]
    interval: Duration,
}

/// The shortest time between two requests.
const SHORTEST: Duration = Duration::from_millis(100);
/// The longest time without a check of the timeout.
const TICK: Duration = Duration::from_secs(1);

fn read_interval(text: &str) -> Result<Duration, String> {
    let interval = parse_duration(text)?;
    if interval < SHORTEST {
        return Err(format!("`{text}` is too short; the minimum is {}", humantime::format_duration(SHORTEST)));
    }
    Ok(interval)
}

impl Watch {
    /// # Errors
    /// When it did not complete (exit code 5), or did not finish in time (6); when there is no such deployment
    /// (3), the API does not answer, or Ctrl-C is pressed (130).
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        // Only the flag is the time for the whole watch. The setting is the time for an answer.
        let timeout =
            context.settings.timeout.as_ref().filter(|timeout| timeout.is_flag()).map(|timeout| timeout.value);
        let (sender, receiver) = channel();
        let retries = sender.clone();
        // Without a receiver, the watch is over.
        let api = Api::open(&for_one_answer(&context.settings))?
            .notifying(move |text| drop(retries.send(WatchEvent::NoAnswer(text.to_owned()))));
        let interrupt = sender.clone();
        ctrlc::set_handler(move || drop(interrupt.send(WatchEvent::Interrupted)))
            .map_err(|error| Failure::new(Exit::Failed, format!("can't handle Ctrl-C: {error}")))?;
        let mut view = View::of(&context.printer);
        let polling = Polling { api, id: self.id.clone(), interval: self.interval, endless: timeout.is_some() };
        let polling = spawn(move || polling.run(&sender));
        let watching = Watching { id: &self.id, timeout, polling, receiver, latest: None, trouble: None };
        watching.run(&mut view)
    }
}

/// The settings of a single request: `--timeout` is for the whole watch.
fn for_one_answer(settings: &Settings) -> Settings {
    let timeout = settings.timeout.clone();
    let timeout = timeout.map(|Setting { value, origin }| Setting { value: value.min(TIMEOUT), origin });
    Settings { timeout, ..settings.clone() }
}

/// The state of a watch.
struct Watching<'a> {
    id: &'a DeploymentId,
    timeout: Option<Duration>,
    polling: JoinHandle<()>,
    receiver: Receiver<WatchEvent>,
    latest: Option<Rc<Answer<Deployment>>>,
    /// Why the last request had no answer.
    trouble: Option<String>,
}

impl Watching<'_> {
    fn run(mut self, view: &mut View) -> Result<(), Failure> {
        // A timeout that overflows the clock means no timeout.
        let end = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = end.map_or(TICK, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                view.close(self.latest.as_deref())?;
                return Err(self.not_in_time());
            }
            match self.receiver.recv_timeout(left.min(view.next_update().unwrap_or(TICK))) {
                Ok(WatchEvent::Answered(changed)) => {
                    self.trouble = None;
                    if let Some(answer) = changed {
                        self.latest = Some(Rc::from(answer));
                    }
                }
                Ok(WatchEvent::NoAnswer(text)) => self.trouble = Some(text),
                Ok(WatchEvent::GivenUp(failure)) => return Err(failure),
                Ok(WatchEvent::Interrupted) => return Err(Failure::new(Exit::Interrupted, "")),
                // The thread sends a reason before it ends, unless it panicked.
                Err(_) if self.polling.is_finished() => {
                    return Err(Failure::new(Exit::Failed, "the watch ended because of an internal error"));
                }
                Err(_) => {}
            }
            view.show(self.latest.as_ref(), self.trouble.as_deref())?;
            if let Some(answer) = self.latest.as_ref().filter(|answer| answer.value.status.is_terminal()) {
                view.close(Some(answer))?;
                return result(&answer.value);
            }
        }
    }

    /// The failure of a timeout, with the current status.
    fn not_in_time(&self) -> Failure {
        let within = humantime::format_duration(self.timeout.unwrap_or_default());
        let failure = match self.latest.as_ref().map(|answer| &answer.value) {
            None => Failure::new(Exit::TimedOut, format!("no answer about {} within {within}", self.id)),
            Some(deployment) => {
                let now = api::now();
                let status = Elapsed::of(deployment, now).of_status(deployment.status);
                let mut failure =
                    Failure::new(Exit::TimedOut, format!("{} did not finish within {within}: {status}", self.id));
                for stage in current(deployment).filter(|stage| !stage.status.is_terminal()) {
                    let status = Elapsed::of_stage(stage, now).of_status(stage.status);
                    failure = failure.advise(format!("Stage {}: {status}", stage.stage));
                }
                failure
            }
        };
        match &self.trouble {
            Some(trouble) => failure.advise(format!("The last request had no answer: {trouble}")),
            None => failure,
        }
    }
}

/// The result of a finished deployment, as an exit code.
fn result(deployment: &Deployment) -> Result<(), Failure> {
    if deployment.status == Status::Completed {
        return Ok(());
    }
    let elapsed = Elapsed(deployment.duration_seconds);
    let mut message = format!("{} {}", deployment.deployment_id, elapsed.of_status(deployment.status));
    if let Some(why) = why(deployment) {
        message = format!("{message}: {why}");
    }
    let mut failure = Failure::new(Exit::ConditionNotMet, message);
    if let Some(failed) = deployment.failed_stage.as_ref().filter(|_| deployment.error.is_some()) {
        failure = failure.advise(format!("It failed in {}", failed_in(failed)));
    }
    if let Some(version) = &deployment.rollback_to {
        failure = failure.advise(format!("Rolled back to {version}."));
    }
    Err(failure.advise(format!("`deployment-status status {}` shows the details.", deployment.deployment_id)))
}

/// Why it did not complete, if an event says that.
fn why(deployment: &Deployment) -> Option<String> {
    if let Some(error) =
        deployment.error.as_ref().map(domain::event::Failure::in_words).filter(|error| !error.is_empty())
    {
        return Some(error);
    }
    if let Some(failed) = &deployment.failed_stage {
        return Some(stage_failed(failed));
    }
    let failed: Vec<String> = current(deployment)
        .filter(|stage| stage.status.is_terminal() && stage.status != Status::Completed)
        .map(|stage| format!("stage {} {}", stage.stage, word(stage.status)))
        .collect();
    Some(failed.join(", ")).filter(|failed| !failed.is_empty()).or_else(|| deployment.notes.clone())
}

/// The stage that failed, and why: `stage HEALTH_CHECK failed: 2 of 3 answer`.
fn stage_failed(failed: &FailedStage) -> String {
    match &failed.error {
        Some(error) => format!("stage {} failed: {}", failed.stage, error.in_words()),
        None => format!("stage {} failed", failed.stage),
    }
}
