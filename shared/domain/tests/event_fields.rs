//! The list of an event's fields: the documentation's table is made of it, and what its JSON Schema
//! says is what reading does.

use std::sync::LazyLock;

use domain::event::{Event, read, schema, table};
use domain::identifiers::{DeploymentId, Identifier, Service, StageName, Version};
use domain::{Status, Timestamp};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap()
}

/// Writes the table anew when `UPDATE_GOLDEN` is set.
#[test]
fn the_documentation_has_the_table_of_the_fields() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/events.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (before, rest) = document.split_once("<!-- fields: ").expect("a mark before the table");
    let (mark, rest) = rest.split_once("-->\n\n").unwrap();
    let (_, behind) = rest.split_once("\n<!-- end of fields -->").expect("a mark behind the table");
    let made = format!("{before}<!-- fields: {mark}-->\n\n{}\n<!-- end of fields -->{behind}", table());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &made).unwrap();
    } else {
        assert!(document == made, "out of date: UPDATE_GOLDEN=1 cargo test -p domain event_fields");
    }
}

/// An event in which each field has a value that its bounds allow.
fn full() -> Value {
    json!({
        "deploymentId": "d-1", "status": "COMPLETED", "type": "stage", "stage": "DEPLOY", "attempt": 2,
        "occurredAt": "2026-03-01T11:00:00.000Z", "eventId": "e-1", "source": "native",
        "committedAt": "2026-03-01T10:00:00.000Z", "rollbackTo": "1.0", "metrics": {"errorCount": 3},
        "error": {"code": "E"}, "links": {"log": "https://example.com/1"}, "notes": "n", "metadata": {"a": 1},
        "service": "cart", "environment": "staging", "version": "2.0", "commit": "abc", "artifact": "a",
        "buildNumber": "7", "region": "eu", "triggeredBy": {"kind": "MANUAL", "actor": "ada"}, "release": "r",
    })
}

#[test]
fn each_field_of_the_list_is_read_and_kept() {
    let event = read(full(), now()).unwrap();
    let kept = serde_json::to_value(&event).unwrap();
    for field in Event::fields() {
        assert!(full().get(field.name).is_some(), "{} has no value in this test", field.name);
        let said = &full()[field.name];
        let same = kept[field.name] == *said || field.name == "metrics" && kept["metrics"]["errorCount"] == json!(3.0);
        assert!(same, "{}: said {said}, kept {}", field.name, kept[field.name]);
        assert!(schema()["properties"][field.name].is_object(), "{} is not in the schema", field.name);
    }
    assert_eq!(full().as_object().unwrap().len(), Event::fields().len());
}

#[test]
fn an_alias_is_read_as_its_field_and_not_beside_it() {
    for field in Event::fields() {
        for alias in field.aliases {
            let mut event = full();
            let value = event.as_object_mut().unwrap().remove(field.name).unwrap();
            event[*alias] = value.clone();
            assert_eq!(read(event.clone(), now()), read(full(), now()), "{alias}");
            event[field.name] = value;
            assert_eq!(read(event, now()).unwrap_err()[0].field, *alias);
        }
    }
}

#[test]
fn a_count_is_whole() {
    for name in ["errorCount", "instanceCount"] {
        let event = |count: f64| json!({"deploymentId": "d", "status": "FAILED", "metrics": {name: count}});
        assert!(read(event(3.0), now()).is_ok());
        let errors = read(event(1.5), now()).unwrap_err();
        assert_eq!(errors[0].field, format!("metrics.{name}"));
        assert!(errors[0].detail.contains("whole number"), "{}", errors[0].detail);
    }
}

/// A schema, compiled once.
struct Compiled(LazyLock<Validator>);

impl Compiled {
    const fn of(schema: fn() -> Validator) -> Self {
        Self(LazyLock::new(schema))
    }

    fn takes(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }
}

fn compiled(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).unwrap()
}

static SERVICE: Compiled = Compiled::of(|| compiled(&(Service::RULE.schema)()));
static STAGE: Compiled = Compiled::of(|| compiled(&(StageName::RULE.schema)()));
static ID: Compiled = Compiled::of(|| compiled(&(DeploymentId::RULE.schema)()));
static VERSION: Compiled = Compiled::of(|| compiled(&(Version::RULE.schema)()));
static EVENT: Compiled = Compiled::of(|| compiled(&schema()));

proptest! {
    #[test]
    fn the_schema_of_a_name_takes_what_its_rule_takes(text in "[ -~äß\u{7}\u{85}\u{200e}\u{2028}\u{3000}]{0,6}") {
        prop_assert_eq!(SERVICE.takes(&json!(text)), Service::parse(&text).is_ok());
        prop_assert_eq!(STAGE.takes(&json!(text)), StageName::parse(&text).is_ok());
        prop_assert_eq!(ID.takes(&json!(text)), DeploymentId::parse(&text).is_ok());
    }

    #[test]
    fn the_schema_of_an_id_knows_the_routes(text in "(a|active|events|verify|/){1,4}") {
        prop_assert_eq!(ID.takes(&json!(text)), DeploymentId::parse(&text).is_ok());
    }

    #[test]
    fn the_schema_of_a_long_name_takes_what_its_rule_takes(length in 250usize..262) {
        let text = "v".repeat(length);
        prop_assert_eq!(VERSION.takes(&json!(text)), Version::parse(&text).is_ok());
    }

    #[test]
    fn the_relations_in_the_schema_are_those_of_reading(
        kind in prop::sample::select(vec![None, Some("deployment"), Some("stage"), Some("removal"), Some("incident")]),
        id in prop::sample::select(vec!["d-1", "incident:1", "incident:"]),
        status in prop::sample::select(Status::ALL.to_vec()),
        stage in any::<bool>(),
    ) {
        let mut event = json!({"deploymentId": id, "status": status});
        if let Some(kind) = kind { event["type"] = json!(kind); }
        if stage { event["stage"] = json!("s"); }
        prop_assert_eq!(EVENT.takes(&event), read(event.clone(), now()).is_ok(), "{}", event);
    }
}
