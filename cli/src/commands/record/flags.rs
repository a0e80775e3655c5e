//! Makes an event from flags. Only the given fields are sent, so the same command sent again is the same
//! event.

use std::collections::BTreeMap;

use clap::Args;
use domain::{DeploymentId, Status, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::commands::history::StatusFlag;
use crate::commands::status::read_id;
use crate::failure::{Exit, Failure};
use crate::moment;

/// The fields of an event as flags. The environment is a global flag.
#[derive(Debug, Args)]
#[command(mut_args = |arg| arg.conflicts_with("file"))]
pub(super) struct EventFlags {
    /// The id of the deployment: all events of a deployment have the same id
    #[arg(long, value_name = "ID", value_parser = read_id, required_unless_present = "file")]
    id: Option<DeploymentId>,
    /// The status of the deployment; with --stage, of that stage
    #[arg(long, value_name = "STATUS", value_parser = StatusFlag, required_unless_present = "file")]
    status: Option<Status>,
    /// The deployed service
    #[arg(long, short, value_name = "NAME")]
    service: Option<String>,
    /// The deployed version
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Report this stage only; the status of the deployment does not follow from that of a stage
    #[arg(long, value_name = "NAME", conflicts_with = "removal")]
    stage: Option<String>,
    /// The deployment is a removal: when it completes, the service no longer runs in the environment
    #[arg(long)]
    removal: bool,
    /// The attempt, from 1; a higher number starts the deployment again
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    attempt: Option<u32>,
    /// When it happened, if not now: 2026-03-01T12:00:00Z, 2026-03-01, 2h
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    occurred_at: Option<Timestamp>,

    /// The deployed commit
    #[arg(long, value_name = "COMMIT", help_heading = "Version and trigger")]
    commit: Option<String>,
    /// When that commit was made; the lead time starts here
    #[arg(long, value_name = "TIME", value_parser = moment::read, help_heading = "Version and trigger")]
    committed_at: Option<Timestamp>,
    /// The deployed artifact
    #[arg(long, value_name = "NAME", help_heading = "Version and trigger")]
    artifact: Option<String>,
    /// The build that made the artifact
    #[arg(long, value_name = "NUMBER", help_heading = "Version and trigger")]
    build_number: Option<String>,
    /// The region of the deployment (--region is the region of the API)
    #[arg(long, value_name = "REGION", help_heading = "Version and trigger")]
    deployed_region: Option<String>,
    /// The release that the deployment is part of
    #[arg(long, value_name = "NAME", help_heading = "Version and trigger")]
    release: Option<String>,
    /// What triggered it
    #[arg(long, value_name = "KIND", ignore_case = true, value_parser = ["manual", "automatic", "scheduled"])]
    #[arg(help_heading = "Version and trigger")]
    triggered_by: Option<String>,
    /// Who triggered it
    #[arg(long, value_name = "NAME", help_heading = "Version and trigger")]
    actor: Option<String>,
    /// Why it was triggered
    #[arg(long, value_name = "TEXT", help_heading = "Version and trigger")]
    reason: Option<String>,

    /// The error message
    #[arg(long, value_name = "TEXT", help_heading = "Result")]
    error_message: Option<String>,
    /// The error code
    #[arg(long, value_name = "CODE", help_heading = "Result")]
    error_code: Option<String>,
    /// The version that a rollback restored
    #[arg(long, value_name = "VERSION", help_heading = "Result")]
    rollback_to: Option<String>,
    /// A metric: durationSeconds, healthScore, errorCount, errorRate, instanceCount, successRate, latencyP95Ms
    /// or trafficPercent; can be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = metric, help_heading = "Result")]
    metric: Vec<(String, Box<RawValue>)>,
    /// A named https link; can be repeated
    #[arg(long, value_name = "NAME=URL", value_parser = link, help_heading = "Result")]
    link: Vec<(String, String)>,
    /// Free text
    #[arg(long, value_name = "TEXT", help_heading = "Result")]
    notes: Option<String>,
    /// Fields of your own: a JSON object
    #[arg(long, value_name = "JSON", value_parser = object, help_heading = "Result")]
    metadata: Option<Box<RawValue>>,

    /// The idempotency key: an event with the same key and source is recorded once [default: a hash of the event]
    #[arg(long, value_name = "ID", help_heading = "Source")]
    event_id: Option<String>,
    /// The tool that reports [default: native]
    #[arg(long, value_name = "NAME", help_heading = "Source")]
    source: Option<String>,
}

/// An event to send; absent fields are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    deployment_id: Option<&'a DeploymentId>,
    status: Option<Status>,
    #[serde(flatten)]
    named: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    committed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    triggered_by: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    error: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metrics: BTreeMap<&'a str, &'a RawValue>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    links: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a RawValue>,
}

impl EventFlags {
    /// The event as JSON.
    ///
    /// # Errors
    /// When a metric or a link is given twice: exit code 2.
    pub(super) fn event(&self, environment: Option<&str>) -> Result<String, Failure> {
        let kind = match (&self.stage, self.removal) {
            (Some(_), _) => Some("stage"),
            (None, true) => Some("removal"),
            (None, false) => None,
        };
        let named = [
            ("type", kind),
            ("stage", self.stage.as_deref()),
            ("service", self.service.as_deref()),
            ("environment", environment),
            ("version", self.version.as_deref()),
            ("commit", self.commit.as_deref()),
            ("artifact", self.artifact.as_deref()),
            ("buildNumber", self.build_number.as_deref()),
            ("region", self.deployed_region.as_deref()),
            ("release", self.release.as_deref()),
            ("rollbackTo", self.rollback_to.as_deref()),
            ("notes", self.notes.as_deref()),
            ("eventId", self.event_id.as_deref()),
            ("source", self.source.as_deref()),
        ];
        let trigger = [
            ("kind", self.triggered_by.as_ref().map(|kind| kind.to_uppercase())),
            ("actor", self.actor.clone()),
            ("reason", self.reason.clone()),
        ];
        let error = [("message", self.error_message.as_deref()), ("code", self.error_code.as_deref())];
        let event = Event {
            deployment_id: self.id.as_ref(),
            status: self.status,
            named: given(named),
            attempt: self.attempt,
            occurred_at: self.occurred_at,
            committed_at: self.committed_at,
            triggered_by: given(trigger),
            error: given(error),
            metrics: once("--metric", self.metric.iter().map(|(name, number)| (name.as_str(), &**number)))?,
            links: once("--link", self.link.iter().map(|(name, url)| (name.as_str(), url.as_str())))?,
            metadata: self.metadata.as_deref(),
        };
        serde_json::to_string(&event).map_err(|error| Failure::new(Exit::Failed, error.to_string()))
    }
}

/// Those that have a value.
fn given<T, const N: usize>(values: [(&'static str, Option<T>); N]) -> BTreeMap<&'static str, T> {
    values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The values of a repeated flag by name. A name that is given twice is an error.
fn once<'a, T>(flag: &str, values: impl Iterator<Item = (&'a str, T)>) -> Result<BTreeMap<&'a str, T>, Failure> {
    let mut all = BTreeMap::new();
    for (name, value) in values {
        if all.insert(name, value).is_some() {
            return Err(Failure::new(Exit::Usage, format!("{flag} {name} is given twice")));
        }
    }
    Ok(all)
}

fn metric(text: &str) -> Result<(String, Box<RawValue>), String> {
    let (name, number) = pair(text, "healthScore=99.5")?;
    // The number keeps its form, if it is a number in JSON.
    let raw = serde_json::from_str::<serde_json::Number>(number).and_then(|_| RawValue::from_string(number.to_owned()));
    raw.map(|raw| (name, raw)).map_err(|_| format!("`{number}` is not a number; an example: 99.5"))
}

fn link(text: &str) -> Result<(String, String), String> {
    pair(text, "run=https://ci.example.com/run/42").map(|(name, url)| (name, url.to_owned()))
}

fn pair<'a>(text: &'a str, example: &str) -> Result<(String, &'a str), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value))
        .ok_or_else(|| format!("must have the form NAME=VALUE, for example {example}"))
}

fn object(text: &str) -> Result<Box<RawValue>, String> {
    let raw = RawValue::from_string(text.to_owned()).map_err(|error| format!("not JSON: {error}"))?;
    if raw.get().starts_with('{') {
        Ok(raw)
    } else {
        Err("must be a JSON object, for example {\"team\": \"blue\"}".to_owned())
    }
}
