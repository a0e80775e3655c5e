//! `observe`: reports what was measured of a deployment, or of what runs in a place, or what an alarm said of it.

use std::collections::BTreeMap;

use api::{Outcome, Receipt};
use clap::Args;
use domain::event::{Alarm, AlarmState};
use domain::{DeploymentId, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::Context;
use super::status::read_id;
use crate::api::now;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::output::{Output, shown};
use crate::settings::Origin;

/// Report what was measured of a deployment, or of what runs, or what an alarm said
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status observe --id checkout-42 --metric healthScore=97 --metric errorRate=0.4\n  \
        deployment-status observe -s checkout -e production --metric errorRate=7.5\n  \
        deployment-status observe --id checkout-42 --metric latencyP95Ms=310 --baseline latencyP95Ms=240\n  \
        deployment-status observe -s checkout -e production --alarm checkout-errors --state ALARM --decisive",
    after_help = "What is measured changes no status: `status` shows the verdict that follows from it. With --id it is of \
                  that deployment; without, of whatever ran in the environment at that time. By healthScore, errorRate \
                  and latencyP95Ms it is judged; a latency needs its baseline, from before the deployment. An alarm that goes off \
                  makes it suspected, or bad if it is decisive."
)]
pub(crate) struct Observe {
    /// The deployment; otherwise --service and --environment say what is observed
    #[arg(long, value_name = "ID", value_parser = read_id)]
    id: Option<DeploymentId>,
    /// The service
    #[arg(long, short, value_name = "NAME", required_unless_present = "id")]
    service: Option<String>,
    /// What was measured: healthScore, errorRate or latencyP95Ms, or another metric; can be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = figure, required_unless_present = "alarm")]
    metric: Vec<(String, f64)>,
    /// The same as it was before the deployment; can be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = figure)]
    baseline: Vec<(String, f64)>,
    /// What an alarm of this name said, instead of metrics
    #[arg(long, value_name = "NAME", requires = "state", conflicts_with_all = ["metric", "baseline"])]
    alarm: Option<String>,
    /// What the alarm said: that it went off, or that all is well
    #[arg(long, value_name = "STATE", value_parser = ["ALARM", "OK"], requires = "alarm")]
    state: Option<String>,
    /// Why the alarm said so
    #[arg(long, value_name = "TEXT", requires = "alarm")]
    reason: Option<String>,
    /// What runs is bad when this alarm goes off, and not only suspected
    #[arg(long, requires = "alarm")]
    decisive: bool,
    /// The region that was measured (--region is the region of the API)
    #[arg(long, value_name = "REGION")]
    deployed_region: Option<String>,
    /// When it was measured, if not now: 2026-03-01T12:00:00Z, 2026-03-01, 2h
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    occurred_at: Option<Timestamp>,
    /// The idempotency key: an event with the same key and source is recorded once [default: a hash of the event]
    #[arg(long, value_name = "ID")]
    event_id: Option<String>,
    /// The tool that measured [default: native]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
}

/// An observation to send; absent fields are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Observation<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    named: BTreeMap<&'static str, &'a str>,
    occurred_at: Timestamp,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metrics: BTreeMap<&'a str, f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    baseline: BTreeMap<&'a str, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<Alarm>,
}

/// Parses `NAME=NUMBER`.
fn figure(text: &str) -> Result<(String, f64), String> {
    let wrong = || "must be NAME=NUMBER, such as errorRate=0.4".to_owned();
    let (name, number) = text.split_once('=').ok_or_else(wrong)?;
    let number: f64 = number.parse().map_err(|_| wrong())?;
    if name.is_empty() || !number.is_finite() {
        return Err(wrong());
    }
    Ok((name.to_owned(), number))
}

impl Observe {
    /// # Errors
    /// When neither a deployment nor a place is named, or a metric twice (exit code 2), or the API does not answer, or
    /// does not record it (1).
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        // A setting for queries must not become part of an event by accident.
        let given = context.settings.environment.as_ref();
        let given = given.filter(|setting| !matches!(setting.origin, Origin::File(_)));
        let environment = given.map(|setting| setting.value.as_str()).filter(|name| !name.is_empty());
        if self.id.is_none() && environment.is_none() {
            let failure = Failure::new(Exit::Usage, "it is not said what was measured");
            return Err(failure.advise("Name the deployment with --id, or the environment with -e."));
        }
        let named = [
            ("deploymentId", self.id.as_ref().map(DeploymentId::as_str)),
            ("service", self.service.as_deref()),
            ("environment", environment),
            ("region", self.deployed_region.as_deref()),
            ("eventId", self.event_id.as_deref()),
            ("source", self.source.as_deref()),
            ("notes", self.notes.as_deref()),
        ];
        let observation = Observation {
            r#type: "observation",
            named: named.into_iter().filter_map(|(name, text)| Some((name, text?))).collect(),
            occurred_at: self.occurred_at.unwrap_or_else(now),
            metrics: distinct("--metric", &self.metric)?,
            baseline: distinct("--baseline", &self.baseline)?,
            alarm: self.said(),
        };
        let answer = match context.api()?.post::<Receipt>("/v1/events", &json!(observation).to_string())? {
            Ok(answer) => answer,
            Err(problem) => {
                let failure = Failure::new(Exit::Failed, format!("it is not recorded: {}", shown(&problem.detail)));
                return Err(problem.errors.iter().fold(failure, |failure, error| {
                    failure.advise(format!("{}: {}", shown(&error.field), shown(&error.detail)))
                }));
            }
        };
        let printer = &context.printer;
        match printer.output {
            Output::Json => printer.json(&answer.body),
            Output::Jsonl => printer.line(&answer.body),
            Output::Text => {
                let sequence = answer.value.sequence.map(|sequence| sequence.to_string()).unwrap_or_default();
                let history = shown(answer.value.deployment_id.as_deref().unwrap_or_default());
                printer.text(&format!("{history}\t{sequence}\n"))
            }
            Output::Table => {
                let of = match &self.id {
                    Some(id) => shown(id.as_str()),
                    None => format!(
                        "what ran of {} in {}",
                        shown(self.service.as_deref().unwrap_or_default()),
                        shown(environment.unwrap_or_default())
                    ),
                };
                let is_new = answer.value.outcome == Outcome::Recorded;
                let how = if is_new { "is recorded" } else { "was recorded before" };
                let what = match &self.alarm {
                    Some(alarm) => format!("What {} said", shown(alarm)),
                    None => "What was measured".to_owned(),
                };
                printer.text(&format!("{what} of {of} {how}.\n"))
            }
        }
    }
}

impl Observe {
    /// What the alarm said, if it is one.
    fn said(&self) -> Option<Alarm> {
        let state = AlarmState::parse(self.state.as_deref()?)?;
        Some(Alarm { name: self.alarm.clone()?, state, reason: self.reason.clone(), decisive: self.decisive })
    }
}

/// The figures by name, each of which may be given once.
fn distinct<'a>(flag: &str, figures: &'a [(String, f64)]) -> Result<BTreeMap<&'a str, f64>, Failure> {
    let mut named = BTreeMap::new();
    for (name, number) in figures {
        if named.insert(name.as_str(), *number).is_some() {
            return Err(Failure::new(Exit::Usage, format!("{flag} names {} twice", shown(name))));
        }
    }
    Ok(named)
}
