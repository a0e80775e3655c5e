//! A small demo history, as some pipelines would report it, so that every question has an answer.

use api::{CheckOutcome, Gate, Request};
use domain::Timestamp;
use domain::ledger::gated;
use event_processor::Message;
use serde_json::{Value, json};

use crate::System;

mod deployments;
mod settings;

/// A gate that the demo asks: service, version, environment, and when (minutes ago).
type Asked = (&'static str, &'static str, &'static str, i64);

/// Asked too early: staging has run it for half an hour.
const GATES: [Asked; 1] = [("catalog", "4.11.0", "production", 15)];

/// What happens next.
enum Next {
    /// A pipeline reports this.
    Event(Value),
    /// A pipeline asks a gate, and reports what it says.
    Gate(&'static Asked),
}

/// Records the demo history: each event is recorded a moment after it happened. Answers how many there are. Where no
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
    }
    Ok(count)
}

/// What the gate says at that time, as the stage that a pipeline reports.
async fn decided(system: &System, asked: &Asked, at: Timestamp) -> Result<Value, String> {
    let (service, version, environment, _) = *asked;
    let id = deployments::id(service, environment, version);
    let query = [("service", service), ("environment", environment), ("version", version), ("deploymentId", &id)]
        .map(|(n, v)| (n.to_owned(), v.to_owned()));
    let question =
        Request { method: "GET".to_owned(), path: "/v1/gate".to_owned(), query: query.into(), ..Request::default() };
    let answer = system.query.http(&question, at).await.map_err(|error| error.to_string())?;
    let gate: Gate = serde_json::from_str(&answer.body).map_err(|error| format!("{error}: {}", answer.body))?;
    let failed = gate.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
    let failed: Vec<&str> = failed.map(|check| check.detail.as_str()).collect();
    let mut event = json!({
        "deploymentId": id, "type": "stage", "stage": gated::STAGE, "occurredAt": at,
        "service": service, "environment": environment, "version": version,
        "commit": deployments::commit(service, version),
        "status": if failed.is_empty() { "COMPLETED" } else { "FAILED" },
        "metadata": {"gate": gate},
    });
    if !failed.is_empty() {
        event["error"] = json!({"code": gated::DENIED, "message": failed.join("; ")});
    }
    Ok(event)
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
