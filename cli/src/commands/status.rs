//! `status`: a deployment and its stages.

use api::{Deployment, Expected, ExpectedOf, FailedStage, JudgedDeployment, Pace, PaceState, Previous, Stage};
use clap::Args;
use domain::event::Trigger;
use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Timestamp, label};

use super::Context;
use crate::api::deployment_path;
use crate::failure::Failure;
use crate::moment;
use crate::names::advise_deployments;
use crate::output::{Column, Details, Field, Output, Table, shown};

mod verdict;

/// Show a deployment and its stages.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
    deployment-status status checkout-production-2.8.0\n  \
    deployment-status status checkout-production-2.8.0 --as-of 2.weeks.ago\n  \
    deployment-status status checkout-production-2.8.0 --output json | jq .status",
    after_help = "The fields of --output text are: deployment, status, service, environment, version, creation, end, \
                  duration in seconds, stage."
)]
pub(crate) struct Status {
    /// The id of the deployment
    #[arg(value_name = "ID", value_parser = read_id)]
    id: DeploymentId,
    /// How it stood at this time: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// As it was known at this time, without events that were recorded later
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    known_at: Option<Timestamp>,
}

/// Reads a deployment's id.
pub(crate) fn read_id(text: &str) -> Result<DeploymentId, String> {
    DeploymentId::parse(text).map_err(|invalid| invalid.to_string())
}

impl Status {
    /// # Errors
    /// When there is no such deployment (exit code 3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let api = context.api()?;
        let (as_of, known_at) = (self.as_of.map(String::from), self.known_at.map(String::from));
        let times = [("asOf", as_of.as_deref()), ("knownAt", known_at.as_deref())];
        let answer = api.get::<JudgedDeployment>(&deployment_path(&self.id, ""), &times);
        let answer = answer.map_err(|failure| advise_deployments(&api, self.id.as_str(), failure))?;
        let printer = &context.printer;
        match printer.output {
            Output::Json => printer.json(&answer.body),
            Output::Jsonl => printer.line(&answer.body),
            Output::Text => printer.text(&as_text(&answer.value.deployment)),
            Output::Table => {
                let JudgedDeployment { deployment, verdict } = &answer.value;
                let mut details = details(deployment, context);
                verdict::add(&mut details, verdict.as_ref(), printer.look.now);
                printer.text(&details.render(&printer.look))?;
                let stages = stages(deployment, context);
                if stages.is_empty() { Ok(()) } else { printer.text(&format!("\n{}", stages.render(&printer.look))) }
            }
        }
    }
}

/// The fields as the help lists them; the first eight are the same as in `history`.
fn as_text(deployment: &Deployment) -> String {
    let d = deployment;
    let seconds = d.duration_seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    let fields = [
        d.deployment_id.as_str(),
        d.status.as_str(),
        &d.service,
        &d.environment,
        d.version.as_deref().unwrap_or_default(),
        &d.created_at,
        d.finished_at.as_deref().unwrap_or_default(),
        &seconds,
        d.stage.as_deref().unwrap_or_default(),
    ];
    fields.map(shown).join("\t") + "\n"
}

/// All its fields, line by line.
pub(crate) fn details(deployment: &Deployment, context: &Context) -> Details {
    let d = deployment;
    let now = context.printer.look.now;
    let mut details = Details::new(&d.deployment_id);
    let mut add = |name, field: Field| details.add(name, field);
    add("Status", Field::status(d.status));
    add("Service", Field::of(&d.service));
    add("Environment", Field::of(&d.environment));
    let named = [
        ("Version", &d.version),
        ("Commit", &d.commit),
        ("Artifact", &d.artifact),
        ("Build", &d.build_number),
        ("Region", &d.region),
        ("Release", &d.release),
        ("Stage", &d.stage),
    ];
    for (name, text) in named {
        if let Some(text) = text {
            add(name, Field::of(text));
        }
    }
    if d.attempt > 1 {
        add("Attempt", Field::plain(d.attempt));
    }
    add("Created", Field::time(Some(&d.created_at), now));
    if let Some(waited) = d.waited_seconds.filter(|waited| *waited > 0.0) {
        add("Started", Field::time(d.started_at.as_deref(), now));
        add("Waited", Field::seconds(Some(waited)));
    }
    match &d.finished_at {
        Some(finished) => add("Finished", Field::time(Some(finished), now)),
        None => add("Last event", Field::time(Some(&d.updated_at), now)),
    }
    if d.duration_seconds.is_some() {
        add("Duration", Field::seconds(d.duration_seconds));
    }
    if let Some(expected) = d.expected() {
        add("Expected", Field::of(&expected_in_words(expected)));
    }
    if let Some(pace) = d.pace().filter(|pace| pace.state != PaceState::OnTime) {
        add("Pace", Field::of(&pace_in_words(pace)));
    }
    if let Some(previous) = d.outlook.as_ref().and_then(|outlook| outlook.previous.as_ref()) {
        add("Before it", Field::of(&previous_in_words(previous)));
    }
    if let Some(trigger) = &d.triggered_by {
        add("Triggered by", Field::of(&by(trigger)));
    }
    if let Some(who) = d.reported_by.as_deref().filter(|who| !who.is_empty()) {
        add("Reported by", Field::of(&who.join(", ")));
    }
    if let Some(failed) = &d.failed_stage {
        add("Failed in", Field::of(&failed_in(failed)));
    }
    if let Some(error) = &d.error {
        add("Error", Field::of(&error.in_words()));
    }
    if let Some(version) = &d.rollback_to {
        add("Rolled back to", Field::of(version));
    }
    if let Some(metrics) = d.metrics.as_ref().and_then(|metrics| serde_json::to_value(metrics).ok()) {
        let given = metrics.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let given: Vec<String> =
            given.map(|(name, value)| format!("{name} {}", value.as_f64().unwrap_or_default())).collect();
        add("Metrics", Field::of(&given.join(", ")));
    }
    if let Some(notes) = &d.notes {
        add("Notes", Field::of(notes));
    }
    for (name, link) in &d.links {
        add("Link", Field::of(&format!("{name} {link}")));
    }
    if !d.flags.is_empty() {
        let flags: Vec<&str> = d.flags.iter().map(|flag| flag.as_str()).collect();
        add("Flags", Field::of(&flags.join(", ")));
    }
    add("Events", Field::plain(d.event_count));
    details
}

/// The stage that failed, and what went wrong in it.
pub(crate) fn failed_in(failed: &FailedStage) -> String {
    match &failed.error {
        Some(error) => format!("{}: {}", failed.stage, error.in_words()),
        None => failed.stage.clone(),
    }
}

/// How long it should take: `about 4m, 95 % within 5m (of the last 50 here)`.
fn expected_in_words(expected: &Expected) -> String {
    let (seconds, p95) = (moment::duration(expected.seconds), moment::duration(expected.p95));
    let of = match expected.of {
        ExpectedOf::Place => "of this service here",
        ExpectedOf::Environment => "of the whole environment",
    };
    format!("about {seconds}, 95 % within {p95} (by the last {} {of})", expected.from)
}

/// That it takes too long: `slow, in stage BUILD`, `stalled: nothing was reported for more than 5m`.
fn pace_in_words(pace: &Pace) -> String {
    let stage = pace.stage.as_ref().map_or(String::new(), |stage| format!(", in stage {stage}"));
    let silent = pace.silent_after_seconds.map(moment::duration).unwrap_or_default();
    match (pace.state, pace.slow_after_seconds.map(moment::duration)) {
        (PaceState::Stalled, Some(limit)) => {
            format!("stalled{stage}: it takes more than {limit}, and nothing was reported for {silent} or more")
        }
        (PaceState::Stalled, None) => format!("stalled{stage}: nothing was reported for {silent} or more"),
        (_, Some(limit)) => format!("slow{stage}: it takes more than {limit}, and still reports"),
        (_, None) => String::new(),
    }
}

/// What landed before it: `checkout-6 (2.7.9)`.
fn previous_in_words(previous: &Previous) -> String {
    match label(previous.version.as_deref(), previous.commit.as_deref()) {
        Some(label) => format!("{} ({label})", previous.deployment_id),
        None => previous.deployment_id.clone(),
    }
}

/// Who or what triggered it, and why.
pub(crate) fn by(trigger: &Trigger) -> String {
    let kind = trigger.kind.map(|kind| format!("{kind:?}").to_lowercase());
    let mut text = trigger.actor.clone().or_else(|| kind.clone()).unwrap_or_default();
    if let Some(reason) = &trigger.reason {
        text = format!("{text}: {reason}");
    }
    match kind.filter(|_| trigger.actor.is_some()) {
        Some(kind) => format!("{text} ({kind})"),
        None => text,
    }
}

/// The stages as a table.
pub(crate) fn stages(deployment: &Deployment, context: &Context) -> Table {
    let (now, stages) = (context.printer.look.now, deployment.stages.as_slice());
    let usual = |stage: &Stage| deployment.expected_stage(&stage.stage).map(|expected| expected.seconds);
    let usually = stages.iter().any(|stage| usual(stage).is_some());
    let several = stages.iter().any(|stage| stage.attempt > 1);
    let failures = stages.iter().any(|stage| stage.error.is_some());
    let mut columns = vec![Column::of("STAGE"), Column::of("STATUS")];
    columns.extend([Column::optional("STARTED", 2), Column::optional("DURATION", 1).right()]);
    if usually {
        columns.push(Column::optional("USUALLY", 3).right());
    }
    if several {
        columns.push(Column::optional("ATTEMPT", 3).right());
    }
    if failures {
        columns.push(Column::optional("ERROR", 4));
    }
    let mut table = Table::new(&columns);
    for stage in stages {
        let mut row = vec![Field::of(&stage.stage), Field::status(stage.status)];
        row.extend([Field::time(stage.started_at.as_deref(), now), Field::seconds(stage.duration_seconds)]);
        if usually {
            row.push(Field::seconds(usual(stage)));
        }
        if several {
            row.push(Field::plain(stage.attempt));
        }
        if failures {
            row.push(stage.error.as_ref().map_or_else(Field::absent, |error| Field::of(&error.in_words())));
        }
        table.add(row);
    }
    table
}
