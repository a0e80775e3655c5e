//! What people said of a version, and what was cleared.

use serde_json::json;

use super::*;
use crate::event::{Reason, Verdict};
use crate::identifiers::Commit;

/// Something that was said of 2.8.0.
fn mark(outcome: Verdict, at: Timestamp, environment: Option<&str>) -> Mark {
    Mark {
        moment: Moment::from(at),
        key: crate::EventKey::stored(&at.to_string()),
        outcome,
        version: Version::parse("2.8.0").ok(),
        commit: None,
        environment: environment.map(|name| Environment::parse(name).unwrap()),
        reason: Reason::parse("slow").unwrap(),
        by: "ada".to_owned(),
    }
}

#[test]
fn a_verdict_holds_on_its_path_until_it_is_cleared_later_where_it_was_said() {
    use Verdict::{Bad, Cleared};
    let settings = settings(&json!({"notBad": true, "provenIn": "staging"}), &json!([]));
    let environments = ["production", "abroad"].map(|name| Environment::parse(name).unwrap());
    let (before, then, after) = (at("01T08:59:59.999"), at("01T09:00:00"), at("01T09:00:00.001"));
    let outcomes = |verdicts: Vec<Mark>, undone_at: Option<Timestamp>| {
        let course = |_| undone_at.map_or_else(Course::default, |at| undone(at, Undone::RolledBack));
        let facts = Facts {
            proven: landed(at("01T08:00:00")),
            courses: environments.iter().map(|environment| (environment.clone(), course(environment))).collect(),
            verdicts,
            ..Facts::default()
        };
        let question = question("production", at("01T12:00:00"));
        [CheckName::ProvenIn, CheckName::NotBad].map(|name| check(name, &settings, &question, &facts).outcome)
    };
    let (passed, failed) = (CheckOutcome::Passed, CheckOutcome::Failed);
    let bad = |environment| mark(Bad, then, environment);
    for (verdicts, undone_at, expected) in [
        (vec![], None, [passed, passed]),
        (vec![bad(None)], None, [failed, failed]),
        (vec![bad(Some("development"))], None, [failed, failed]),
        (vec![bad(Some("stage"))], None, [failed, failed]),
        (vec![bad(Some("prod"))], None, [passed, failed]),
        (vec![bad(Some("abroad"))], None, [passed, failed]),
        (vec![bad(Some("elsewhere"))], None, [passed, passed]),
        (vec![bad(None), mark(Cleared, before, None)], None, [failed, failed]),
        (vec![bad(None), mark(Cleared, then, None)], None, [failed, failed]),
        (vec![bad(None), mark(Cleared, after, None)], None, [passed, passed]),
        (vec![bad(None), mark(Cleared, after, Some("production"))], None, [failed, failed]),
        (vec![bad(Some("stage")), mark(Cleared, after, Some("production"))], None, [failed, failed]),
        (vec![bad(Some("prod")), mark(Cleared, after, Some("development"))], None, [passed, failed]),
        (vec![bad(Some("prod")), mark(Cleared, after, Some("production"))], None, [passed, passed]),
        (vec![bad(Some("prod")), mark(Cleared, after, None)], None, [passed, passed]),
        (vec![bad(None), mark(Cleared, after, Some("abroad"))], None, [failed, failed]),
        (vec![mark(Cleared, after, None), mark(Bad, at("01T09:00:00.002"), None)], None, [failed, failed]),
        (vec![], Some(then), [passed, failed]),
        (vec![mark(Cleared, then, None)], Some(then), [passed, failed]),
        (vec![mark(Cleared, after, None)], Some(then), [passed, passed]),
        (vec![mark(Cleared, after, Some("development"))], Some(then), [passed, failed]),
        (vec![mark(Cleared, after, Some("abroad"))], Some(then), [passed, failed]),
        (vec![mark(Cleared, after, Some("abroad")), mark(Cleared, after, Some("prod"))], Some(then), [passed, passed]),
    ] {
        assert_eq!(outcomes(verdicts.clone(), undone_at), expected, "{verdicts:?} {undone_at:?}");
    }
}

#[test]
fn a_command_that_clears_is_quoted_for_a_shell() {
    let mut question = question("production", at("01T12:00:00"));
    question.thing = Thing { version: Version::parse("it's 2").ok(), commit: Commit::parse("c0ffee").ok() };
    let settings = settings(&json!({"notBad": true}), &json!([]));
    let bad = Mark { version: question.thing.version.clone(), ..mark(Verdict::Bad, at("01T09:00:00"), None) };
    let production = Environment::parse("production").unwrap();
    let facts = Facts { courses: vec![(production, Course::default())], verdicts: vec![bad], ..Facts::default() };
    let failed = check(CheckName::NotBad, &settings, &question, &facts);
    let command = "deployment-status bad clear \"cart@it's 2\" --commit c0ffee --reason WHY";
    assert!(failed.detail.ends_with(command), "{}", failed.detail);
    assert_eq!((failed.evidence[0].by.as_deref(), failed.evidence[0].kind), (Some("ada"), EvidenceKind::Marked));
}

/// 2.8.0, or another version, as it was built from a commit.
fn build(version: Option<&str>, commit: Option<&str>) -> Thing {
    let version = version.map(|version| Version::parse(version).unwrap());
    Thing { version, commit: commit.map(|commit| Commit::parse(commit).unwrap()) }
}

/// The outcome and the detail of `notBad` for a thing that was deployed as these builds, and undone as these.
fn not_bad(asked: &Thing, builds: &[Thing], undone_as: &[Thing], verdicts: Vec<Mark>) -> (CheckOutcome, String) {
    let settings = settings(&json!({"notBad": true}), &json!([]));
    let question = Question { thing: asked.clone(), ..question("production", at("01T12:00:00")) };
    let course = |thing: &Thing| {
        let undoing = Undoing { how: Undone::ReplacedByRollback, things: [thing.clone()].into() };
        Course { undone: [(key(at("01T09:00:00"), "p", Effect::Completed), undoing)].into(), ..Course::default() }
    };
    let course = undone_as.iter().map(course).fold(Course::default(), Course::and);
    let course = Course { builds: builds.iter().cloned().collect(), ..course };
    let facts = Facts { courses: vec![(question.environment.clone(), course)], verdicts, ..Facts::default() };
    let found = check(CheckName::NotBad, &settings, &question, &facts);
    (found.outcome, found.detail)
}

/// Something that was said of a build.
fn said(outcome: Verdict, (version, commit): (Option<&str>, Option<&str>)) -> Mark {
    let time = if outcome == Verdict::Bad { at("01T10:00:00") } else { at("01T11:00:00") };
    let Thing { version, commit } = build(version, commit);
    Mark { version, commit, ..mark(outcome, time, None) }
}

#[test]
fn to_clear_one_build_clears_no_other_and_not_the_version() {
    let (a, b) = (Some("aaaaaaa1"), Some("bbbbbbb2"));
    let v = Some("2.8.0");
    let (passed, failed) = (CheckOutcome::Passed, CheckOutcome::Failed);
    // What is bad, what is cleared, and the outcome for the version, for the first build and for the second.
    for (bad, cleared, expected) in [
        ((v, a), (v, b), [failed, failed, passed]),
        ((v, a), (None, b), [failed, failed, passed]),
        ((v, a), (v, a), [passed; 3]),
        ((v, a), (None, a), [passed; 3]),
        ((v, a), (v, None), [passed; 3]),
        ((v, None), (v, None), [passed; 3]),
        ((v, None), (v, b), [failed, failed, passed]),
        ((v, None), (v, a), [failed, passed, failed]),
        ((None, a), (v, b), [failed, failed, passed]),
        ((None, a), (v, a), [passed; 3]),
    ] {
        let asked = [build(v, None), build(v, a), build(v, b)];
        let builds = [build(v, a), build(v, b)];
        let verdicts = vec![said(Verdict::Bad, bad), said(Verdict::Cleared, cleared)];
        let of = |asked: &Thing| not_bad(asked, &builds, &[], verdicts.clone()).0;
        assert_eq!(asked.each_ref().map(of), expected, "{bad:?} {cleared:?}");
        // The same of what was undone.
        let Some(_) = bad.0 else { continue };
        let undone = [build(bad.0, bad.1)];
        let of = |asked: &Thing| {
            let undone: Vec<Thing> = undone.iter().filter(|undone| undone.is_same(asked)).cloned().collect();
            not_bad(asked, &builds, &undone, vec![said(Verdict::Cleared, cleared)]).0
        };
        assert_eq!(asked.each_ref().map(of), expected, "undone {bad:?} {cleared:?}");
    }
    // What was undone at once, as two builds, is cleared when both are.
    let both = [build(v, a), build(v, b)];
    let one = vec![said(Verdict::Cleared, (v, a))];
    assert_eq!(not_bad(&build(v, None), &both, &both, one.clone()).0, failed);
    let all = [one, vec![said(Verdict::Cleared, (None, b))]].concat();
    assert_eq!(not_bad(&build(v, None), &both, &both, all).0, passed);
}

#[test]
fn a_verdict_is_found_by_either_name_and_never_passed_over_in_silence() {
    let (a, b, v) = (Some("aaaaaaa1"), Some("bbbbbbb2"), Some("2.8.0"));
    let of_commit = || vec![said(Verdict::Bad, (None, a))];
    let version = build(v, None);
    let (outcome, detail) = not_bad(&version, &[build(v, a)], &[], of_commit());
    assert_eq!(outcome, CheckOutcome::Failed);
    assert!(detail.starts_with("2.8.0 was called bad by ada"), "{detail}");
    assert!(detail.ends_with("deployment-status bad clear cart --commit aaaaaaa1 --reason WHY"), "{detail}");
    assert_eq!(not_bad(&version, &[build(v, b)], &[], of_commit()).0, CheckOutcome::Passed, "another build");
    for builds in [vec![], vec![version.clone()]] {
        let (outcome, detail) = not_bad(&version, &builds, &[], of_commit());
        assert_eq!(outcome, CheckOutcome::Failed);
        assert!(detail.starts_with("commit aaaaaaa1 was called bad by ada"), "{detail}");
        assert!(
            detail.contains("no commit of 2.8.0 is known, so it may be this one: name it with --commit"),
            "{detail}"
        );
        let named = build(v, b);
        assert_eq!(not_bad(&named, &builds, &[], of_commit()).0, CheckOutcome::Passed, "it is told apart");
        let cleared = [of_commit(), vec![said(Verdict::Cleared, (None, a))]].concat();
        assert_eq!(not_bad(&version, &builds, &[], cleared).0, CheckOutcome::Passed);
    }
    // The commit is asked for under one name, and landed under another, which is bad.
    let other = build(Some("main"), a);
    let of_version = || vec![said(Verdict::Bad, (v, None))];
    assert_eq!(not_bad(&other, &[build(v, a)], &[], of_version()).0, CheckOutcome::Failed);
    assert_eq!(not_bad(&other, &[build(Some("3"), a)], &[], of_version()).0, CheckOutcome::Passed);
    assert_eq!(not_bad(&other, &[build(v, a)], &[], vec![said(Verdict::Bad, (v, b))]).0, CheckOutcome::Passed);
}

#[test]
fn what_a_person_said_speaks_whole_against_going_back_whatever_its_words() {
    let settings = settings(&json!({"provenIn": "staging"}), &json!([]));
    let (names, path) = (settings.names(), settings.path());
    let question = question("production", at("01T12:00:00"));
    let asked = Asked::to_go_back(&question.environment, &settings, &path);
    let said = Mark {
        reason: Reason::parse("slow; it passes the probe, and fails customers").unwrap(),
        ..mark(Verdict::Bad, at("01T09:00:00"), None)
    };
    let why = |verdicts: Vec<Mark>, proven: Course| {
        let facts = Facts { proven, verdicts, ..Facts::default() };
        against(&question, &asked, &settings, (&names, &path), &facts)
    };
    let bad = "2.8.0 was called bad by ada at 2026-03-01T09:00:00.000Z: slow; it passes the probe, and fails customers";
    assert_eq!(why(vec![said], landed(at("01T08:00:00"))).as_deref(), Some(bad));
    assert_eq!(why(vec![], Course::default()).as_deref(), Some("2.8.0 has not landed in staging"));
    assert_eq!(why(vec![], landed(at("01T08:00:00"))), None);
}
