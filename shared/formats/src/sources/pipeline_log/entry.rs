//! The fields of a log entry: each under the names that logs have for it.

use domain::event::{Limits, Trigger, TriggerKind};
use domain::{FieldError, Timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::vocabulary::StatusWord;

#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) event_type: String,
    pub(super) status: Option<StatusWord>,
    pub(super) result: Option<StatusWord>,
    pub(super) deployment_id: Option<String>,
    pub(super) service: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) version: Option<String>,
    #[serde(alias = "stage_name")]
    pub(super) stage: Option<String>,
    #[serde(alias = "time")]
    pub(super) timestamp: Option<Timestamp>,
    pub(super) started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    duration_seconds: Option<f64>,
    duration_ms: Option<f64>,
    pub(super) attempt: Option<u32>,
    #[serde(alias = "commit")]
    pub(super) commit_sha: Option<String>,
    pub(super) artifact: Option<String>,
    pub(super) build_number: Option<BuildNumber>,
    pub(super) region: Option<String>,
    triggered_by: Option<String>,
    #[serde(default, deserialize_with = "text")]
    actor: Option<String>,
    #[serde(default, deserialize_with = "text")]
    deployed_by: Option<String>,
    #[serde(default, deserialize_with = "text")]
    trigger: Option<String>,
    #[serde(default, deserialize_with = "text")]
    reason: Option<String>,
    pub(super) rollback_to: Option<String>,
    #[serde(alias = "error")]
    pub(super) error_message: Option<String>,
    pub(super) error_code: Option<String>,
    pub(super) message: Option<String>,
    #[serde(alias = "pipeline_url")]
    pub(super) url: Option<String>,
    #[serde(default, deserialize_with = "number")]
    health_score: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    error_count: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    error_rate: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    success_rate: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    instance_count: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    latency_p95_ms: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    traffic_percent: Option<f64>,
}

/// A text; what is none is left to the producer.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Value::deserialize(from)?.as_str().map(str::to_owned))
}

/// A number; what is none is left to the producer.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(Value::deserialize(from)?.as_f64())
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum BuildNumber {
    Text(String),
    Number(u64),
}

impl Entry {
    /// When it ended, else when it was written, else, of what began, when that was.
    pub(super) fn occurred_at(&self, ends: bool) -> Option<Timestamp> {
        let ended = self.finished_at.filter(|_| ends);
        ended.or(self.timestamp).or(self.started_at.filter(|_| !ends))
    }

    /// How long it took: as it says, else from its start to its end.
    ///
    /// # Errors
    /// When that is no duration, or the times contradict each other.
    pub(super) fn duration(&self, ends: bool) -> Result<Option<f64>, Vec<FieldError>> {
        let wrong = |field: &str, detail: String| Err(vec![FieldError::new(field, detail)]);
        let (field, stated) = match (self.duration_seconds, self.duration_ms) {
            (None, Some(milliseconds)) => ("duration_ms", Some(milliseconds / 1000.0)),
            (seconds, _) => ("duration_seconds", seconds),
        };
        if stated.is_some_and(|seconds| !(0.0..=Limits::FIGURE).contains(&seconds)) {
            return wrong(field, format!("must be from 0 to {}", Limits::FIGURE));
        }
        let end = self.finished_at.or(self.timestamp.filter(|_| ends));
        let Some((start, end)) = self.started_at.zip(end) else { return Ok(stated) };
        let lasted = end.seconds_since(start);
        if lasted < 0.0 {
            return wrong("started_at", format!("is after the end, {end}; correct one of them"));
        }
        match stated {
            // An entry is written some time after what it is about, and seconds are rounded.
            Some(seconds) if seconds > lasted + 1.0 => {
                wrong(field, format!("is longer than the {lasted} seconds from started_at to the end, {end}"))
            }
            Some(seconds) => Ok(Some(seconds)),
            None => Ok(Some(lasted).filter(|_| ends)),
        }
    }

    /// Who or what triggered it. A word for a kind of trigger is no actor, in whichever field it stands.
    pub(super) fn trigger(&self) -> Option<Trigger> {
        let texts = |text: &Option<String>, most: usize| text.clone().filter(|text| (1..=most).contains(&text.len()));
        let named = [&self.triggered_by, &self.actor, &self.deployed_by];
        let mut actors = named.into_iter().filter_map(|text| texts(text, 256));
        let actor = actors.find(|text| trigger_kind(text).is_none_or(|(_, says_more)| says_more));
        let trigger = texts(&self.trigger, 256).or_else(|| {
            texts(&self.triggered_by, 256).filter(|text| trigger_kind(text).is_some_and(|(_, says_more)| !says_more))
        });
        let kind = trigger.as_deref().and_then(trigger_kind);
        let more = trigger.filter(|_| kind.is_none_or(|(_, says_more)| says_more));
        let trigger = Trigger { kind: kind.map(|(kind, _)| kind), actor, reason: texts(&self.reason, 1024).or(more) };
        (trigger != Trigger::default()).then_some(trigger)
    }

    /// What was measured.
    ///
    /// # Errors
    /// When a number is beyond what it counts.
    pub(super) fn measure(&self, into: &mut domain::event::Metrics) -> Result<(), Vec<FieldError>> {
        let (percent, figure) = (100.0, Limits::FIGURE);
        for (field, number, most, metric) in [
            ("health_score", self.health_score, percent, &mut into.health_score),
            ("error_count", self.error_count, figure, &mut into.error_count),
            ("error_rate", self.error_rate, percent, &mut into.error_rate),
            ("success_rate", self.success_rate, percent, &mut into.success_rate),
            ("instance_count", self.instance_count, figure, &mut into.instance_count),
            ("latency_p95_ms", self.latency_p95_ms, figure, &mut into.latency_p95_ms),
            ("traffic_percent", self.traffic_percent, percent, &mut into.traffic_percent),
        ] {
            let Some(number) = number else { continue };
            let whole = !matches!(field, "error_count" | "instance_count") || number.fract() == 0.0;
            if !(0.0..=most).contains(&number) || !whole {
                let what = if whole { "" } else { " and whole" };
                return Err(vec![FieldError::new(field, format!("must be from 0 to {most}{what}"))]);
            }
            *metric = Some(number);
        }
        Ok(())
    }

    /// Whether all traffic goes to what is deployed, where the entry says how much does.
    pub(super) fn has_all_traffic(&self) -> Option<bool> {
        self.traffic_percent.map(|percent| percent >= 100.0)
    }
}

/// The kind of trigger that a word means, and whether it says more than that.
fn trigger_kind(text: &str) -> Option<(TriggerKind, bool)> {
    Some(match text.to_ascii_lowercase().as_str() {
        "manual" => (TriggerKind::Manual, false),
        "automatic" | "automated" | "auto" => (TriggerKind::Automatic, false),
        "schedule" | "scheduled" => (TriggerKind::Scheduled, false),
        "cron" | "nightly" => (TriggerKind::Scheduled, true),
        "push" | "merge" | "commit" | "tag" | "release" | "pull_request" | "webhook" => (TriggerKind::Automatic, true),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::names::with_one_name_each;
    use super::*;

    fn entry(fields: &Value) -> Entry {
        let mut entry = json!({"event_type": "deployment_complete"});
        entry.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(with_one_name_each(&entry)).unwrap()
    }

    #[test]
    fn a_kind_of_trigger_is_no_actor_and_an_actor_no_kind() {
        use TriggerKind::{Automatic, Manual, Scheduled};
        for (fields, kind, actor, reason) in [
            (json!({"triggered_by": "ada"}), None, Some("ada"), None),
            (json!({"deployed_by": "ada", "trigger": "manual"}), Some(Manual), Some("ada"), None),
            (json!({"deployed_by": "ada", "triggered_by": "manual"}), Some(Manual), Some("ada"), None),
            (json!({"actor": "ci-bot", "trigger": "push"}), Some(Automatic), Some("ci-bot"), Some("push")),
            (json!({"trigger": "schedule", "reason": "weekly"}), Some(Scheduled), None, Some("weekly")),
            (json!({"trigger": "hotfix"}), None, None, Some("hotfix")),
            (json!({"deployed_by": "", "trigger": {"kind": "push"}}), None, None, None),
            (json!({"trigger_type": "manual", "trigger_reason": "hotfix"}), Some(Manual), None, Some("hotfix")),
        ] {
            let found = entry(&fields).trigger().unwrap_or_default();
            assert_eq!(
                (found.kind, found.actor.as_deref(), found.reason.as_deref()),
                (kind, actor, reason),
                "{fields}"
            );
        }
    }

    #[test]
    fn times_agree_or_are_refused() {
        let (start, end) = ("2026-03-01T11:21:00Z", "2026-03-01T11:25:00Z");
        for (fields, expected) in [
            (json!({"timestamp": end, "duration_seconds": 240}), Ok(Some(240.0))),
            (json!({"timestamp": end, "started_at": start}), Ok(Some(240.0))),
            (json!({"timestamp": end, "started_at": start, "duration_seconds": 235}), Ok(Some(235.0))),
            (json!({"finished_at": end, "started_at": start, "duration_ms": 240_500}), Ok(Some(240.5))),
            (json!({"timestamp": end, "started_at": start, "duration_seconds": 300}), Err("duration_seconds")),
            (json!({"timestamp": end, "started_at": start, "duration_ms": 300_000}), Err("duration_ms")),
            (json!({"timestamp": start, "started_at": end}), Err("started_at")),
            (json!({"duration_seconds": -1}), Err("duration_seconds")),
            (json!({}), Ok(None)),
        ] {
            let found = entry(&fields).duration(true).map_err(|errors| errors[0].field.clone());
            assert_eq!(found, expected.map_err(str::to_owned), "{fields}");
        }
    }
}
