//! The deployment that an event of our own format names, for the comparison with its receipt.

use domain::json;
use serde_json::Value;

/// The `deploymentId` of an event in our own format, alone or inside `deploymentEvent`. None for other formats
/// (CDEvents, CloudEvents, pipeline logs): the server makes the ids of these.
pub(super) fn own_id(event: &str) -> Option<String> {
    let event = json::parse(event.as_bytes()).ok()?;
    if ["context", "specversion", "event_type"].into_iter().any(|name| event.get(name).is_some()) {
        return None;
    }
    let inner = event.get("deploymentEvent").unwrap_or(&event);
    inner.get("deploymentId").and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::own_id;

    #[test]
    fn only_an_event_of_our_own_format_has_an_id_of_its_own() {
        for (event, id) in [
            (r#"{"deploymentId": "d-1", "status": "FAILED"}"#, Some("d-1")),
            (r#"{"deploymentEvent": {"deploymentId": "d-1", "status": "FAILED"}}"#, Some("d-1")),
            (r#"{"status": "FAILED"}"#, None),
            (r#"{"deploymentId": 1}"#, None),
            (r#"{"deploymentId": "d-1", "deploymentId": "d-2"}"#, None),
            (r#"{"deploymentId": "d-1""#, None),
            (r#"["d-1"]"#, None),
            (r#"{"specversion": "1.0", "deploymentId": "d-1"}"#, None),
            (r#"{"context": {"type": "dev.cdevents.service.deployed.0.1.1"}, "deploymentId": "d-1"}"#, None),
            (r#"{"event_type": "deployment_start", "deployment_id": "d-1", "deploymentId": "d-1"}"#, None),
        ] {
            assert_eq!(own_id(event).as_deref(), id, "{event}");
        }
    }
}
