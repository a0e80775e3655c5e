use serde_json::{Value, json};

use super::*;
use crate::fields::Unknown;
use crate::identifiers::Identifier as _;
use crate::live::log_key::LogKey;
use crate::moment::Moment;

mod measured;
mod verdicts;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-03-{text}Z")).unwrap()
}

fn settings(gate: &Value, freezes: &Value) -> Settings {
    let document = json!({
        "environments": [
            {"name": "development"}, {"name": "staging", "aliases": ["stage"]},
            {"name": "production", "aliases": ["prod"], "gate": gate}, {"name": "abroad"}],
        "services": [{"name": "cart", "aliases": ["shop-cart"]}],
        "freezes": freezes,
    });
    Settings::read(document, Unknown::Refused).unwrap()
}

fn question(environment: &str, at: Timestamp) -> Question {
    Question {
        service: Service::parse("cart").unwrap(),
        environment: Environment::parse(environment).unwrap(),
        thing: Thing { version: Version::parse("2.8.0").ok(), commit: None },
        at,
    }
}

fn key(at: Timestamp, id: &str, effect: Effect) -> LogKey {
    LogKey { moment: Moment::from(at), deployment_id: DeploymentId::parse(id).unwrap(), effect, corrected_by: None }
}

fn landed(at: Timestamp) -> Course {
    Course { landed: [key(at, "s-1", Effect::Completed)].into(), ..Course::default() }
}

fn undone(at: Timestamp, how: Undone) -> Course {
    let things = [question("production", at).thing].into();
    let undoing = Undoing { how, things };
    Course { undone: [(key(at, "p-1", Effect::RolledBack), undoing)].into(), ..Course::default() }
}

/// A release with services in these states.
fn release(name: &str, services: &[(&str, ReleaseState)], more: bool) -> OfRelease {
    let services = services.iter().map(|(service, state)| (Service::parse(service).unwrap(), *state));
    OfRelease { release: Label::parse(name).unwrap(), services: services.collect(), more }
}

#[test]
fn what_belongs_to_releases_goes_on_when_all_of_them_are_complete_before() {
    use ReleaseState::{Deploying, InPlace, NeverDeployed, Newer, Older};
    let settings = settings(&json!({"releaseComplete": true}), &json!([]));
    let complete = || release("7", &[("cart", InPlace), ("web", Newer)], false);
    for (releases, more, passed, detail) in [
        (vec![], false, true, "cart 2.8.0 belongs to no release"),
        (vec![complete()], false, true, "7 is complete in staging"),
        (vec![complete(), release("8", &[("cart", InPlace)], false)], false, true, "7, 8 are complete in staging"),
        (
            vec![complete(), release("8", &[("cart", InPlace), ("web", Older), ("x", Deploying)], false)],
            false,
            false,
            "not complete in staging: 8 (web runs something else, x is being deployed);",
        ),
        (vec![release("8", &[("x", NeverDeployed)], false)], false, false, "not complete in staging: 8 (x was never"),
        // What was not read to its end is not known to be complete.
        (vec![release("8", &[("cart", InPlace)], true)], false, false, "not complete in staging: 8 (it has more"),
        (vec![release("8", &[], false)], false, false, "not complete in staging: 8 (it has no services)"),
        (vec![complete()], true, false, "cart 2.8.0 may belong to more releases"),
        (vec![], true, false, "cart 2.8.0 may belong to more releases"),
        (vec![release("8", &[("x", Older)], false)], true, false, "not complete in staging: 8 (x runs something else)"),
    ] {
        let facts = Facts { releases, more_releases: more, ..Facts::default() };
        let found = check(CheckName::ReleaseComplete, &settings, &question("production", at("01T12:00:00")), &facts);
        assert_eq!(found.outcome == CheckOutcome::Passed, passed, "{}", found.detail);
        assert!(found.detail.starts_with(detail), "{}", found.detail);
    }
}

/// The result of one check.
fn check(name: CheckName, settings: &Settings, question: &Question, facts: &Facts) -> Check {
    let judgement = judge(question, settings, &settings.names(), facts);
    let failed = judgement.checks.iter().any(|check| check.outcome == CheckOutcome::Failed);
    assert_eq!(judgement.decision == Decision::Deny, failed);
    let [found] =
        judgement.checks.into_iter().filter(|check| check.check == name).collect::<Vec<_>>().try_into().unwrap();
    found
}

#[test]
fn all_checks_are_answered_in_their_order_and_only_a_freeze_is_asked_for_by_default() {
    use CheckName::*;
    for settings in [Settings::default(), settings(&json!({}), &json!([]))] {
        let judgement =
            judge(&question("production", at("01T12:00:00")), &settings, &settings.names(), &Facts::default());
        let names: Vec<CheckName> = judgement.checks.iter().map(|check| check.check).collect();
        assert_eq!(names, [ProvenIn, SoakMinutes, NotBad, NothingActive, Freeze, ReleaseComplete]);
        let asked: Vec<CheckName> =
            judgement.checks.iter().filter(|check| check.outcome != CheckOutcome::NotAsked).map(|c| c.check).collect();
        assert_eq!((judgement.decision, asked), (Decision::Allow, vec![Freeze]));
    }
}

#[test]
fn all_that_fails_is_told_and_not_only_the_first() {
    let gate = json!({"provenIn": "staging", "soakMinutes": 60, "notBad": true, "nothingActive": true, "releaseComplete": true});
    let freezes = json!([{"name": "f", "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}]);
    let settings = settings(&gate, &freezes);
    let production = Environment::parse("production").unwrap();
    let facts = Facts {
        proven: Course::default(),
        courses: vec![(production, undone(at("01T10:00:00"), Undone::RolledBack))],
        verdicts: vec![],
        measured: vec![],
        active: vec![DeploymentId::parse("p-2").unwrap()],
        more_active: false,
        releases: vec![release("7", &[("web", ReleaseState::Skipped)], false)],
        more_releases: false,
    };
    let judgement = judge(&question("production", at("01T12:00:00")), &settings, &settings.names(), &facts);
    assert_eq!(judgement.decision, Decision::Deny);
    let details: Vec<&str> = judgement.checks.iter().map(|check| check.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "2.8.0 has not landed in staging; it passes when it does",
            "2.8.0 is not proven in staging; it passes 60 minutes after it lands there",
            "2.8.0 was rolled back in production at 2026-03-01T10:00:00.000Z (p-1); it passes for another version, or once it is cleared: deployment-status bad clear cart@2.8.0 --reason WHY",
            "p-2 is active; it passes when it has finished",
            "the freeze f holds for cart in production; it passes at 2026-03-02T00:00:00.000Z, or when the settings except cart",
            "not complete in staging: 7 (web was skipped); it passes when each service is in place there",
        ]
    );
    assert!(judgement.checks.iter().all(|check| check.outcome == CheckOutcome::Failed));
}

#[test]
fn what_was_not_read_to_its_end_is_not_known_to_be_inactive() {
    let settings = settings(&json!({"nothingActive": true}), &json!([]));
    let question = question("production", at("01T12:00:00"));
    let one = || vec![DeploymentId::parse("p-2").unwrap()];
    for (active, more_active, passed, detail) in [
        (vec![], false, true, "no other deployment"),
        (vec![], true, false, "so many deployments of cart to production were recorded later"),
        (one(), false, false, "p-2 is active"),
        (one(), true, false, "p-2 is active"),
    ] {
        let facts = Facts { active, more_active, ..Facts::default() };
        let found = check(CheckName::NothingActive, &settings, &question, &facts);
        assert_eq!(found.outcome == CheckOutcome::Passed, passed, "{}", found.detail);
        assert!(found.detail.starts_with(detail), "{}", found.detail);
    }
}

#[test]
fn what_has_to_be_known_follows_from_the_settings() {
    let gate = json!({"provenIn": "staging", "notBad": true, "nothingActive": true, "releaseComplete": true});
    let settings = settings(&gate, &json!([]));
    let environment = |name: &str| Environment::parse(name).unwrap();
    let asked = |name: &str| Asked::of(&environment(name), &settings, &settings.path());
    let not_bad_in = ["development", "staging", "production", "abroad"].map(environment).to_vec();
    let staging = || Some(environment("staging"));
    let expected = Asked { proven_in: staging(), not_bad_in, verdicts: true, active: true, releases_in: staging() };
    assert_eq!(asked("production"), expected);
    assert_eq!(asked("staging"), Asked::default());
    assert_eq!(asked("nowhere"), Asked::default());
}

#[test]
fn a_soak_ends_at_its_last_moment() {
    let settings = settings(&json!({"provenIn": "staging", "soakMinutes": 60}), &json!([]));
    let outcome = |landing: &str| {
        let facts = Facts { proven: landed(at(landing)), ..Facts::default() };
        check(CheckName::SoakMinutes, &settings, &question("production", at("01T12:00:00")), &facts)
    };
    assert_eq!(outcome("01T11:00:00").outcome, CheckOutcome::Passed);
    assert_eq!(outcome("01T10:59:59.999").outcome, CheckOutcome::Passed);
    let failed = outcome("01T11:00:00.001");
    assert_eq!(failed.outcome, CheckOutcome::Failed);
    assert!(failed.detail.ends_with("it passes at 2026-03-01T12:00:00.001Z"), "{}", failed.detail);
    assert_eq!(failed.evidence[0].deployment_id, DeploymentId::parse("s-1").ok());
}

#[test]
fn a_soak_without_a_place_fails() {
    let settings = settings(&json!({"soakMinutes": 0}), &json!([]));
    let failed =
        check(CheckName::SoakMinutes, &settings, &question("production", at("01T12:00:00")), &Facts::default());
    assert_eq!(failed.outcome, CheckOutcome::Failed);
    assert!(failed.detail.contains("provenIn"), "{}", failed.detail);
}

#[test]
fn what_was_undone_where_it_is_to_be_proven_is_proven_again_by_a_later_landing() {
    let settings = settings(&json!({"provenIn": "staging", "soakMinutes": 60}), &json!([]));
    let twelve = question("production", at("01T12:00:00"));
    let was_undone = landed(at("01T08:00:00")).and(undone(at("01T09:00:00"), Undone::RolledBack));
    let facts = Facts { proven: was_undone.clone(), ..Facts::default() };
    let failed = check(CheckName::ProvenIn, &settings, &twelve, &facts);
    assert_eq!(failed.outcome, CheckOutcome::Failed);
    assert_eq!(
        failed.detail,
        "2.8.0 was rolled back in staging at 2026-03-01T09:00:00.000Z (p-1); it passes when 2.8.0 lands there again"
    );
    let facts = Facts { proven: was_undone.and(landed(at("01T11:30:00"))), ..Facts::default() };
    assert_eq!(check(CheckName::ProvenIn, &settings, &twelve, &facts).outcome, CheckOutcome::Passed);
    let soaking = check(CheckName::SoakMinutes, &settings, &twelve, &facts);
    assert!(
        soaking.detail.ends_with("it passes at 2026-03-01T12:30:00.000Z"),
        "not since its first: {}",
        soaking.detail
    );
}

#[test]
fn a_version_is_bad_wherever_on_the_path_it_was_undone() {
    let settings = settings(&json!({"notBad": true}), &json!([]));
    let noon = question("production", at("01T12:00:00"));
    let abroad = Environment::parse("abroad").unwrap();
    for (how, kind, said) in [
        (Undone::RolledBack, EvidenceKind::RolledBack, "2.8.0 was rolled back in abroad"),
        (Undone::FailedAfterCompleting, EvidenceKind::FailedAfterCompleting, "2.8.0 failed in abroad"),
        (Undone::ReplacedByRollback, EvidenceKind::ReplacedByRollback, "abroad went back from 2.8.0"),
    ] {
        // It landed again since, and stays bad.
        let course = undone(at("01T09:00:00"), how).and(landed(at("01T10:00:00")));
        let facts = Facts { courses: vec![(abroad.clone(), course)], ..Facts::default() };
        let failed = check(CheckName::NotBad, &settings, &noon, &facts);
        assert_eq!((failed.outcome, failed.evidence[0].kind), (CheckOutcome::Failed, kind));
        assert!(failed.detail.starts_with(said), "{}", failed.detail);
    }
    let facts = Facts { courses: vec![(abroad, landed(at("01T10:00:00")))], ..Facts::default() };
    assert_eq!(check(CheckName::NotBad, &settings, &noon, &facts).outcome, CheckOutcome::Passed);
}

#[test]
fn a_freeze_holds_from_its_first_moment_to_its_last() {
    let freeze = |more: Value| {
        let mut freeze = json!({"name": "holidays", "from": "2026-03-10T00:00:00Z", "to": "2026-03-20T00:00:00Z"});
        freeze.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        freeze
    };
    let outcome = |freezes: Value, environment: &str, time: &str| {
        let settings = settings(&json!({}), &freezes);
        check(CheckName::Freeze, &settings, &question(environment, at(time)), &Facts::default())
    };
    let everywhere = json!([freeze(json!({}))]);
    for (time, expected) in [
        ("09T23:59:59.999", CheckOutcome::Passed),
        ("10T00:00:00", CheckOutcome::Failed),
        ("19T23:59:59.999", CheckOutcome::Failed),
        ("20T00:00:00", CheckOutcome::Passed),
    ] {
        assert_eq!(outcome(everywhere.clone(), "production", time).outcome, expected, "{time}");
    }
    let (inside, passed, failed) = ("15T00:00:00", CheckOutcome::Passed, CheckOutcome::Failed);
    for (more, environment, expected) in [
        (json!({"environments": ["production"]}), "production", failed),
        (json!({"environments": ["prod"]}), "production", failed),
        (json!({"environments": ["staging"]}), "production", passed),
        (json!({"environments": ["PROD"]}), "production", passed),
        (json!({"environments": ["blue"]}), "blue", failed),
        (json!({"except": ["cart"]}), "production", passed),
        (json!({"except": ["shop-cart"]}), "production", passed),
        (json!({"except": ["search"]}), "production", failed),
    ] {
        let found = outcome(json!([freeze(more.clone())]), environment, inside);
        assert_eq!(found.outcome, expected, "{more} {environment}: {}", found.detail);
    }
    let off = settings(&json!({"freeze": false}), &everywhere);
    let found = check(CheckName::Freeze, &off, &question("production", at(inside)), &Facts::default());
    assert_eq!(found.outcome, CheckOutcome::NotAsked);
}

#[test]
fn freezes_that_follow_each_other_are_over_with_the_last_of_them() {
    let freezes = json!([
        {"name": "second", "from": "2026-03-11T00:00:00Z", "to": "2026-03-12T00:00:00Z"},
        {"name": "first", "from": "2026-03-10T00:00:00Z", "to": "2026-03-11T00:00:00Z"},
        {"name": "not here", "environments": ["staging"], "from": "2026-03-10T00:00:00Z", "to": "2026-03-30T00:00:00Z"},
        {"name": "not next", "from": "2026-03-12T00:00:00.001Z", "to": "2026-03-13T00:00:00Z"},
        {"name": "not for it", "except": ["cart"], "from": "2026-03-10T00:00:00Z", "to": "2026-03-30T00:00:00Z"},
    ]);
    let settings = settings(&json!({}), &freezes);
    let failed = check(CheckName::Freeze, &settings, &question("production", at("10T12:00:00")), &Facts::default());
    assert!(failed.detail.starts_with("the freeze first holds"), "{}", failed.detail);
    assert!(failed.detail.contains("it passes at 2026-03-12T00:00:00.000Z"), "{}", failed.detail);
    let [evidence] = failed.evidence.try_into().unwrap();
    assert_eq!((evidence.at, evidence.until), (Some(at("10T00:00:00")), Some(at("11T00:00:00"))));
}
