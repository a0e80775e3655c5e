//! GitHub's webhooks. Documented in GitHub's "Webhook events and payloads"; each event's values are
//! in its REST description of the same name.
//!
//! | event | is read as |
//! |---|---|
//! | `deployment`, `deployment_status` | a deployment (`deployment`) |
//! | `workflow_run` | a deployment, where a rule says so (`actions`) |
//! | `workflow_job` | a stage of the deployment that it names, else of its run, where a rule says so (`actions`) |
//! | `deployment_protection_rule` | an approval of the deployment that it names (`approval`) |
//! | `deployment_review` | an approval of its run, where a rule says so (`approval`) |
//!
//! None says that something was rolled back: an earlier version that is deployed again is a deployment
//! like any other.

mod actions;
mod approval;
mod deployment;
mod objects;

use domain::Timestamp;
use serde_json::Value;

use crate::payload::Payload;
use crate::reading::{Read, Reading};
use crate::rejection::Rejection;

/// Reads a webhook; the header `X-GitHub-Event` names its event.
pub(super) fn read(payload: &Payload<'_>, now: Timestamp) -> Result<Read, Rejection> {
    let event = payload.header("x-github-event").ok_or(Rejection::MissingHeader("X-GitHub-Event"))?;
    Ok(of_event(event, &payload.json()?, now))
}

fn of_event(event: &str, payload: &Value, now: Timestamp) -> Read {
    match event {
        "deployment" | "deployment_status" => deployment::read(event, payload, now),
        "workflow_run" => actions::run(payload, now),
        "workflow_job" => actions::job(payload, now),
        "deployment_protection_rule" => approval::protection_rule(payload, now),
        "deployment_review" => approval::review(payload, now),
        other => Ok(Reading::not_read(format!("{other:?}"))),
    }
}
