//! What is kept of a deployment for metrics: the facts of its end, and nothing of what has not ended.

use domain::event::{self};
use domain::{DeploymentId, EventKey, Figures, Summary, Timestamp, identifiers::Identifier as _};
use serde_json::{Value, json};

fn at(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

/// The summary of a deployment with these events, of the service `cart` in production.
fn summary(events: &[Value]) -> Summary {
    let id = events.first().and_then(|event| event["deploymentId"].as_str()).unwrap_or("d-1");
    let mut summary = Summary::empty(DeploymentId::parse(id).unwrap());
    for (number, event) in events.iter().enumerate() {
        let mut whole = json!({"deploymentId": "d-1", "service": "cart", "environment": "production"});
        whole.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
        let event = event::read(whole, Timestamp::MAX).unwrap();
        summary.fold(&event, &EventKey::stored(&number.to_string()), event.occurred_at.unwrap());
    }
    summary
}

fn reported(seconds: i64, status: &str) -> Value {
    json!({"occurredAt": at(seconds), "status": status})
}

fn with(seconds: i64, status: &str, more: &Value) -> Value {
    let mut event = reported(seconds, status);
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn figures(events: &[Value]) -> Option<Value> {
    Figures::of(&summary(events)).map(|figures| serde_json::to_value(figures).unwrap())
}

#[test]
fn all_that_is_known_of_an_end_is_kept() {
    let stage = |seconds, name: &str, status: &str| with(seconds, status, &json!({"type": "stage", "stage": name}));
    let story = [
        with(0, "PENDING", &json!({"committedAt": at(-600)})),
        stage(10, "DEPLOYMENT", "IN_PROGRESS"),
        stage(70, "DEPLOYMENT", "COMPLETED"),
        stage(70, "HEALTH_CHECK", "FAILED"),
        stage(80, "CLEANUP", "IN_PROGRESS"),
        reported(90, "COMPLETED"),
    ];
    let expected = json!({
        "env": "production", "svc": "cart", "status": "COMPLETED", "at": at(90).millis(), "measured": true, "reached": true,
        "took": 80.0, "lead": 690.0,
        "stages": [["DEPLOYMENT", "COMPLETED", 60.0], ["HEALTH_CHECK", "FAILED", null]],
    });
    assert_eq!(figures(&story), Some(expected));
}

#[test]
fn an_incident_is_marked_and_keeps_how_long_it_took() {
    let incident = |seconds, status: &str, more: &Value| {
        let mut event = with(seconds, status, &json!({"deploymentId": "incident:1", "type": "incident"}));
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let story = [incident(0, "IN_PROGRESS", &json!({})), incident(90, "COMPLETED", &json!({}))];
    let mut expected = json!({
        "env": "production", "svc": "cart", "incident": true, "status": "COMPLETED", "at": at(90).millis(), "took": 90.0,
    });
    assert_eq!(figures(&story), Some(expected.clone()));
    expected.as_object_mut().unwrap().remove("took");
    assert_eq!(figures(&story[1..]), Some(expected));
    assert_eq!(figures(&story[..1]), None);
    assert_eq!(figures(&[&story[..], &[incident(95, "IN_PROGRESS", &json!({"attempt": 2}))]].concat()), None);
}

#[test]
fn nothing_that_is_not_known_is_kept() {
    let lone = json!({"env": "production", "svc": "cart", "status": "FAILED", "at": at(0).millis()});
    assert_eq!(figures(&[reported(0, "FAILED")]), Some(lone));
}

#[test]
fn what_runs_has_none_and_neither_has_what_was_opened_again() {
    assert_eq!(figures(&[reported(0, "IN_PROGRESS")]), None);
    let again = with(20, "IN_PROGRESS", &json!({"attempt": 2}));
    assert_eq!(figures(&[reported(0, "IN_PROGRESS"), reported(10, "FAILED"), again]), None);
    // A stage's end is not the deployment's.
    assert_eq!(figures(&[with(0, "COMPLETED", &json!({"type": "stage", "stage": "DEPLOYMENT"}))]), None);
}

#[test]
fn a_removal_has_none_however_it_ended() {
    let removal = |seconds, status: &str| with(seconds, status, &json!({"type": "removal"}));
    for status in ["COMPLETED", "FAILED", "CANCELLED", "ROLLED_BACK"] {
        assert_eq!(figures(&[removal(0, status)]), None, "{status}");
    }
    assert_eq!(
        figures(&[removal(0, "COMPLETED"), reported(10, "ROLLED_BACK")]),
        None,
        "its rollback is no deployment's"
    );
    let later = [with(0, "FAILED", &json!({"type": "removal"})), with(10, "COMPLETED", &json!({"attempt": 2}))];
    assert!(figures(&later).is_some(), "another attempt brings a version");
}

#[test]
fn what_completed_once_has_reached_its_environment() {
    let completed = |attempt: u32| with(10, "COMPLETED", &json!({"attempt": attempt}));
    let ended = |attempt: u32, status: &str| with(20, status, &json!({"attempt": attempt}));
    for (events, reached, failure) in [
        (vec![completed(1)], true, false),
        (vec![ended(1, "FAILED")], false, false),
        (vec![ended(1, "CANCELLED")], false, false),
        (vec![ended(1, "ROLLED_BACK")], true, true),
        (vec![completed(1), ended(1, "FAILED")], true, true),
        (vec![completed(1), ended(2, "FAILED")], true, true),
        (vec![completed(1), ended(1, "CANCELLED")], true, false),
        (vec![completed(1), ended(1, "ROLLED_BACK")], true, true),
        (vec![ended(1, "FAILED"), completed(2)], true, false),
    ] {
        let figures = Figures::of(&summary(&events)).unwrap();
        assert_eq!((figures.reached, figures.is_change_failure()), (reached, failure), "{events:?}");
    }
}

#[test]
fn a_rollback_ends_what_stood_since_it_completed_or_else_since_its_attempt_began() {
    let begun = |seconds, attempt: u32| with(seconds, "IN_PROGRESS", &json!({"attempt": attempt}));
    let back = |attempt: u32| with(100, "ROLLED_BACK", &json!({"attempt": attempt}));
    for (events, stood) in [
        (vec![begun(0, 1), reported(30, "COMPLETED"), back(1)], Some(70.0)),
        (vec![begun(0, 1), back(1)], Some(100.0)),
        // The first attempt's time is not the second's.
        (vec![begun(0, 1), reported(20, "FAILED"), begun(60, 2), back(2)], Some(40.0)),
        (vec![reported(20, "COMPLETED"), begun(60, 2), back(2)], Some(80.0)),
        (vec![back(1)], None),
        // Clocks that disagree.
        (vec![reported(150, "COMPLETED"), begun(60, 2), back(2)], None),
        (vec![begun(150, 1), back(1)], None),
        (vec![begun(0, 1), reported(30, "COMPLETED")], None),
        // What failed after it had completed stood until it failed; what never completed did not.
        (vec![begun(0, 1), reported(30, "COMPLETED"), with(100, "FAILED", &json!({}))], Some(70.0)),
        (vec![begun(0, 1), with(100, "FAILED", &json!({}))], None),
    ] {
        assert_eq!(Figures::of(&summary(&events)).unwrap().stood_seconds, stood, "{events:?}");
    }
}

#[test]
fn figures_of_an_ordinary_deployment_are_far_below_the_kilobyte_that_an_index_is_billed_by() {
    let mut story = vec![with(0, "PENDING", &json!({"committedAt": at(-3600)}))];
    for (number, name) in
        (1..).zip(["INITIALIZATION", "HEALTH_CHECK", "DEPLOYMENT", "VALIDATION", "ROLLBACK", "CLEANUP"])
    {
        let stage = json!({"type": "stage", "stage": name});
        story.extend([with(number * 10, "IN_PROGRESS", &stage), with(number * 10 + 9, "COMPLETED", &stage)]);
    }
    story.extend([reported(80, "COMPLETED"), reported(90, "ROLLED_BACK")]);
    let text = serde_json::to_string(&Figures::of(&summary(&story))).unwrap();
    assert!(text.len() < 500, "{}: {text}", text.len());
    assert_eq!(serde_json::from_str::<Figures>(&text).ok(), Figures::of(&summary(&story)));
}
