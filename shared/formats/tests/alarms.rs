//! CloudWatch's alarms: what rules see of each kind, what is recorded, and what is ignored.

use domain::Timestamp;
use domain::event::Kind;
use formats::{Explanation, Outcome, Payload, Settings, SourceRules, explain};
use serde_json::{Value, json};

fn sample(name: &str) -> Value {
    let path = format!("{}/../../events/cloudwatch/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn explained(event: &Value, rules: &Value) -> Explanation {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let settings = Settings::of_rules(SourceRules::parse(&rules.to_string()).unwrap());
    let body = event.to_string();
    explain(formats::Door::named("queue"), &Payload::bare(body.as_bytes()), &settings, now).unwrap().remove(0)
}

#[test]
fn rules_see_the_metrics_the_dimensions_and_the_tags_of_an_alarm_where_it_has_them() {
    let load_balancer = "LoadBalancer=app/production/50dc6c495c0c9188,TargetGroup=targetgroup/cart/73e2d6bc24d8a067";
    let common = |name: &str| json!({"alarmName": name, "account": "111122223333", "region": "eu-west-1"});
    for (name, alarm, more) in [
        (
            "metric-alarm",
            "cart-production-errors",
            json!({"description": "Customers see errors in the cart", "namespace": "AWS/ApplicationELB",
                   "dimensions": load_balancer}),
        ),
        (
            "metric-alarm-ok",
            "cart-production-errors",
            json!({"description": "Customers see errors in the cart", "namespace": "AWS/ApplicationELB",
                   "dimensions": load_balancer, "tags": "environment=production,service=cart,team=checkout"}),
        ),
        // Of several metrics what they have in common stands there once.
        (
            "metric-math",
            "cart-production-error-rate",
            json!({"description": "More than one request in twenty fails", "namespace": "AWS/ApplicationELB",
                   "dimensions": load_balancer}),
        ),
        (
            "anomaly-detection",
            "cart-production-cpu",
            json!({"description": "The load is not what it usually is", "namespace": "AWS/ECS",
                   "dimensions": "ClusterName=production,ServiceName=cart"}),
        ),
        ("composite", "cart-production", json!({})),
    ] {
        let mut expected = common(alarm);
        expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let found = explained(&sample(name), &json!([]));
        assert_eq!(json!(found.facts), expected, "{name}");
        assert_eq!((found.outcome, found.source.as_deref()), (Outcome::Ignored, Some("aws.cloudwatch")), "{name}");
        let reason = "no rule gives this event of aws.cloudwatch a service and an environment: it is of no known place";
        assert_eq!(found.reason.as_deref(), Some(reason), "{name}");
    }
}

#[test]
fn a_rule_gives_the_place_by_whatever_an_alarm_has() {
    for (name, when) in [
        ("metric-alarm", json!({"alarmName": "{service}-{environment}-errors"})),
        ("metric-math", json!({"alarmName": "{service}-{environment}-error-rate", "namespace": "AWS/ApplicationELB"})),
        ("metric-math", json!({"dimensions": "LoadBalancer=app/{environment}/*,TargetGroup=targetgroup/{service}/*"})),
        ("anomaly-detection", json!({"dimensions": "ClusterName={environment},ServiceName={service}"})),
        ("metric-alarm-ok", json!({"tags": "environment={environment},service={service},*"})),
        ("composite", json!({"alarmName": "{service}-{environment}"})),
    ] {
        for decisive in [None, Some(false), Some(true)] {
            let mut rule = json!({"source": "aws.cloudwatch", "when": when});
            if let Some(decisive) = decisive {
                rule["decisive"] = json!(decisive);
            }
            let found = explained(&sample(name), &json!([rule]));
            assert_eq!(found.outcome, Outcome::Recorded, "{name}: {:?} {:?}", found.reason, found.errors);
            let event = found.event.unwrap();
            assert_eq!(event.deployment_id.as_str(), "observations:production:cart:2026-03-01T11", "{name}");
            assert_eq!((event.kind, event.source.as_str()), (Kind::Observation, "aws.cloudwatch"));
            assert_eq!(event.named.region.as_ref().map(domain::Region::as_str), Some("eu-west-1"));
            let alarm = event.alarm.unwrap();
            assert_eq!(alarm.decisive, decisive == Some(true), "{name}");
            assert_eq!(alarm.state.as_str(), if name.ends_with("ok") { "OK" } else { "ALARM" });
            assert!(alarm.name.starts_with("cart-production") && alarm.reason.is_some());
            let said = decisive.map(|decisive| format!("{decisive}, from rule 1"));
            assert_eq!(found.rules.get("decisive"), said.as_ref(), "{name}");
        }
    }
    // An alarm of a service that is everywhere, in the one region that has its metrics.
    let rule = json!({"source": "aws.cloudwatch", "service": "cart", "environment": "production", "region": null});
    assert_eq!(explained(&sample("metric-alarm"), &json!([rule])).event.unwrap().named.region, None);
    // Of each thing the first rule that says it counts.
    let rules = json!([
        {"source": "aws.cloudwatch", "when": {"alarmName": "*-errors"}, "decisive": false},
        {"source": "aws.cloudwatch", "service": "cart", "environment": "production", "decisive": true},
    ]);
    assert!(!explained(&sample("metric-alarm"), &rules).event.unwrap().alarm.unwrap().decisive);
    assert!(explained(&sample("composite"), &rules).event.unwrap().alarm.unwrap().decisive);
}

#[test]
fn what_is_no_news_is_ignored_and_what_is_wrong_is_named() {
    let rules = json!([{"source": "aws.cloudwatch", "service": "cart", "environment": "production"}]);
    let with = |pointer: &str, value: Value| {
        let mut event = sample("metric-alarm");
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    let unchanged = "the alarm's state is what it was";
    for (event, says) in [
        (sample("insufficient-data"), "an alarm without enough data says nothing of what runs"),
        (sample("composite-no-longer-suppressed"), unchanged),
        (with("/detail/previousState/value", json!("ALARM")), unchanged),
        (
            with("/detail-type", json!("CloudWatch Alarm Contributor State Change")),
            "\"CloudWatch Alarm Contributor State Change\" is not read",
        ),
    ] {
        let found = explained(&event, &rules);
        assert_eq!((found.outcome, found.reason.as_deref()), (Outcome::Ignored, Some(says)), "{event}");
    }
    for (event, field, says) in [
        (with("/detail/state/value", json!("ALERT")), "detail.state.value", "no state of an alarm"),
        (with("/detail/state/timestamp", json!("2026-03-01")), "detail.state.timestamp", "must be an RFC 3339 time"),
        (with("/detail/state/timestamp", json!("é+0000")), "detail.state.timestamp", "must be an RFC 3339 time"),
        (with("/detail/state/timestamp", json!("2026-03-02T00:00:00.000+0000")), "detail.state.timestamp", "future"),
        (with("/detail/alarmName", json!(" ")), "detail.alarmName", "must have 1 to 1024 bytes"),
        (with("/detail/alarmName", json!("x".repeat(1025))), "detail.alarmName", "must have 1 to 1024 bytes"),
        (with("/detail/alarmName", json!(null)), "detail.alarmName", "invalid type: null"),
        (with("/resources", json!("arn")), "resources", "invalid type: string"),
    ] {
        let found = explained(&event, &rules);
        assert_eq!((found.outcome, found.errors.len()), (Outcome::Refused, 1), "{event}");
        let error = &found.errors[0];
        assert!(error.field == field && error.detail.contains(says), "{error:?}");
    }
}

#[test]
fn a_change_is_known_by_its_alarm_its_state_and_its_time() {
    let id = |event: &Value, rules: &Value| explained(event, rules).event.unwrap().event_id;
    let rules = json!([{"source": "aws.cloudwatch", "service": "cart", "environment": "production"}]);
    let decisive =
        json!([{"source": "aws.cloudwatch", "service": "cart", "environment": "production", "decisive": true}]);
    let event = sample("metric-alarm");
    let first = id(&event, &rules);
    assert!(first.is_some());
    let with = |pointer: &str, value: Value| {
        let mut event = event.clone();
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    // The same however often it comes, whatever else it says, and whatever a rule makes of it.
    for same in [
        with("/id", json!("another")),
        with("/time", json!("2026-03-01T11:30:00Z")),
        with("/detail/configuration", json!({})),
    ] {
        assert_eq!(id(&same, &rules), first);
    }
    assert_eq!(id(&event, &decisive), first);
    for another in [
        with("/resources/0", json!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:cart-production-errors")),
        with("/detail/state/timestamp", json!("2026-03-01T11:10:40.990+0000")),
        sample("metric-alarm-ok"),
    ] {
        assert_ne!(id(&another, &rules), first, "{another}");
    }
    // Without a time of its own, and with offsets in either form.
    for (time, expected) in [
        ("2026-03-01T11:10:40.989+00:00", "2026-03-01T11:10:40.989Z"),
        ("2026-03-01T12:10:40.989+0100", "2026-03-01T11:10:40.989Z"),
        ("2026-03-01T11:10:40.989Z", "2026-03-01T11:10:40.989Z"),
    ] {
        let found = explained(&with("/detail/state/timestamp", json!(time)), &rules).event.unwrap();
        assert_eq!((found.occurred_at.unwrap().to_string().as_str(), &found.event_id), (expected, &first), "{time}");
    }
    let found = explained(&with("/detail/state/timestamp", Value::Null), &rules).event.unwrap();
    assert_eq!(found.occurred_at.unwrap().to_string(), "2026-03-01T11:10:40.000Z");
}

#[test]
fn only_a_rule_for_alarms_calls_one_decisive() {
    for (rule, says) in [
        (json!({"source": "aws.ecs", "decisive": true}), "decisive: is only of source aws.cloudwatch"),
        (json!({"source": "aws.cloudwatch", "decisive": "yes"}), "decisive: must be true or false, not a text"),
        (json!({"source": "aws.cloudwatch", "when": {"tag": "x"}}), "known are alarmName, description, namespace"),
        (json!({"source": "aws.cloudwatch"}), "must set `environment`, `service`"),
    ] {
        let error = SourceRules::parse(&json!([rule]).to_string()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(SourceRules::parse(r#"[{"source": "aws.*", "decisive": true}]"#).is_ok());
}
