use serde_json::json;

use super::*;
use crate::Timestamp;
use crate::fields::Unknown;
use crate::identifiers::Identifier as _;

fn entry(minutes: i64, id: &str, version: &str, effect: Effect, region: Option<&str>) -> Entry {
    Entry {
        at: Timestamp::from_millis(minutes * 60_000),
        ahead: false,
        deployment_id: DeploymentId::parse(id).unwrap(),
        effect,
        region: region.map(|region| Region::parse(region).unwrap()),
        version: Version::parse(version).ok(),
        commit: None,
        rollback_to: None,
    }
}

fn landed(minutes: i64, id: &str, version: &str) -> Entry {
    entry(minutes, id, version, Effect::Completed, None)
}

fn thing(version: &str) -> Thing {
    Thing { version: Version::parse(version).ok(), commit: None }
}

fn found(log: &[Entry], id: &str, version: &str, region: Option<&str>) -> Result<Vec<String>, String> {
    let region = region.map(|region| Region::parse(region).unwrap());
    let of = (&DeploymentId::parse(id).unwrap(), &thing(version), region.as_ref());
    let found = candidates(&Cell::of_log(log).0, of)?;
    Ok(found.iter().map(|entry| entry.deployment_id.to_string()).collect())
}

#[test]
fn one_goes_back_to_other_things_that_landed_before_the_newest_first() {
    let gone = Err("it no longer runs there".to_owned());
    let ids = |ids: &[&str]| Ok(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    let three = [landed(1, "a", "1"), landed(2, "b", "2"), landed(3, "c", "3")];
    assert_eq!(found(&three, "c", "3", None), ids(&["b", "a"]));
    assert_eq!(found(&three, "b", "2", None), gone, "something else runs");
    assert_eq!(found(&three[..1], "a", "1", None), ids(&[]));
    // Of each thing the newest landing, and never the thing itself.
    let again = [landed(1, "a", "1"), landed(2, "b", "2"), landed(3, "c", "1"), landed(4, "d", "2")];
    assert_eq!(found(&again, "d", "2", None), ids(&["c"]));
    let failed = [landed(1, "a", "1"), entry(2, "b", "2", Effect::Failed, None), landed(3, "c", "3")];
    assert_eq!(found(&failed, "c", "3", None), ids(&["a"]), "what failed never ran");
    let removed = [landed(1, "a", "1"), landed(2, "b", "2"), entry(3, "x", "2", Effect::Removed, None)];
    assert_eq!(found(&removed, "b", "2", None), gone);
    let eu = |minutes, id, version| entry(minutes, id, version, Effect::Completed, Some("eu"));
    let us = |minutes, id, version| entry(minutes, id, version, Effect::Completed, Some("us"));
    let regions = [eu(1, "e-1", "1"), us(2, "u-2", "2"), eu(3, "e-3", "3"), us(4, "u-4", "4")];
    assert_eq!(found(&regions, "e-3", "3", Some("eu")), ids(&["e-1"]), "what ran in its region");
}

#[test]
fn a_suggestion_says_how_or_why_not() {
    let settings = |command: Option<&str>| {
        let document = command.map_or_else(|| json!({}), |command| json!({"rollbackCommand": command}));
        Settings::read(document, Unknown::Refused).unwrap()
    };
    let (service, environment) = (Service::parse("cart").unwrap(), Environment::parse("production").unwrap());
    let to = |version: &str, command: Option<&str>| {
        Suggestion::to(&landed(1, "a", version), (&service, &environment), &settings(command)).in_words()
    };
    for (version, command, expected) in [
        ("1", None, "go back to 1 (a)"),
        ("1", Some("deploy {version}"), "go back to 1 (a): deploy 1"),
        ("1", Some("https://ci/{version}"), "go back to 1 (a): https://ci/1"),
        (
            "-rf",
            Some("deploy {version}"),
            "go back to -rf (a): no command: the version begins with -, and could be taken for an option",
        ),
    ] {
        assert_eq!(to(version, command), expected);
    }
    let candidates = [landed(1, "a", "1"), landed(2, "b", "2")];
    for (candidates, newest, expected) in [
        (
            &candidates[..0],
            None,
            "nothing to go back to: nothing else ran there before, as far as is kept beside what runs",
        ),
        (&candidates[..1], Some("b"), "nothing to go back to: the only other thing that ran there before is none: b"),
        (&candidates[..], Some("b"), "nothing to go back to: none of the 2 things that ran there before will do: b"),
    ] {
        assert_eq!(Suggestion::none_of(candidates, newest).in_words(), expected);
    }
}

#[test]
fn what_is_said_of_a_service_counts_before_its_environment_and_that_before_all() {
    let document = json!({
        "rollbackCommand": "all",
        "environments": [{"name": "production", "rollbackCommand": "environment", "autoRollback": true}, {"name": "qa"}],
        "services": [{"name": "cart", "rollbackCommand": "service"}, {"name": "search"}],
    });
    let settings = Settings::read(document, Unknown::Refused).unwrap();
    for (environment, service, expected) in [
        ("production", "cart", "service"),
        ("qa", "cart", "service"),
        ("production", "search", "environment"),
        ("qa", "search", "all"),
        ("elsewhere", "other", "all"),
    ] {
        let (environment, service) = (Environment::parse(environment).unwrap(), Service::parse(service).unwrap());
        let found = settings.rollback_command(&environment, &service).map(crate::settings::RollbackCommand::as_str);
        assert_eq!(found, Some(expected), "{environment} {service}");
    }
}
