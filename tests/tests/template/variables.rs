//! Environment variables: each function is given those that it reads and no other, with values that
//! it takes. What a template would let through and a function would not start with is found here and
//! not in a deployment.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use domain::fields::Unknown;
use event_processor::settings::{Settings as EventProcessorSettings, VARIABLES as EVENT_PROCESSOR_VARIABLES};
use lambda::settings::WrongSettings;
use serde_json::Value;
use status_query::settings::{Settings as StatusQuerySettings, VARIABLES as STATUS_QUERY_VARIABLES};
use witness::settings::{Settings as WitnessSettings, VARIABLES as WITNESS_VARIABLES};

use super::drift::{self, Described, expect_none, expect_one};
use super::parameters::text;
use super::templates::{CLASSES, Installation, Templates, WITH_LOGIN, folder};

const EVENT_PROCESSOR: &str = "EventProcessor.Function";
const STATUS_QUERY: &str = "StatusQuery.Function";
const WITNESS: &str = "Witness.Function";

/// The value of a function's variable.
fn variable(function: &Value, name: &str) -> Option<String> {
    text(&function["Environment"]["Variables"][name])
}

/// SAM publishes a new version when its description is another one, and not for another value of a
/// variable: the alias would go on with the old settings.
pub(crate) fn check_versions(before: &Installation, after: &Installation) -> Vec<String> {
    let stale = [EVENT_PROCESSOR, STATUS_QUERY, WITNESS].into_iter().filter(|path| {
        let (before, after) = (before.properties(path), after.properties(path));
        before["Environment"] != after["Environment"] && before["VersionDescription"] == after["VersionDescription"]
    });
    stale.map(|path| format!("{path}: other variables make no other version")).collect()
}

pub(crate) fn check(installation: &Installation) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, names) in [
        (EVENT_PROCESSOR, &EVENT_PROCESSOR_VARIABLES[..]),
        (STATUS_QUERY, &STATUS_QUERY_VARIABLES),
        (WITNESS, &WITNESS_VARIABLES),
    ] {
        let function = installation.properties(path);
        let is_set = |name: &str| (name.to_owned(), "a variable".to_owned());
        // What the function does ask for, whatever it is said to.
        let asked = RefCell::new(Described::new());
        let ask = |name: &str| {
            asked.borrow_mut().extend([is_set(name)]);
            variable(function, name)
        };
        let read: Result<(), WrongSettings> = match path {
            EVENT_PROCESSOR => EventProcessorSettings::read(ask).map(drop),
            WITNESS => WitnessSettings::read(ask).map(drop),
            _ => StatusQuerySettings::read(ask).map(drop),
        };
        complaints.extend(read.err().map(|wrong| format!("{path}: {wrong}")));
        let code = asked.into_inner();
        let set = function["Environment"]["Variables"].as_object().unwrap();
        complaints.extend(drift::between(path, &code, &set.keys().map(|name| is_set(name)).collect()));
        if code != names.iter().map(|name| is_set(name)).collect() {
            complaints.push(format!("{path}: settings list {names:?}, and read {code:?}"));
        }
    }
    complaints
}

#[test]
fn each_function_is_given_the_variables_that_it_reads_with_values_that_it_takes() {
    for class in CLASSES {
        expect_none(&check(&Templates::read().of_class(class)));
    }
}

#[test]
fn whatever_a_parameter_allows_the_functions_take() {
    for (parameter, values) in [
        ("StuckAfterMinutes", vec!["1", "10080"]),
        ("HistoryRetentionDays", vec!["0", "1", "36500"]),
        ("MetricsNamespace", vec!["a", "Shop/Deployments#1-b_c.d"]),
        (
            "Notify",
            vec![
                "",
                "*:STUCK",
                "BAD,production:SUSPECT",
                "production:STARTED,eu prod:CANCELLED,*:COMPLETED,*:FAILED,*:ROLLED_BACK",
            ],
        ),
        ("WebhookSecretName", vec!["", "webhooks/all+1"]),
        ("JwtSubjects", vec!["", "*", "repo:shop/*,repo:other/one:ref:refs/heads/main"]),
        (
            "PagesUrl",
            vec!["", "https://deployments.example.com", "https://a/", "https://a-1.b:8443", "https://a:64999"],
        ),
    ] {
        for value in values {
            let installation = Templates::read().deploy(&[(parameter, value)]).unwrap();
            expect_none(&check(&installation));
        }
    }
    for (parameter, values) in [
        ("LoginIssuer", vec!["https://accounts.google.com", "https://a.example:8443/x/v2.0/"]),
        ("LoginClientId", vec!["0123-abc.apps.googleusercontent.com", "api://a/b?c=d#e"]),
        ("LoginSecretName", vec!["deployments/login"]),
    ] {
        for value in values {
            let others = WITH_LOGIN.into_iter().filter(|(name, _)| *name != parameter);
            let parameters: Vec<_> = others.chain([(parameter, value)]).collect();
            expect_none(&check(&Templates::read().deploy(&parameters).unwrap()));
        }
    }
}

#[test]
fn what_a_function_would_refuse_no_parameter_allows() {
    for (parameter, values) in [
        ("StuckAfterMinutes", vec!["0", "1.5", "10081", "soon"]),
        ("HistoryRetentionDays", vec!["-1", "36501", "ever"]),
        ("MetricsNamespace", vec!["AWS/Ours", ""]),
        ("Notify", vec!["production:EXPLODED", ":FAILED", "*:FAILED,", "*:failed"]),
        ("WebhookSecretName", vec!["secret:of:ours", "our secret"]),
        (
            "LoginIssuer",
            vec!["http://issuer.example", "issuer.example", "https://", "https://a.example?b", "https://a.example/#b"],
        ),
        ("LoginClientId", vec!["two words", "größe"]),
        ("LoginSecretName", vec!["secret:of:ours", "our secret"]),
        ("JwtSubjects", vec!["repo:größe/*", "repo:\tx"]),
        (
            "PagesUrl",
            vec![
                "http://a",
                "https://",
                "https://a/pages",
                "https://a:65536",
                "https://a:0",
                "https://u@a",
                "https://a?b",
                "a.example",
            ],
        ),
    ] {
        for value in values {
            let wrong = Templates::read().refuse(&[(parameter, value)]);
            assert!(wrong.contains(&format!("{parameter}={value}")), "{wrong}");
        }
    }
}

#[test]
fn a_variable_that_is_missing_or_that_nobody_reads_is_found() {
    for (path, name, value, says) in [
        (EVENT_PROCESSOR, "STUCK_AFTER_MINUTES", None, "lacks STUCK_AFTER_MINUTES"),
        (EVENT_PROCESSOR, "TABLE_NAME", Some("x"), "TABLE_NAME (a variable) is in the template only"),
        (STATUS_QUERY, "STUCK_AFTER_MINUTES", None, "lacks STUCK_AFTER_MINUTES"),
        (STATUS_QUERY, "HISTORY_RETENTION_DAYS", None, "lacks HISTORY_RETENTION_DAYS"),
        (STATUS_QUERY, "TOPIC_ARN", Some("arn:x"), "TOPIC_ARN (a variable) is in the template only"),
        (EVENT_PROCESSOR, "LOG_LEVEL", Some("trace"), "LOG_LEVEL must be"),
        (EVENT_PROCESSOR, "TOPIC_ARN", Some("topic"), "TOPIC_ARN must be"),
        (STATUS_QUERY, "HISTORY_TABLE", Some(""), "HISTORY_TABLE is required"),
        (WITNESS, "HISTORY_RETENTION_DAYS", None, "lacks HISTORY_RETENTION_DAYS"),
        (WITNESS, "ANCHORS_BUCKET", Some(""), "ANCHORS_BUCKET is required"),
        (WITNESS, "STATE_TABLE", Some("x"), "STATE_TABLE (a variable) is in the template only"),
    ] {
        let mut installation = Installation::production();
        let variables = installation.properties_mut(path)["Environment"]["Variables"].as_object_mut().unwrap();
        match value {
            Some(value) => variables.insert(name.to_owned(), value.into()),
            None => variables.remove(name),
        };
        expect_one(&check(&installation), &[path, says]);
    }
}

#[test]
fn whatever_changes_a_variable_makes_a_new_version() {
    let before = Templates::read().of_class("production");
    let mut fixed: BTreeSet<&str> = EVENT_PROCESSOR_VARIABLES.into();
    for (parameter, value) in [
        ("Notify", "*:FAILED"),
        ("StuckAfterMinutes", "5"),
        ("HistoryRetentionDays", "9"),
        ("MetricsNamespace", "Shop"),
        ("WebhookSecretName", "webhooks"),
        ("JwtSubjects", "repo:shop/*"),
        ("SettingsAdmins", "*role/ops/*"),
        ("PagesUrl", "https://deployments.example.com"),
        ("EnvironmentClass", "development"),
    ] {
        let parameters: BTreeMap<_, _> = [("EnvironmentClass", "production"), (parameter, value)].into();
        let parameters: Vec<_> = parameters.into_iter().collect();
        let mut after = Templates::read().deploy(&parameters).unwrap();
        expect_none(&check_versions(&before, &after));
        let [was, is] = [&before, &after].map(|installation| installation.properties(EVENT_PROCESSOR));
        fixed.retain(|name| variable(was, name) == variable(is, name));
        let same = before.properties(EVENT_PROCESSOR)["VersionDescription"].clone();
        after.properties_mut(EVENT_PROCESSOR)["VersionDescription"] = same;
        expect_one(&check_versions(&before, &after), &[EVENT_PROCESSOR, "no other version"]);
    }
    // Of a login each setting makes another version too, of both functions if both read it.
    let before = Templates::read().deploy(&[&WITH_LOGIN[..], &[("EnvironmentClass", "production")]].concat()).unwrap();
    for (parameter, value, path) in [
        ("LoginIssuer", "https://other.example", STATUS_QUERY),
        ("LoginClientId", "other", STATUS_QUERY),
        ("LoginSecretName", "other", STATUS_QUERY),
        ("LoginSecretName", "another", EVENT_PROCESSOR),
    ] {
        let mut parameters: BTreeMap<_, _> = WITH_LOGIN.into();
        parameters.extend([("EnvironmentClass", "production"), (parameter, value)]);
        let mut after = Templates::read().deploy(&parameters.into_iter().collect::<Vec<_>>()).unwrap();
        expect_none(&check_versions(&before, &after));
        let was = before.properties(path)["VersionDescription"].clone();
        after.properties_mut(path)["VersionDescription"] = was;
        expect_one(&check_versions(&before, &after), &[path, "no other version"]);
        fixed.remove("LOGIN_SECRET_ID");
    }
    assert_eq!(fixed, ["HISTORY_TABLE", "STATE_TABLE", "TOPIC_ARN"].into(), "nothing else stays what it is");
}

/// The longest value of each parameter that has a length, and `further` characters.
fn longest(further: usize) -> [(&'static str, String); 8] {
    [
        ("Notify", format!("{}:ROLLED_BACK", "e".repeat(60 + further))),
        ("MetricsNamespace", "m".repeat(28 + further)),
        ("WebhookSecretName", "w".repeat(24 + further)),
        ("JwtSubjects", "j".repeat(72 + further)),
        ("SettingsAdmins", "a".repeat(13 + further)),
        ("LoginIssuer", format!("https://{}", "i".repeat(62 + further))),
        ("LoginClientId", "c".repeat(72 + further)),
        ("LoginSecretName", "s".repeat(24 + further)),
    ]
}

fn with_the_longest_settings() -> Installation {
    let longest = longest(0);
    let mut parameters: Vec<(&str, &str)> = longest.iter().map(|(name, value)| (*name, value.as_str())).collect();
    parameters.extend([("StuckAfterMinutes", "10080"), ("HistoryRetentionDays", "36500"), ("Login", "oidc")]);
    Templates::read().deploy(&parameters).unwrap()
}

#[test]
fn the_example_of_settings_is_taken() {
    let example = std::fs::read(folder().join("examples/settings.json")).unwrap();
    let (settings, _) = formats::Settings::parse(&example, Unknown::Refused).unwrap();
    assert!(settings.rules != formats::SourceRules::default() && !settings.names.environments.is_empty());
}

#[test]
fn the_longest_settings_still_describe_a_version() {
    let templates = Templates::read();
    for (parameter, value) in longest(1) {
        assert!(templates.refuse(&[(parameter, &value)]).contains(parameter), "there are no longer ones");
    }
    let installation = with_the_longest_settings();
    expect_none(&check(&installation));
    for path in [EVENT_PROCESSOR, STATUS_QUERY, WITNESS] {
        let length = installation.properties(path)["VersionDescription"].as_str().unwrap().len();
        assert!(length <= 256, "{path}: Lambda takes at most 256 characters, these are {length}");
    }
}

/// What `PagesUrl` takes is left by the others: whoever has none can have what they could have before there was one.
#[test]
fn links_take_the_room_that_other_settings_leave_and_what_is_too_long_together_is_refused_with_their_names() {
    let templates = Templates::read();
    let longest = longest(0);
    let mut parameters: Vec<(&str, &str)> = longest.iter().map(|(name, value)| (*name, value.as_str())).collect();
    parameters.extend([("StuckAfterMinutes", "10080"), ("HistoryRetentionDays", "36500"), ("Login", "oidc")]);
    let url = format!("https://{}", "p".repeat(72 - 1));
    let mut others = parameters.clone();
    others.push(("PagesUrl", &url));
    let wrong = templates.refuse(&others);
    assert!(
        wrong.contains("event-processor.yaml: VersionDescription=") && wrong.ends_with("MaxLength is 256"),
        "{wrong}"
    );
    let said = text(&templates.0["event-processor.yaml"]["Parameters"]["VersionDescription"]["ConstraintDescription"]);
    for name in longest.iter().map(|(name, _)| *name).filter(|name| !["LoginIssuer", "LoginClientId"].contains(name)) {
        assert!(said.as_ref().is_some_and(|said| said.contains(name)), "{name}");
    }
    assert!(said.is_some_and(|said| said.contains("PagesUrl")));
    // Without its longest value, one of them leaves as much as it had.
    others.retain(|(name, _)| *name != "JwtSubjects");
    let installation = templates.deploy(&others).unwrap();
    expect_none(&check(&installation));
    let description = installation.properties(EVENT_PROCESSOR)["VersionDescription"].as_str().unwrap();
    assert!((254..=256).contains(&description.len()), "{description}");
    let longest_url = format!("https://{}", "p".repeat(92));
    expect_none(&check(&templates.deploy(&[("PagesUrl", &longest_url)]).unwrap()));
    assert!(templates.refuse(&[("PagesUrl", &format!("{longest_url}p"))]).contains("PagesUrl"));
}
