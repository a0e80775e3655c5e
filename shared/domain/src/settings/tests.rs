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
        "walls": [{"name": "office", "tokenSha256": crate::json::sha256_hex("a token")}],
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
        "permissions": [{"may": ["fly"]}], "rules": {}, "frezes": [],
        "walls": [{"tokenSha256": "x"}, {"name": "w", "tokenSha256": "0".repeat(64)}, {"name": "w", "token": "x"}]
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
        "walls[0].name",
        "walls[0].tokenSha256",
        "walls[2].name",
        "walls[2].tokenSha256",
        "walls[2].token",
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
    let ignoring = fields(Unknown::Ignored);
    assert!(
        !ignoring
            .iter()
            .any(|field| ["environments[1].gate.fine", "autoRollback", "frezes", "walls[2].token"].contains(&&**field))
    );
    assert_eq!(ignoring.len(), expected.len() - 4);
}

#[test]
fn a_screen_is_known_by_its_token_alone() {
    let settings = Settings::read(whole(), Unknown::Refused).unwrap();
    let is_of = |token: &str| settings.walls.iter().any(|wall| wall.is_of(token));
    assert!(is_of("a token"));
    assert!(!["", "a token ", "A token", &crate::json::sha256_hex("a token")].into_iter().any(is_of));
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
            "rules", "sources", "walls", "walls/0/name", "ephemeral", "abandonAfterDays", "environments/0/gate", "environments/2/aliases",
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
        overriding(&settings, sender).admits(environment.as_ref(), service.as_ref())
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
        overriding(&limited, "anyone").admits(None, Some(&service))
    };
    assert!(of("search") && !of("cart"));
    assert_eq!(overriding(&Settings::default(), "anyone"), Grant::Everything);
}

/// For what a sender may override gates, through a door that no permission names.
fn overriding(settings: &Settings, sender: &str) -> Grant {
    settings.permissions.grant(Right::Override, &known_as(sender, &[]), "events", &settings.names())
}

#[test]
fn a_list_that_gives_a_right_of_whole_lists_says_of_everything_who_may_do_it() {
    let read =
        |permissions: serde_json::Value| Settings::read(json!({"permissions": permissions}), Unknown::Refused).unwrap();
    let grant = |settings: &Settings, right| {
        settings.permissions.grant(right, &known_as("oidc:ada", &[]), "events", &settings.names())
    };
    let of_before = read(json!([{"who": "group:ops", "may": ["override", "record", "read"]}]));
    for right in [Right::Report, Right::Record, Right::Declare, Right::Settings] {
        assert_eq!(grant(&of_before, right), Grant::Everything, "{right:?} is as before");
    }
    assert!(grant(&of_before, Right::Override).is_nothing());
    assert!(of_before.permissions.finding().unwrap().contains("report anything"));
    assert!(Settings::default().permissions.finding().unwrap().starts_with("No permissions are listed"));
    for right in ["report", "declare", "settings"] {
        let whole = read(json!([{"who": "token:x", "may": [right]}]));
        for right in Right::ALL {
            assert!(grant(&whole, right).is_nothing(), "{right:?}");
        }
        assert_eq!(whole.permissions.finding(), None);
    }
}

#[test]
fn who_is_meant_is_who_it_is_to_the_door_and_a_subject_passes_for_nobody_else() {
    let named = |sender: &str| known_as(sender, &["group:ops".to_owned()]);
    assert_eq!(named("oidc:repo:acme/cart:x"), ["oidc:repo:acme/cart:x", "repo:acme/cart:x", "group:ops"]);
    for subject in ["arn:aws:iam::1:user/ada", "group:admins", "webhook:github", "token:ada", "oidc:ada", "anonymous"] {
        let sender = format!("oidc:{subject}");
        assert_eq!(known_as(&sender, &[]), [sender.as_str()], "{subject}");
    }
    assert_eq!(known_as("token:ada", &[]), ["token:ada"]);
}

/// Who × what × where × door, and whether it is given.
#[test]
fn permissions_give_what_they_say_to_whom_they_say_where_they_say() {
    let document = json!({
        "environments": [{"name": "production", "aliases": ["prod"]}],
        "permissions": [
            {"who": "arn:aws:sts::111122223333:assumed-role/deploy-cart/*", "may": ["report"], "services": ["cart"]},
            {"who": "oidc:repo:acme/cart:environment:staging", "may": ["report", "override"], "environments": ["staging"]},
            {"who": "webhook:github:acme/*", "may": ["report"], "doors": ["github"]},
            {"who": "eventbridge:111122223333:*", "may": ["report"], "environments": ["prod"], "services": ["cart", "pay"]},
            {"who": "group:release-managers", "may": ["record", "declare"], "doors": ["page"]},
            {"who": "token:root", "may": ["report", "record", "declare", "override"]},
        ],
    });
    let settings = Settings::read(document, Unknown::Refused).unwrap();
    let cart = "arn:aws:sts::111122223333:assumed-role/deploy-cart/7";
    let staging = "oidc:repo:acme/cart:environment:staging";
    let bus = "eventbridge:111122223333:aws.ecs";
    for (who, right, environment, service, door, given) in [
        (cart, Right::Report, "production", "cart", "events", true),
        (cart, Right::Report, "", "cart", "queue", true),
        (cart, Right::Report, "production", "pay", "events", false),
        (cart, Right::Report, "production", "", "events", false),
        (cart, Right::Override, "production", "cart", "events", false),
        (cart, Right::Record, "production", "cart", "page", false),
        (cart, Right::Declare, "production", "cart", "events", false),
        ("arn:aws:sts::111122223333:assumed-role/deploy-cart2/7", Right::Report, "production", "cart", "events", false),
        ("arn:aws:sts::999922223333:assumed-role/deploy-cart/7", Right::Report, "production", "cart", "events", false),
        (staging, Right::Report, "staging", "anything", "events", true),
        (staging, Right::Override, "staging", "", "events", true),
        (staging, Right::Report, "production", "cart", "events", false),
        (staging, Right::Report, "", "cart", "events", false),
        ("webhook:github:acme/shop", Right::Report, "production", "pay", "github", true),
        ("webhook:github:acme/shop", Right::Report, "production", "pay", "events", false),
        ("webhook:github:other/shop", Right::Report, "production", "pay", "github", false),
        ("oidc:webhook:github:acme/shop", Right::Report, "production", "pay", "github", false),
        (bus, Right::Report, "production", "cart", "queue", true),
        (bus, Right::Report, "prod", "pay", "queue", true),
        (bus, Right::Report, "production", "search", "queue", false),
        (bus, Right::Report, "staging", "cart", "queue", false),
        ("token:root", Right::Report, "", "", "events", true),
        ("token:root", Right::Declare, "", "cart", "events", true),
        ("token:rooty", Right::Report, "production", "cart", "events", false),
        ("anonymous", Right::Report, "production", "cart", "events", false),
    ] {
        let named = (Environment::parse(environment).ok(), crate::Service::parse(service).ok());
        let grant = settings.permissions.grant(right, &known_as(who, &[]), door, &settings.names());
        let found = grant.admits(named.0.as_ref(), named.1.as_ref());
        assert_eq!(found, given, "{who} {right:?} {service} {environment} {door}");
    }
    let manager = known_as("oidc:ada", &["group:release-managers".to_owned()]);
    let grant = |right, door| settings.permissions.grant(right, &manager, door, &settings.names());
    assert_eq!((grant(Right::Record, "page"), grant(Right::Declare, "page")), (Grant::Everything, Grant::Everything));
    assert!(grant(Right::Record, "events").is_nothing() && grant(Right::Report, "page").is_nothing());
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
    let overriding = listed.grant(Right::Override, &alice, "events", &Settings::default().names());
    assert!(overriding.is_nothing(), "recording is not overriding");
    let overriders = read(json!([{"who": "*", "may": ["override"]}]));
    assert!(!overriders.may(Right::Read, &alice), "there is a list, and nobody is given it");
}

#[test]
fn reading_and_settings_are_not_limited_to_a_place_and_nobody_who_writes_so_is_left_in_the_dark() {
    for (right, limit) in [("read", "environments"), ("settings", "services"), ("read", "doors")] {
        let mut document = json!({"permissions": [{"who": "*", "may": ["override", right]}]});
        document["permissions"][0][limit] = json!(["queue"]);
        let wrong = Settings::read(document.clone(), Unknown::Refused).unwrap_err();
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].field, "permissions[0].may[1]");
        assert!(wrong[0].detail.starts_with(&format!("{right:?} can't be limited")), "{}", wrong[0].detail);
        let stands = Settings::read(document, Unknown::Ignored).unwrap();
        assert!(
            !stands.permissions.may(Right::Read, &["oidc:alice".to_owned()]),
            "what stands gives no more than it says"
        );
    }
}
