//! The names of fields: which are read, under which others, and which are the producer's own.

use domain::event::Limits;
use serde_json::{Map, Value};

/// The names of the fields that are read, and of those that say nothing of a deployment.
const KNOWN: [&str; 37] = [
    "event_type",
    "status",
    "result",
    "deployment_id",
    "service",
    "environment",
    "version",
    "stage",
    "stage_name",
    "timestamp",
    "time",
    "started_at",
    "finished_at",
    "duration_seconds",
    "duration_ms",
    "attempt",
    "commit_sha",
    "commit",
    "artifact",
    "build_number",
    "region",
    "triggered_by",
    "actor",
    "deployed_by",
    "reason",
    "rollback_to",
    "error_message",
    "error",
    "error_code",
    "message",
    "url",
    "pipeline_url",
    "level",
    "success",
    "passed",
    "healthy",
    "trigger",
];

/// The fields with what was measured.
const FIGURES: [&str; 7] = [
    "health_score",
    "error_count",
    "error_rate",
    "success_rate",
    "instance_count",
    "latency_p95_ms",
    "traffic_percent",
];

/// Other names of fields: they count where the field itself is not there.
const ALSO: [(&str, &str); 10] = [
    ("outcome", "result"),
    ("service_name", "service"),
    ("start_time", "started_at"),
    ("end_time", "finished_at"),
    ("completed_at", "finished_at"),
    ("image", "artifact"),
    ("trigger_type", "trigger"),
    ("trigger_reason", "reason"),
    ("instances", "instance_count"),
    ("traffic_percentage", "traffic_percent"),
];

/// An entry with one name for each of its fields.
pub(super) fn with_one_name_each(entry: &Value) -> Value {
    let mut entry = entry.clone();
    let Some(fields) = entry.as_object_mut() else { return entry };
    for (other, name) in ALSO {
        if fields.get(name).is_none_or(Value::is_null)
            && let Some(value) = fields.remove(other)
        {
            fields.insert(name.to_owned(), value);
        }
    }
    entry
}

/// How an entry says by a yes or no that it went. Some logs have numbers under these names.
pub(super) fn went_well(entry: &Value) -> Option<bool> {
    ["success", "passed", "healthy"].iter().find_map(|name| entry.get(name).and_then(Value::as_bool))
}

/// The fields that are not read, which are the producer's own: `health_check_duration_seconds`, say. What
/// is beyond the bounds of metadata is left out.
pub(super) fn others(entry: &Value) -> Option<Map<String, Value>> {
    let is_read = |name: &str, value: &Value| match name {
        "success" | "passed" | "healthy" => value.is_boolean(),
        "actor" | "deployed_by" | "trigger" | "reason" => value.is_string(),
        name => KNOWN.contains(&name) || FIGURES.contains(&name) && value.is_number(),
    };
    let own = entry.as_object()?.iter().filter(|(name, value)| !is_read(name, value) && !value.is_null());
    let mut bytes = 2;
    let mut others = Map::new();
    for (name, value) in own {
        let is_plain = |value: &Value| !value.is_object() && !value.is_array();
        let fits = is_plain(value) || value.as_object().is_some_and(|inner| inner.values().all(is_plain));
        // Canonical JSON may write a character in six.
        let more = (name.len() + value.to_string().len()) * 6 + 8;
        if fits && bytes + more <= Limits::METADATA_BYTES {
            bytes += more;
            others.insert(name.clone(), value.clone());
        }
    }
    (!others.is_empty()).then_some(others)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_that_is_read_is_known_and_every_other_is_the_producers_own() {
        let own = json!({"health_check_duration_seconds": 12.5, "level": "info", "cluster": null, "list": [1],
                         "health_check": {"status": "passed"}, "large": "x".repeat(20_000)});
        let expected = json!({"health_check_duration_seconds": 12.5, "health_check": {"status": "passed"}});
        assert_eq!(others(&own).map(Value::Object), Some(expected));
        assert_eq!(others(&json!({"status": "success", "deployed_by": "ada", "error_rate": 0, "success": true})), None);
        let not_read = json!({"trigger": {"kind": "push"}, "error_rate": "0.1%", "passed": 42});
        assert_eq!(others(&not_read).map(Value::Object), Some(not_read));
    }
}
