//! A small demo history, as some pipelines would report it, so that every question has an answer.

use api::{Gate, Gated, Overridden, Request};
use domain::event::Reason;
use domain::identifiers::Identifier as _;
use domain::{Commit, DeploymentId, Timestamp};
use event_processor::Message;
use serde_json::{Value, json};

use crate::System;

mod deployments;
mod settings;

/// A gate that the demo asks: service, version, environment, when (minutes ago), and why a denial is overridden.
type Asked = (&'static str, &'static str, &'static str, i64, Option<&'static str>);

const DAY: i64 = 24 * 60;

const GATES: [Asked; 3] = [
    // Denied by a freeze, and overridden with a reason.
    ("payments", "1.19.0", "production", DAY + 9, None),
    ("payments", "1.19.0", "production", DAY + 4, Some("customers are charged twice")),
    // Asked too early: staging has run it for half an hour.
    ("catalog", "4.11.0", "production", 15, None),
];

/// What happens next.
enum Next {
    /// A pipeline reports this.
    Event(Value),
    /// A pipeline asks a gate, and reports what it says.
    Gate(&'static Asked),
}

/// Records and publishes the demo history: each event a moment after it happened. Answers how many there are. Where no
/// settings are in force, those of the demo are.
///
/// # Errors
/// When something can't be recorded; all of it is valid.
pub async fn record(system: &System, now: Timestamp) -> Result<usize, String> {
    settings::apply(system, now).await?;
    let mut story: Vec<(Timestamp, Next)> =
        deployments::events(now).into_iter().map(|(at, event)| (at, Next::Event(event))).collect();
    story.extend(GATES.iter().map(|asked| (minutes_before(now, asked.3), Next::Gate(asked))));
    story.sort_by_key(|(at, _)| *at);
    let count = story.len();
    for (number, (at, next)) in story.into_iter().enumerate() {
        let detail = match next {
            Next::Event(detail) => detail,
            Next::Gate(asked) => decided(system, asked, at).await?,
        };
        let recorded_at = at.plus_millis(800).min(now);
        let raw = reported(&detail, at).to_string();
        let message = Message { id: format!("demo-{number}"), raw, sent_at: recorded_at };
        if let Some((_, error)) = system.processor.receive(vec![message], recorded_at).await.pop() {
            return Err(error.to_string());
        }
        // At once, as anything that is recorded: thousands that come late would make a digest.
        system.publish(recorded_at).await;
    }
    Ok(count)
}

/// What the gate says at that time, as the stage that a pipeline reports.
async fn decided(system: &System, asked: &Asked, at: Timestamp) -> Result<Value, String> {
    let (service, version, environment, _, reason) = *asked;
    let id = deployments::id(service, environment, version);
    let query = [("service", service), ("environment", environment), ("version", version), ("deploymentId", &id)];
    let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let question = Request { method: "GET".to_owned(), path: "/v1/gate".to_owned(), query, ..Request::default() };
    let answer = system.query.http(&question, at).await.map_err(|error| error.to_string())?;
    let gate: Gate = serde_json::from_str(&answer.body).map_err(|error| format!("{error}: {}", answer.body))?;
    let wrong = |error: &dyn std::fmt::Display| format!("{id}: {error}");
    let commit = Commit::parse(&deployments::commit(service, version)).map_err(|error| wrong(&error))?;
    let reason = reason.map(Reason::parse).transpose().map_err(|error| wrong(&error))?;
    let overridden = reason.as_ref().map(|reason| Overridden { reason, actor: Some("ada@example.com") });
    let deployment_id = &DeploymentId::parse(&id).map_err(|error| wrong(&error))?;
    let gated = Gated { deployment_id, service, environment, version, commit: Some(&commit) };
    Ok(gate.recorded(&gated, overridden.as_ref()))
}

/// An event as it comes from the bus.
fn reported(detail: &Value, at: Timestamp) -> Value {
    json!({
        "version": "0",
        "source": "demo.pipeline",
        "detail-type": "Deployment Event",
        "account": "123456789012",
        "region": "eu-west-1",
        "time": at,
        "detail": detail,
    })
}

fn minutes_before(now: Timestamp, minutes: i64) -> Timestamp {
    now.plus_millis(-minutes * 60_000)
}
