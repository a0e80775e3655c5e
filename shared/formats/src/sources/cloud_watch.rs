//! Amazon CloudWatch's alarms, as EventBridge delivers their changes of state.
//! Documented in the Amazon CloudWatch user guide, "Alarm events and EventBridge".
//!
//! * What an alarm says is an observation of a place, and the event does not say of which: a rule has to. What no rule
//!   gives a place is ignored.
//! * A change is known by its alarm, its state and its time, however often it is delivered.
//! * A composite alarm also sends events when its actions begin or cease to be suppressed: its state is then what it was.
//!   So it is where somebody edits an alarm.
//! * Alarms have several metrics where they compute one of them (metric math, a band of anomaly detection, a query),
//!   and none where they are made of other alarms. What metrics have in common stands once in the facts.
//! * Tags are there where the alarm propagates them.

use std::collections::BTreeSet;

use domain::event::{Alarm, AlarmState, Kind};
use domain::identifiers::{DeploymentId, Environment, EventId, Service};
use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::envelope::Envelope;
use crate::fields::{any, bounded, identifier, not_in_future, typed};
use crate::ids::digest;
use crate::reading::{Read, Reading, Report};

/// What rules know it by.
pub(crate) const NAME: &str = "aws.cloudwatch";
/// The fact that is the alarm's name.
pub(crate) const ALARM_NAME: &str = "alarmName";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    alarm_name: String,
    state: State,
    previous_state: Option<State>,
    #[serde(default)]
    configuration: Configuration,
    /// Names and values.
    #[serde(default)]
    alarm_tags: Value,
}

#[derive(Deserialize)]
struct State {
    value: String,
    reason: Option<String>,
    timestamp: Option<String>,
}

#[derive(Default, Deserialize)]
struct Configuration {
    description: Option<String>,
    /// Metrics, and what is computed of them: only some have a `metricStat`.
    #[serde(default)]
    metrics: Value,
}

/// Reads a change of an alarm's state.
pub(super) fn read(envelope: &Envelope, now: Timestamp) -> Read {
    if envelope.detail_type != "CloudWatch Alarm State Change" {
        return Ok(Reading::not_read(format!("{:?}", envelope.detail_type)));
    }
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let said = detail.state;
    if said.value == "INSUFFICIENT_DATA" {
        return Ok(Reading::nothing_new("an alarm without enough data says nothing of what runs"));
    }
    let Some(state) = AlarmState::parse(&said.value) else {
        let wrong = format!("{:?} is no state of an alarm that CloudWatch documents", said.value);
        return Err(vec![FieldError::new("detail.state.value", wrong)]);
    };
    if detail.previous_state.is_some_and(|before| before.value == said.value) {
        return Ok(Reading::nothing_new("the alarm's state is what it was"));
    }
    let time = match &said.timestamp {
        Some(text) => time("detail.state.timestamp", text, now)?,
        None => envelope.required_time()?,
    };
    let name = detail.alarm_name;
    if name.trim().is_empty() || name.len() > Alarm::NAME_BYTES {
        let wrong = format!("must have 1 to {} bytes", Alarm::NAME_BYTES);
        return Err(vec![FieldError::new("detail.alarmName", wrong)]);
    }
    let resources: Option<Vec<String>> = any(&envelope.resources, "resources")?;
    let arn = resources.into_iter().flatten().next().unwrap_or_else(|| name.clone());
    let key = digest(&[&arn, state.as_str(), &time.to_string()]);
    let nowhere = DeploymentId::of_observations_in(&Environment::unknown(), &Service::unknown(), time);
    let mut event = envelope.event(nowhere, Kind::Observation, Status::Completed)?;
    event.occurred_at = Some(time);
    event.event_id = Some(identifier::<EventId>("detail.alarmName", &format!("alarm:{key}"))?);
    event.named.region = envelope.region();
    let reason = said.reason.as_deref().map(bounded).filter(|reason| !reason.is_empty());
    let facts = Facts::of(&detail.configuration.metrics, &detail.alarm_tags);
    let origin = envelope
        .origin(NAME)
        .with(ALARM_NAME, Some(&name))
        .with("description", detail.configuration.description.as_deref())
        .with("namespace", Some(&facts.namespaces))
        .with("dimensions", Some(&facts.dimensions))
        .with("tags", Some(&facts.tags));
    event.alarm = Some(Alarm { name, state, reason, decisive: false });
    Ok(Report::only_of_a_place(event, origin))
}

/// A time as CloudWatch writes it, with an offset without a colon: `2019-10-02T17:04:40.989+0000`.
fn time(field: &str, text: &str, now: Timestamp) -> Result<Timestamp, Vec<FieldError>> {
    let split = text.len().checked_sub(2).and_then(|minutes| text.split_at_checked(minutes));
    let bare = split.filter(|(hours, minutes)| {
        let offset = hours.len().checked_sub(3).and_then(|at| hours.get(at..)).unwrap_or_default();
        let is_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        offset.starts_with(['+', '-']) && is_digits(offset.get(1..).unwrap_or_default()) && is_digits(minutes)
    });
    let colon = bare.map(|(hours, minutes)| format!("{hours}:{minutes}"));
    let time = Timestamp::parse(colon.as_deref().unwrap_or(text))
        .map_err(|invalid| vec![FieldError::new(field, invalid.to_string())])?;
    not_in_future(field, time, now).map(|()| time)
}

/// What rules see of an alarm's metrics and tags, each once and in the order of the alphabet.
struct Facts {
    namespaces: String,
    dimensions: String,
    tags: String,
}

impl Facts {
    fn of(metrics: &Value, tags: &Value) -> Self {
        let metrics = metrics.as_array().into_iter().flatten().map(|metric| &metric["metricStat"]["metric"]);
        let (mut namespaces, mut dimensions) = (BTreeSet::new(), BTreeSet::new());
        for metric in metrics {
            namespaces.extend(metric["namespace"].as_str());
            dimensions.extend(pairs(&metric["dimensions"]));
        }
        Self {
            namespaces: namespaces.into_iter().collect::<Vec<_>>().join(","),
            dimensions: dimensions.into_iter().collect::<Vec<_>>().join(","),
            tags: pairs(tags).into_iter().collect::<Vec<_>>().join(","),
        }
    }
}

/// The names and values of an object: `name=value`.
fn pairs(object: &Value) -> BTreeSet<String> {
    object
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?)))
        .collect()
}
