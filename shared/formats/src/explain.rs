//! How a payload would be read and what rules make of it, without recording anything: for trying out
//! rules and connections before they are deployed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::identifiers::Region;
use domain::{Event, FieldError, Timestamp};
use serde::Serialize;

use crate::door::Door;
use crate::judge::{Arrival, Decision, Judgement, judge};
use crate::origin::Origin;
use crate::payload::Payload;
use crate::read;
use crate::rejection::Rejection;
use crate::rules::Stated;
use crate::settings::Settings;

/// What would become of an event, and why.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The door through which it was read.
    pub door: Door,
    /// What would become of it.
    pub outcome: Outcome,
    /// Why it is ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The source that rules know it by; absent for our own events, which no rule touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Cow<'static, str>>,
    /// The facts that rules see of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<&'static str, String>,
    /// Which rule said what: `environment`, `service`, `region`, `deployment`, `oncePer`, `inactive` and
    /// `decisive`, each with its rule.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<&'static str, String>,
    /// What would be recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<Event>>,
}

/// What would become of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It would be recorded.
    Recorded,
    /// Nothing would be recorded, and nothing is wrong with it.
    Ignored,
    /// It would be rejected.
    Refused,
}

/// Explains a payload, at its door or at the one that it is most likely meant for; each event of an
/// array by itself.
///
/// # Errors
/// Why nothing of it can be read.
pub fn explain(
    door: Option<Door>,
    payload: &Payload<'_>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Explanation>, Rejection> {
    let door = door.unwrap_or_else(|| Door::guess(payload));
    let arrival = Arrival::tried(now);
    let elements = read::at(door.clone(), payload, now)?.into_elements();
    Ok(elements.into_iter().map(|element| Explanation::of(door.clone(), judge(element, settings, arrival))).collect())
}

impl Explanation {
    fn of(door: Door, judgement: Judgement) -> Self {
        let Judgement { origin, verdict, decision } = judgement;
        let rules = [
            ("environment", verdict.environment.as_ref().map(shown)),
            ("service", verdict.service.as_ref().map(shown)),
            ("region", verdict.region.as_ref().map(shown_region)),
            ("deployment", verdict.deployment.as_ref().map(shown)),
            ("oncePer", verdict.once_per.as_ref().map(shown)),
            ("inactive", verdict.removes.as_ref().map(shown)),
            ("decisive", verdict.decisive.as_ref().map(shown)),
        ];
        let facts = origin.iter().flat_map(Origin::facts);
        let (outcome, reason, errors, event) = match decision {
            Decision::Record(received) => (Outcome::Recorded, None, Vec::new(), Some(Box::new(received.event))),
            Decision::Ignore(reason) => (Outcome::Ignored, Some(reason.to_string()), Vec::new(), None),
            Decision::Reject(rejection) => (Outcome::Refused, None, rejection.into_errors(), None),
        };
        Self {
            door,
            outcome,
            reason,
            errors,
            source: origin.as_ref().map(|origin| origin.source.clone()),
            facts: facts.map(|(name, text)| (name, text.to_owned())).collect(),
            rules: rules.into_iter().filter_map(|(what, stated)| Some((what, stated?))).collect(),
            event,
        }
    }
}

/// What a rule says, and which: `production, from rule 2 (clusters)`.
fn shown<T: std::fmt::Display>(stated: &Stated<T>) -> String {
    format!("{}, from {}", stated.value, stated.rule)
}

/// The same of the region: `none, from rule 3` where the rule clears it.
fn shown_region(stated: &Stated<Option<Region>>) -> String {
    let region = stated.value.as_ref().map_or("none", |region| region.as_str());
    format!("{region}, from {}", stated.rule)
}
