//! Custom sources: a user's mappings of payloads that this system doesn't know. What is wrong with one is
//! reported with its path, and what is wrong with a payload with the field and the path that it was taken from.

use domain::Timestamp;
use formats::{CustomSources, Explanation, Outcome, Payload, Settings, SourceRules, explain};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The mapping of the documentation, with the given fields beside.
fn mapping(fields: &Value) -> Value {
    let mut mapping = json!({
        "name": "azure",
        "proof": {"header": "X-Token"},
        "when": [{"path": "$.eventType", "is": ["completed", "started"]}],
        "event": {
            "deploymentId": {"path": "$.resource.id", "prefix": "azure:"},
            "status": {"path": "$.resource.status", "map": {"succeeded": "COMPLETED", "failed": "FAILED"}},
            "service": {"path": "$.resource.project"},
            "environment": {"path": "$.resource.environment"},
            "version": {"path": "$.resource.release", "pattern": "Release-{version}"},
        },
    });
    for (name, field) in fields.as_object().unwrap() {
        mapping["event"][name] = field.clone();
    }
    mapping
}

fn payload() -> Value {
    json!({
        "eventType": "completed",
        "resource": {"id": 42, "status": "succeeded", "project": "cart", "environment": "production", "release": "Release-1.4"},
    })
}

fn read_with(mapping: &Value, payload: &Value, rules: &str) -> Explanation {
    let sources = CustomSources::parse(json!([mapping])).unwrap_or_else(|errors| panic!("{errors:?}"));
    let body = payload.to_string();
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let rules = SourceRules::parse(rules).unwrap();
    let door = sources.door("custom/azure");
    assert!(door.is_some());
    explain(door, &Payload::bare(body.as_bytes()), &Settings::of_rules(rules.clone()), now).unwrap().remove(0)
}

fn read(mapping: &Value, payload: &Value) -> Explanation {
    read_with(mapping, payload, "")
}

/// What is wrong with a payload: each field with its error.
fn refused(mapping: &Value, payload: &Value) -> Vec<String> {
    let explanation = read(mapping, payload);
    assert_eq!(explanation.outcome, Outcome::Refused, "{explanation:?}");
    explanation.errors.into_iter().map(|error| format!("{}: {}", error.field, error.detail)).collect()
}

/// The event of a payload as JSON.
fn recorded(mapping: &Value, payload: &Value) -> Value {
    let explanation = read(mapping, payload);
    assert_eq!(explanation.outcome, Outcome::Recorded, "{explanation:?}");
    serde_json::to_value(explanation.event).unwrap()
}

#[test]
fn a_payload_is_read_by_its_mapping() {
    let event = recorded(&mapping(&json!({})), &payload());
    let expected = json!({
        "deploymentId": "azure:42", "status": "COMPLETED", "source": "azure", "type": "deployment", "attempt": 1,
        "service": "cart", "environment": "production", "version": "1.4",
    });
    assert_eq!(event, expected);
}

#[test]
fn each_kind_of_field_is_read_and_the_first_path_that_has_something_counts() {
    let fields = json!({
        "status": {"value": "FAILED"},
        "attempt": {"path": "$.n"},
        "occurredAt": {"path": ["$.nothing", "$.null", "$.empty", "$.millis"]},
        "committedAt": {"path": "$.iso"},
        "buildNumber": {"path": "$.n"},
        "notes": {"path": "$.long"},
        "error": {"message": {"path": "$.items[?@.key=='why'].value"}, "code": {"value": "E1"}},
        "triggeredBy": {"kind": {"value": "MANUAL"}, "actor": {"path": "$.items[*].value", "pattern": "user-{actor}"}},
        "metrics": {"durationSeconds": {"path": "$.seconds"}},
        "links": {"run": {"path": "$.https"}, "build": {"path": "$.http"}},
        "metadata": {"all": {"path": "$.items[0]"}, "team": {"value": ["a", 1]}, "text": {"path": "$.n", "prefix": "#"}},
    });
    let mut payload = payload();
    let more = json!({
        "n": 3, "null": null, "empty": "", "millis": 1_772_366_400_123_i64, "iso": "2026-03-01T12:00:00+0100", "seconds": "1.5",
        "long": "x".repeat(10_000), "https": "https://ci.example/1", "http": "http://ci.example/1",
        "items": [{"key": "why", "value": "no memory"}, {"key": "who", "value": "user-ada"}],
    });
    payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let event = recorded(&mapping(&fields), &payload);
    for (field, expected) in [
        ("attempt", json!(3)),
        ("occurredAt", json!("2026-03-01T12:00:00.123Z")),
        ("committedAt", json!("2026-03-01T11:00:00.000Z")),
        ("buildNumber", json!("3")),
        ("notes", json!("x".repeat(4096))),
        ("error", json!({"message": "no memory", "code": "E1"})),
        ("triggeredBy", json!({"kind": "MANUAL", "actor": "ada"})),
        ("metrics", json!({"durationSeconds": 1.5})),
        ("links", json!({"run": "https://ci.example/1"})),
        ("metadata", json!({"all": {"key": "why", "value": "no memory"}, "team": ["a", 1], "text": "#3"})),
    ] {
        assert_eq!(event[field], expected, "{field}");
    }
}

#[test]
fn what_the_mapping_is_not_about_is_ignored() {
    let ping = read(&mapping(&json!({})), &json!({"eventType": "ping"}));
    assert_eq!(ping.outcome, Outcome::Ignored);
    assert_eq!(ping.reason.as_deref(), Some("`when` of the mapping azure: $.eventType is none of its texts"));
    let empty = read(&mapping(&json!({})), &json!({}));
    assert_eq!(empty.outcome, Outcome::Ignored);
    let status = json!({"path": "$.resource.status", "map": {"failed": "FAILED"}, "otherwise": "ignore"});
    let unknown = read(&mapping(&json!({"status": status})), &payload());
    assert_eq!(unknown.outcome, Outcome::Ignored);
    assert_eq!(unknown.reason.as_deref(), Some("the mapping of `status` does not know what is at $.resource.status"));
}

#[test]
fn what_is_wrong_names_the_field_and_the_path_that_it_was_taken_from() {
    let mut wrong = payload();
    wrong["resource"] = json!({
        "id": "a b", "status": "abandoned", "project": "cart\n", "environment": {"name": "production"}, "release": "Hotfix-1",
    });
    let errors = refused(&mapping(&json!({"stage": {"path": ["$.none", "$.resource.project"]}})), &wrong);
    for expected in [
        "deploymentId: must be 1 to 128 characters",
        "taken from $.resource.id",
        r#"status: is "abandoned", which is not in the mapping's `map`; known are failed, succeeded; taken from $.resource.status"#,
        "environment: must be a text, a number or a boolean, not an object; taken from $.resource.environment",
        "version: is nothing that the mapping's `pattern` matches; taken from $.resource.release",
        "stage: must",
        "taken from $.resource.project",
    ] {
        assert!(errors.iter().any(|error| error.contains(expected)), "{expected}: {errors:#?}");
    }
    assert_eq!(errors.len(), 5, "{errors:#?}");

    let mut named = payload();
    named["resource"]["project"] = json!("x".repeat(200));
    let errors = refused(&mapping(&json!({})), &named);
    assert!(errors[0].starts_with("service: ") && errors[0].ends_with("; taken from $.resource.project"), "{errors:?}");

    let mut missing = payload();
    missing["resource"]["id"] = json!(null);
    let fields = json!({"deploymentId": {"path": ["$.resource.id", "$.id"]}, "metrics": {"errorRate": {"path": "$.resource.status"}}});
    let expected = [
        "metrics.errorRate: must be a number; taken from $.resource.status",
        "deploymentId: is required, and nothing is at $.resource.id, nor at $.id",
    ];
    assert_eq!(refused(&mapping(&fields), &missing), expected);
}

#[test]
fn rules_see_the_fields_of_a_mapping_before_they_are_judged() {
    let mut long = payload();
    long["resource"]["environment"] = json!("x".repeat(200));
    let rules = r#"[{"source": "custom:azure", "when": {"service": "{service}"}, "environment": "staging"},
                    {"source": "custom:*", "region": "eu-west-1"}]"#;
    let explanation = read_with(&mapping(&json!({})), &long, rules);
    assert_eq!(explanation.outcome, Outcome::Recorded, "{explanation:?}");
    assert_eq!(explanation.source.as_deref(), Some("custom:azure"));
    let facts: Vec<&str> = explanation.facts.keys().copied().collect();
    assert_eq!(facts, ["environment", "service", "status", "version"]);
    let named = explanation.event.unwrap().named;
    assert_eq!(named.environment.unwrap().as_str(), "staging");
    assert_eq!(named.region.unwrap().as_str(), "eu-west-1");
    let none = r#"[{"source": "custom:other", "deployment": false}, {"source": "github", "deployment": false}]"#;
    assert_eq!(read_with(&mapping(&json!({})), &payload(), none).outcome, Outcome::Recorded);
    let all = r#"[{"source": "*", "deployment": false}]"#;
    assert_eq!(read_with(&mapping(&json!({})), &payload(), all).outcome, Outcome::Ignored);
    let wrong = SourceRules::parse(r#"[{"source": "custom:azure", "when": {"stak": "x"}, "deployment": false}]"#);
    let wrong = wrong.unwrap_err().to_string();
    assert!(wrong.contains("when.stak: is not a fact of custom sources; known are service, environment"), "{wrong}");
}

#[test]
fn all_that_is_wrong_with_mappings_is_reported_with_its_path() {
    let sources = json!([
        {"name": "Azure DevOps", "proof": {"token": "x"}, "answer": 404, "event": {"status": {"path": "status"}}, "secret": "x"},
        {"name": "github", "proof": {"header": "X Y", "signature": "md5"}, "event": {
            "deploymentId": {}, "status": {"value": "DONE"}, "source": {"value": "me"},
            "version": {"path": "$.v", "pattern": "Release-*"}, "service": {"path": "$.s", "value": "cart"},
        }},
        {"name": "ok", "proof": {"header": "X-Sign", "encoding": "hex"}, "when": [{"path": "$..a..b", "is": []}, 7], "event": {
            "deploymentId": {"path": ["$.id", 7]},
            "status": {"path": "$.s", "map": {"ok": "COMPLETED", "ko": "BROKEN", "7": 7}, "otherwise": "drop"},
            "occurredAt": {"path": "$.t", "prefix": "20"},
            "attempt": {"path": "$.n", "map": {"first": "one"}},
            "error": {"massage": {"path": "$.e"}},
            "type": {"path": "$.t", "map": {"gone": "retirement", "removed": "removal"}},
            "links": {"run": "$.url", "": {"path": "$.url"}},
            "metrics": {"healthScore": {"value": 101}},
            "stage": {"path": "$.s", "otherwise": "ignore"},
            "commit": {"path": "$.c", "pattrn": "x"},
        }},
        "none",
    ]);
    let errors = CustomSources::parse(sources).unwrap_err();
    let found: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.field, error.detail)).collect();
    for expected in [
        "sources[0].name: must be 1 to 64 lower-case",
        "sources[0].proof.header: is required",
        "sources[0].proof.token: unknown field",
        "sources[0].answer: must be a status",
        "sources[0].event.deploymentId: is required",
        "sources[0].event.status.path: must be a JSONPath",
        "sources[0].secret: unknown field",
        "sources[1].name: must be another name",
        "sources[1].proof.header: must be the name of a header",
        "sources[1].proof.signature: must be hmac-sha256",
        "sources[1].event.deploymentId.path: is required",
        "sources[1].event.status.value: must be one of PENDING",
        "sources[1].event.source: unknown field",
        "sources[1].event.version.pattern: must have {version} in it",
        "sources[1].event.service.value: is what the field always is",
        "sources[2].proof.encoding: is only of a signature",
        "sources[2].when[0].path: must have at most one `..`",
        "sources[2].when[0].is: must be an array of 1 to 100 texts",
        "sources[2].when[1]: must be an object, not a number",
        "sources[2].event.deploymentId.path[1]: must be a JSONPath such as $.resource.name, not a number",
        "sources[2].event.status.map.7: must be a text",
        "sources[2].event.status.otherwise: must be \"ignore\"",
        "sources[2].event.attempt.map.first: must be a number",
        "sources[2].event.error.massage: unknown field",
        "sources[2].event.occurredAt.prefix: is of a field that is a text",
        "sources[2].event.type.map.gone: must not be retirement",
        "sources[2].event.links.run: must be an object",
        "sources[2].event.links.: must have a name of 1 to 64",
        "sources[2].event.metrics.healthScore.value: must be a number from 0 to 100",
        "sources[2].event.stage.otherwise: is of a field with",
        "sources[2].event.commit.pattrn: unknown field",
        "sources[3]: must be an object, not a text",
    ] {
        assert!(found.iter().any(|error| error.starts_with(expected)), "{expected}: {found:#?}");
    }
    assert_eq!(found.len(), 32, "{found:#?}");

    let mapped = mapping(&json!({"status": {"path": "$.s", "map": {"ko": "BROKEN"}}}));
    let errors = CustomSources::parse(json!([mapped])).unwrap_err();
    assert_eq!(errors[0].field, "sources[0].event.status.map.ko");
    let twice = CustomSources::parse(json!([mapping(&json!({})), mapping(&json!({}))])).unwrap_err();
    assert_eq!((twice.len(), twice[0].field.as_str()), (1, "sources[1].name"));
    assert!(CustomSources::parse(json!({})).is_err());
    let paths = vec!["$.a"; 8];
    let metadata: serde_json::Map<String, Value> =
        (0..12).map(|number| (format!("m{number}"), json!({"path": paths}))).collect();
    let errors = CustomSources::parse(json!([mapping(&json!({"metadata": metadata}))])).unwrap_err();
    assert_eq!(errors[0].field, "sources[0].event");
    assert!(errors[0].detail.contains("at most 100 paths"), "{errors:?}");
    let many = vec![mapping(&json!({})); CustomSources::MOST + 1];
    assert!(CustomSources::parse(json!(many)).unwrap_err()[0].detail.contains("at most 50"));
}

#[test]
fn a_payload_that_is_too_large_or_no_json_is_refused() {
    let sources = CustomSources::parse(json!([mapping(&json!({}))])).unwrap();
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    for (body, expected) in [("[".to_owned(), "not JSON"), ("1".repeat(1024 * 1024 + 1), "at most 1048576 bytes")] {
        let payload = Payload::bare(body.as_bytes());
        let rejection = explain(sources.door("custom/azure"), &payload, &Settings::default(), now).unwrap_err();
        assert!(rejection.to_string().contains(expected), "{rejection}");
    }
    let event = mapping(&json!({"metadata": {"all": {"path": "$"}}}));
    let mut large = payload();
    large["text"] = json!("x".repeat(100_000));
    assert!(refused(&event, &large)[0].contains("must have at most 65536 bytes"));
}

/// Any JSON value.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}|completed|succeeded|Release-1".prop_map(Value::from),
    ];
    let name = "eventType|resource|id|status|project|environment|release|[a-z]";
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(name, inner, 0..7).prop_map(|fields| json!(fields)),
        ]
    })
}

proptest! {
    #[test]
    fn any_payload_is_recorded_ignored_or_refused_with_its_fields(mut resource in any_value(), whole in any_value()) {
        let mapping = mapping(&json!({"occurredAt": {"path": "$..id"}, "metadata": {"x": {"path": "$..*"}}}));
        if let Value::Object(fields) = &mut resource {
            fields.entry("status").or_insert_with(|| json!("failed"));
        }
        for payload in [whole, json!({"eventType": "started", "resource": resource})] {
            let explanation = read(&mapping, &payload);
            match explanation.outcome {
                Outcome::Recorded => {
                    let event = explanation.event.unwrap();
                    prop_assert_eq!(event.source.as_str(), "azure");
                }
                Outcome::Ignored => prop_assert!(explanation.reason.is_some()),
                Outcome::Refused => prop_assert!(!explanation.errors.is_empty()),
            }
        }
    }

    #[test]
    fn any_mapping_is_taken_or_refused_by_fields_that_stand_in_it(name in "[a-z]{1,8}|\\PC{0,8}", field in any_value(), path in "\\$(\\.[a-z*]|\\[[0-9*:]{1,3}\\]|\\.\\.[a-z]|\\PC){0,6}") {
        let fields = json!({"stage": field, "notes": {"path": path}, "links": {name: field}});
        if let Err(errors) = CustomSources::parse(json!([mapping(&fields)])) {
            for error in errors {
                prop_assert!(error.field.starts_with("sources[0].event."), "{}", error.field);
                prop_assert!(!error.detail.is_empty());
            }
        }
    }
}
