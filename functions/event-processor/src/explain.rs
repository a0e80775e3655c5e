//! How a payload would be read and what rules make of it, without recording anything: for trying out
//! rules and connections before they are deployed.

use std::collections::BTreeMap;

use api::Problem;
use api::Request;
use domain::ledger::recording::Received;
use domain::source_rules::{Origin, Said, SourceRules};
use domain::{Event, FieldError, Timestamp};
use serde::Serialize;

use crate::decide::{Decision, apply, judge};
use crate::door::Door;
use crate::formats::envelope::Envelope;
use crate::formats::{Read, Reading, from_event_bridge};
use crate::http;

/// What would become of a payload, and why.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The door through which it was read.
    pub door: &'static str,
    /// `recorded`, `ignored` or `refused`.
    pub outcome: &'static str,
    /// Why it is ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The source that rules know it by; absent for our own events, which no rule touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// What rules can ask of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<&'static str, String>,
    /// Which rule said what: `environment`, `service` and `deployment`, each with its rule.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<&'static str, String>,
    /// What would be recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<Event>>,
}

/// Explains the payload of a request, at its door or at the one that it is most likely meant for. An
/// array of events is explained one by one.
///
/// # Errors
/// The problem that the request as a whole would be answered with, proof of its origin apart.
pub fn explain(
    door: Option<Door>,
    request: &Request,
    rules: &SourceRules,
    now: Timestamp,
) -> Result<Vec<Explanation>, Problem> {
    let door = door.unwrap_or_else(|| Door::guess(request));
    let reads = match door {
        Door::EventBridge => vec![event_bridge(request, now)],
        Door::Events => http::events::read(request, now)?,
        Door::Webhook(webhook) => vec![http::webhooks::read(webhook, request, now)?],
    };
    Ok(reads.into_iter().map(|read| Explanation::of(door, read, rules, now)).collect())
}

fn event_bridge(request: &Request, now: Timestamp) -> Read {
    match Envelope::read(&String::from_utf8_lossy(&request.body), now)? {
        Ok(envelope) => from_event_bridge(envelope, now),
        Err(reason) => Ok(Reading::Ignore(reason)),
    }
}

impl Explanation {
    fn of(door: Door, read: Read, rules: &SourceRules, now: Timestamp) -> Self {
        let mut explained = Self {
            door: door.name(),
            outcome: "refused",
            reason: None,
            errors: Vec::new(),
            source: None,
            facts: BTreeMap::new(),
            rules: BTreeMap::new(),
            event: None,
        };
        let decided = read.and_then(|reading| match reading {
            Reading::Ignore(reason) => Ok(Decision::Ignore(reason)),
            Reading::Report(report) => {
                explained.source = report.origin.as_ref().map(|origin| origin.source);
                let facts = report.origin.iter().flat_map(Origin::facts);
                explained.facts = facts.map(|(name, text)| (name, text.to_owned())).collect();
                let verdict = judge(&report, rules)?;
                explained.rules = [
                    ("environment", verdict.environment.as_ref().map(said)),
                    ("service", verdict.service.as_ref().map(said)),
                    ("deployment", verdict.deployment.as_ref().map(said)),
                ]
                .into_iter()
                .filter_map(|(what, said)| Some((what, said?)))
                .collect();
                Ok(apply(*report, verdict))
            }
        });
        match decided {
            Ok(Decision::Record(event)) => match Received::new(&event, now, "") {
                Ok(received) => {
                    explained.outcome = "recorded";
                    explained.event = Some(Box::new(received.event));
                }
                Err(errors) => explained.errors = errors,
            },
            Ok(Decision::Ignore(reason)) => {
                explained.outcome = "ignored";
                explained.reason = Some(reason);
            }
            Err(errors) => explained.errors = errors,
        }
        explained
    }
}

/// What a rule says, and which: `production, by rule 2 (clusters)`.
fn said<T: std::fmt::Display>(said: &Said<T>) -> String {
    format!("{}, by {}", said.value, said.rule)
}
