use proptest::prelude::*;
use serde_json::{Value, json};

use super::version::{Version, canonical};
use super::*;
use crate::fields::Unknown;
use crate::{Environment, Timestamp};

fn whole() -> Value {
    json!({
        "environments": [
            {"name": "development", "aliases": ["dev"]},
            {"name": "staging", "aliases": ["stage"], "gate": {"notBad": true}},
            {"name": "production", "aliases": ["prod", "Prod"], "production": true, "rollbackCommand": "go {version}",
             "gate": {"provenIn": "staging", "soakMinutes": 60, "notBad": true, "nothingActive": true},
             "staleAfterDays": 90}],
        "services": [{"name": "cart", "aliases": ["shop-cart"], "team": "checkout", "dependsOn": ["payments"]}],
        "ephemeral": ["preview-*", "pr-*"],
        "freezes": [{"name": "holidays", "environments": ["production"], "from": "2026-12-20T00:00:00Z",
                     "to": "2027-01-04T00:00:00Z", "except": ["status-page"]}],
        "lagging": {"deployments": 5, "days": 14}, "abandonAfterDays": 7, "metricsPerDay": 500,
        "metricSets": 5000, "metricsByService": ["pay*"],
        "health": {"watchMinutes": 30, "suspectHours": 24, "healthScore": 80, "errorRate": 5, "latencyFactor": 1.2,
                   "rollbackIsFailure": true},
        "permissions": [{"who": "oidc:repo:acme/cart:*", "may": ["override"], "environments": ["production"]}],
        "rules": [], "sources": []
    })
}

#[test]
fn a_whole_document_is_read_and_an_empty_one_is_the_default() {
    let settings = Settings::read(whole(), Unknown::Refused).unwrap();
    let names: Vec<&str> = settings.environments.iter().map(|environment| environment.name.as_str()).collect();
    assert_eq!(names, ["development", "staging", "production"]);
    assert_eq!(settings.environments.iter().filter(|environment| environment.production).count(), 1);
    assert_eq!(Settings::read(json!({}), Unknown::Refused), Ok(Settings::default()));
}

#[test]
fn every_wrong_field_is_named() {
    let wrong = json!({
        "environments": [
            {"aliases": ["x", "x"]},
            {"name": "a", "aliases": ["b", "unknown", 7], "gate": {"provenIn": "c", "soakMinutes": -1, "fine": 1}},
            {"name": "b", "aliases": ["z"], "production": "yes", "staleAfterDays": 0},
            {"name": "b", "aliases": ["z"]}, "c"],
        "services": [{"name": "cart", "team": "", "dependsOn": "payments"}],
        "freezes": [{"from": "today", "to": "2027-01-04T00:00:00Z"},
                    {"name": "f", "from": "2027-01-04T00:00:00Z", "to": "2027-01-04T00:00:00Z"}],
        "lagging": {"days": 1.5}, "abandonAfterDays": "7", "health": [], "autoRollback": 1,
        "permissions": [{"may": ["fly"]}], "rules": {}, "frezes": []
    });
    let fields = |unknown| -> Vec<String> {
        let errors = Settings::read(wrong.clone(), unknown).unwrap_err();
        errors.into_iter().map(|error| error.field).collect()
    };
    let mut found = fields(Unknown::Refused);
    found.sort_unstable();
    let mut expected = vec![
        "environments[0].name",
        "environments[0].aliases[1]",
        "environments[1].aliases[0]",
        "environments[1].aliases[1]",
        "environments[1].aliases[2]",
        "environments[1].gate.provenIn",
        "environments[1].gate.soakMinutes",
        "environments[1].gate.fine",
        "environments[2].production",
        "environments[2].staleAfterDays",
        "environments[3].name",
        "environments[3].aliases[0]",
        "environments[4]",
        "services[0].team",
        "services[0].dependsOn",
        "freezes[0].name",
        "freezes[0].from",
        "freezes[1].to",
        "lagging.days",
        "abandonAfterDays",
        "health",
        "autoRollback",
        "permissions[0].who",
        "permissions[0].may[0]",
        "rules",
        "frezes",
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
    let ignoring = fields(Unknown::Ignored);
    assert!(!ignoring.iter().any(|field| field.contains("fine") || field == "frezes"), "{ignoring:?}");
    assert_eq!(ignoring.len(), expected.len() - 2);
}

#[test]
fn an_alias_stands_for_its_name_and_for_nothing_else() {
    let names = Settings::read(whole(), Unknown::Refused).unwrap().names();
    let environment = |name: &str| Environment::parse(name).unwrap();
    let resolved = |name: &str| names.environments.resolve(&environment(name)).to_string();
    assert_eq!(
        ["Prod", "prod", "production", "PROD"].map(resolved),
        ["production", "production", "production", "PROD"]
    );
    let same = names.environments.same(&environment("prod"));
    assert_eq!(same.iter().map(Environment::as_str).collect::<Vec<_>>(), ["Prod", "prod", "production"]);
}

#[test]
fn versions_are_chained_and_an_unchanged_document_is_none() {
    let at = |millis| Timestamp::from_millis(millis);
    let document = canonical(&json!({"rules": [], "abandonAfterDays": 7}));
    let first = Version::after(None, &document, "ada", at(10)).unwrap();
    assert_eq!(Version::after(Some(&first), &document, "bob", at(20)), None);
    let second = Version::after(Some(&first), "{}", "bob", at(5)).unwrap();
    assert_eq!((second.number, second.recorded_at, &second.previous_hash), (2, at(10), &first.hash));
    for changed in [
        Version { document: "{ }".to_owned(), ..second.clone() },
        Version { number: 3, ..second.clone() },
        Version { recorded_at: at(11), ..second.clone() },
        Version { recorded_by: "eve".to_owned(), ..second.clone() },
        Version { previous_hash: String::new(), ..second.clone() },
    ] {
        assert_ne!(changed.computed_hash(), second.hash, "{changed:?}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics_and_what_is_read_strictly_is_read_the_same_when_unknown_fields_are_ignored(
        path in prop::sample::select(vec!["environments", "services", "freezes", "lagging", "health", "permissions",
            "rules", "sources", "ephemeral", "abandonAfterDays", "environments/0/gate", "environments/2/aliases",
            "freezes/0/from", "services/0/name", "lagging/days"]),
        value in prop::sample::select(vec![json!(null), json!(1), json!(-1e300), json!("x"), json!([[]]), json!({"a": 1}), json!(true)]),
    ) {
        let mut document = whole();
        if let Some(slot) = document.pointer_mut(&format!("/{path}")) {
            *slot = value;
        }
        let strict = Settings::read(document.clone(), Unknown::Refused);
        if let Ok(settings) = strict {
            prop_assert_eq!(Settings::read(document, Unknown::Ignored), Ok(settings));
        }
    }
}

#[test]
fn who_may_override_is_said_by_patterns_of_the_sender_environments_and_services() {
    let settings = Settings::read(whole(), Unknown::Refused).unwrap();
    let may = |sender: &str, environment: &str, service: &str| {
        let (environment, service) = (Environment::parse(environment).ok(), crate::Service::parse(service).ok());
        settings.permissions.may_override(sender, environment.as_ref(), service.as_ref(), &settings.names())
    };
    assert!(may("oidc:repo:acme/cart:ref:main", "production", "cart"));
    assert!(may("oidc:repo:acme/cart:ref:main", "Prod", ""), "an alias, and any service");
    assert!(!may("oidc:repo:acme/cart:ref:main", "staging", "cart"));
    assert!(!may("oidc:repo:acme/cart:ref:main", "", "cart"), "an environment that nobody names is not this one");
    assert!(!may("oidc:repo:acme/cartoon", "production", "cart"));
    let limited = json!({"permissions": [{"who": "*", "may": ["override"], "services": ["search"]}]});
    let limited = Settings::read(limited, Unknown::Refused).unwrap();
    let of = |service: &str| {
        let service = crate::Service::parse(service).unwrap();
        limited.permissions.may_override("anyone", None, Some(&service), &limited.names())
    };
    assert!(of("search") && !of("cart"));
    assert!(Settings::default().permissions.may_override("anyone", None, None, &Settings::default().names()));
}

#[test]
fn a_right_that_nothing_checks_yet_is_refused_and_ignored_in_what_stands() {
    let document = json!({"permissions": [{"who": "*", "may": ["report"]}]});
    let wrong = Settings::read(document.clone(), Unknown::Refused).unwrap_err();
    assert_eq!(wrong[0].field, "permissions[0].may[0]");
    assert_eq!(wrong[0].detail, "must be one of override, record, read: \"report\" can't be restricted yet");
    let stands = Settings::read(document, Unknown::Ignored).unwrap();
    assert!(!stands.permissions.may_override("anyone", None, None, &stands.names()), "there is a list");
}

#[test]
fn who_may_read_and_record_is_said_by_patterns_of_any_name_that_someone_has() {
    let read = |permissions: serde_json::Value| {
        Settings::read(json!({"permissions": permissions}), Unknown::Refused).unwrap().permissions
    };
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let alice = names(&["oidc:alice", "group:operators", "group:eu west"]);
    let open = Settings::default().permissions;
    assert!(open.may(Right::Read, &alice) && open.may(Right::Record, &[]), "without a list, whoever logs in");
    let listed = read(json!([
        {"who": "group:oper*", "may": ["read"]},
        {"who": "oidc:alice", "may": ["record"]},
        {"who": "oidc:root", "may": ["override", "record", "read"]},
    ]));
    assert!(
        listed.may(Right::Read, &alice) && listed.may(Right::Record, &alice) && !listed.may(Right::Override, &alice)
    );
    let bob = names(&["oidc:bob", "group:operators"]);
    assert!(listed.may(Right::Read, &bob) && !listed.may(Right::Record, &bob));
    let eve = names(&["oidc:group:operators", "group:xoperators", "oidc:alice2"]);
    assert!(!listed.may(Right::Read, &eve) && !listed.may(Right::Record, &eve));
    assert!(
        !listed.may_override("oidc:alice", None, None, &Settings::default().names()),
        "recording is not overriding"
    );
    let overriders = read(json!([{"who": "*", "may": ["override"]}]));
    assert!(!overriders.may(Right::Read, &alice), "there is a list, and nobody is given it");
}

#[test]
fn reading_and_recording_are_not_limited_to_a_place_and_nobody_who_writes_so_is_left_in_the_dark() {
    let document = json!({"permissions": [{"who": "*", "may": ["override", "record"], "environments": ["staging"]}]});
    let wrong = Settings::read(document.clone(), Unknown::Refused).unwrap_err();
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].field, "permissions[0].may[1]");
    assert!(wrong[0].detail.starts_with("\"record\" can't be limited"), "{}", wrong[0].detail);
    let stands = Settings::read(document, Unknown::Ignored).unwrap();
    assert!(
        !stands.permissions.may(Right::Record, &["oidc:alice".to_owned()]),
        "what stands gives no more than it says"
    );
}
