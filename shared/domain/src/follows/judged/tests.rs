use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::health::piece::Rule;
use crate::identifiers::Identifier as _;
use crate::ledger::received::Received;
use crate::ledger::recording::record;
use crate::live::Entry;

const HOUR: i64 = 3600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

/// The record of the last of these events, all of one history, received at noon.
fn last(events: &[Value]) -> Record {
    let (mut state, mut last) = (None, None);
    for event in events {
        let event = crate::event::read(event.clone(), at(0)).unwrap();
        let (made, next) = record(state.as_ref(), Received::new(&event, at(0), "test").unwrap(), at(0)).unwrap();
        (state, last) = (Some(next), Some(made));
    }
    last.unwrap()
}

fn with(mut event: Value, more: &Value) -> Value {
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn deployment(seconds: i64, status: &str) -> Value {
    json!({"deploymentId": "d-1", "service": "cart", "environment": "production", "version": "1", "status": status,
           "occurredAt": at(seconds)})
}

fn place() -> Place {
    Place { environment: Environment::parse("production").unwrap(), service: Service::parse("cart").unwrap() }
}

#[test]
fn only_what_speaks_for_or_against_something_concerns_a_verdict() {
    let stage = |name: &str| json!({"type": "stage", "stage": name});
    let observed =
        |more: &Value| with(json!({"type": "observation", "metrics": {"errorRate": 1}, "occurredAt": at(-60)}), more);
    let of_place = json!({"service": "cart", "environment": "production"});
    let id = Concern::Deployment(DeploymentId::parse("d-1").unwrap());
    let incident =
        |status: &str| with(deployment(-60, status), &json!({"deploymentId": "incident:1", "type": "incident"}));
    for (events, expected) in [
        (vec![deployment(-60, "PENDING")], None),
        (vec![deployment(-60, "IN_PROGRESS")], None),
        (vec![deployment(-60, "COMPLETED")], None),
        (vec![deployment(-60, "CANCELLED")], None),
        (vec![deployment(-60, "FAILED")], Some(id.clone())),
        (vec![deployment(-60, "ROLLED_BACK")], Some(id.clone())),
        // Said again it is nothing new.
        (vec![deployment(-60, "ROLLED_BACK"), deployment(-50, "ROLLED_BACK")], None),
        (vec![with(deployment(-60, "FAILED"), &stage("HEALTH_CHECK"))], Some(id.clone())),
        (vec![with(deployment(-60, "COMPLETED"), &stage("HEALTH_CHECK"))], None),
        (vec![with(deployment(-60, "FAILED"), &stage("BUILD"))], None),
        (vec![with(deployment(-60, "COMPLETED"), &json!({"metrics": {"healthScore": 99}}))], Some(id.clone())),
        (vec![with(deployment(-60, "COMPLETED"), &json!({"metrics": {"errorCount": 99}}))], None),
        (vec![observed(&json!({"deploymentId": "d-1"}))], Some(id.clone())),
        (vec![observed(&of_place)], Some(Concern::Place(place()))),
        (vec![incident("IN_PROGRESS")], Some(Concern::Place(place()))),
        (vec![incident("IN_PROGRESS"), incident("COMPLETED")], None),
        // By its end alone is an incident known that began before.
        (vec![incident("COMPLETED")], Some(Concern::Place(place()))),
        // At the very end of what is news, and behind it.
        (vec![deployment(-24 * HOUR, "FAILED")], Some(id.clone())),
        (vec![deployment(-24 * HOUR - 1, "FAILED")], None),
    ] {
        assert_eq!(Concerned::of(&last(&events)).map(|concerned| concerned.what), expected, "{events:?}");
    }
    let mark = json!({"type": "verdict", "service": "cart", "version": "1", "outcome": "CLEARED", "reason": "r",
                      "occurredAt": at(-60)});
    let concerned = Concerned::of(&last(&[mark])).unwrap();
    assert!(matches!(&concerned.what, Concern::Thing(service, _) if service.as_str() == "cart"));
    assert_eq!(concerned.cleared(), Some("cleared by test: r".to_owned()));
}

#[test]
fn an_observation_is_well_by_bounds_and_nothing_else_is() {
    let observed = |rate: f64| {
        let event = json!({"type": "observation", "deploymentId": "d-1", "metrics": {"errorRate": rate},
                           "occurredAt": at(-60)});
        Concerned::of(&last(&[event])).unwrap()
    };
    let bounds = HealthBounds::default();
    assert!(observed(5.0).is_well(&bounds) && !observed(5.1).is_well(&bounds));
    assert!(!Concerned::of(&last(&[deployment(-60, "FAILED")])).unwrap().is_well(&bounds));
    let alarm = |state: &str| {
        let event = json!({"type": "observation", "deploymentId": "d-1", "occurredAt": at(-60),
                           "alarm": {"name": "errors", "state": state}});
        Concerned::of(&last(&[event])).unwrap()
    };
    assert!(alarm("OK").is_well(&bounds) && !alarm("ALARM").is_well(&bounds));
}

fn verdict(state: How) -> Verdict {
    let (since, reasons, suggestion, suggested) = (at(0), Vec::new(), None, None);
    Verdict { state, since, reasons, measurements: 0, outside: 0, suggestion, suggested }
}

const STATES: [How; 5] = [How::Watching, How::Good, How::Unobserved, How::Suspect, How::Bad];

#[test]
fn what_is_news_follows_from_the_verdict_and_from_what_was_told() {
    use Transition::{Bad, GoodAgain, Suspect};
    for (state, told, expected) in [
        (How::Bad, vec![], Some(Bad)),
        (How::Bad, vec![Bad], None),
        (How::Bad, vec![Suspect], Some(Bad)),
        (How::Bad, vec![Bad, GoodAgain], None),
        (How::Suspect, vec![], Some(Suspect)),
        (How::Suspect, vec![Suspect], None),
        (How::Suspect, vec![Bad], Some(Suspect)),
        (How::Good, vec![], None),
        (How::Good, vec![Suspect], None),
        (How::Good, vec![Bad], Some(GoodAgain)),
        (How::Watching, vec![Bad], Some(GoodAgain)),
        (How::Unobserved, vec![Bad], Some(GoodAgain)),
        (How::Unobserved, vec![Bad, GoodAgain], None),
    ] {
        assert_eq!(news(Some(&verdict(state)), |of| told.contains(&of)), expected, "{state:?} {told:?}");
    }
    assert_eq!(news(None, |_| true), None);
}

proptest! {
    #[test]
    fn each_news_is_told_once_and_that_it_is_good_again_only_after_that_it_was_bad(
        states in prop::collection::vec(prop::sample::select(STATES.to_vec()), 0..30),
    ) {
        let mut told: Vec<Transition> = Vec::new();
        for state in &states {
            told.extend(news(Some(&verdict(*state)), |of| told.contains(&of)));
        }
        prop_assert_eq!(told.len(), told.iter().collect::<BTreeSet<_>>().len());
        let place = |of| told.iter().position(|told| *told == of);
        prop_assert_eq!(place(Transition::Bad).is_some(), states.contains(&How::Bad));
        prop_assert_eq!(place(Transition::Suspect).is_some(), states.contains(&How::Suspect));
        if let Some(good) = place(Transition::GoodAgain) {
            prop_assert!(place(Transition::Bad).is_some_and(|bad| bad < good));
        }
    }
}

proptest! {
    /// Whatever verdicts follow each other, with what is told of them, the note is that of the last.
    #[test]
    fn the_note_is_that_of_the_last_verdict(states in proptest::collection::vec(0..6_usize, 0..12)) {
        let (mut told, mut note) = (BTreeSet::new(), None);
        for nth in states {
            let states = [How::Watching, How::Good, How::Unobserved, How::Suspect, How::Bad];
            let verdict = states.get(nth).map(|state| verdict(*state));
            let noted = Noted::of(verdict.as_ref());
            if noted.is_some() || Noted::may_be(|of| told.contains(&of)) {
                note = noted;
            }
            told.extend(news(verdict.as_ref(), |of| told.contains(&of)));
            prop_assert_eq!(note, noted);
        }
    }
}

#[test]
fn notes_are_kept_of_what_runs_and_of_what_may_run_again() {
    let cell = Cell::of_log(&[
        entry(-300, "first", "1", Effect::Completed),
        entry(-200, "failed", "2", Effect::Failed),
        entry(-100, "second", "3", Effect::Completed),
    ])
    .0;
    let ids: Vec<String> = kept(&cell).iter().map(ToString::to_string).collect();
    assert!(["first", "second"].iter().all(|id| ids.contains(&(*id).to_owned())), "{ids:?}");
    let many: Vec<Entry> =
        (0..60).map(|n| entry(n - 1000, &format!("d-{n}"), &n.to_string(), Effect::Completed)).collect();
    let ids: Vec<String> = kept(&Cell::of_log(&many).0).iter().map(ToString::to_string).collect();
    assert!(ids.contains(&"d-59".to_owned()) && !ids.contains(&"d-0".to_owned()), "{ids:?}");
}

fn entry(seconds: i64, id: &str, version: &str, effect: Effect) -> Entry {
    Entry {
        at: at(seconds),
        ahead: false,
        deployment_id: DeploymentId::parse(id).unwrap(),
        effect,
        region: None,
        version: crate::Version::parse(version).ok(),
        commit: None,
        rollback_to: None,
    }
}

#[test]
fn people_are_told_of_what_runs_and_of_what_landed_within_a_day() {
    let day = 24 * HOUR;
    let cell = Cell::of_log(&[
        entry(-day - 2, "old", "1", Effect::Completed),
        entry(-day, "edge", "2", Effect::Completed),
        entry(-HOUR, "failed", "3", Effect::Failed),
        entry(-60, "new", "4", Effect::Completed),
    ])
    .0;
    let ids = |cell: &Cell, received| -> Vec<String> {
        current(cell, at(received)).into_iter().map(|(id, _)| id.to_string()).collect()
    };
    assert_eq!(ids(&cell, 0), ["edge", "new"]);
    assert_eq!(ids(&cell, 1), ["new"]);
    let alone = Cell::of_log(&[entry(-100 * day, "old", "1", Effect::Completed)]).0;
    assert_eq!(ids(&alone, 0), ["old"], "it runs");
    let summary = |seconds| {
        let event = crate::event::read(deployment(seconds, "COMPLETED"), at(0)).unwrap();
        record(None, Received::new(&event, at(0), "test").unwrap(), at(0)).unwrap().1.summary
    };
    let running = Cell::of_log(&[entry(-2 * day, "d-1", "1", Effect::Completed)]).0;
    for (seconds, cell, expected) in
        [(-day, None, true), (-day - 1, None, false), (-day - 1, Some(&alone), false), (-2 * day, Some(&running), true)]
    {
        assert_eq!(is_current(&summary(seconds), cell, at(0)), expected, "{seconds}");
    }
    let pending = crate::event::read(deployment(-60, "IN_PROGRESS"), at(0)).unwrap();
    let pending = record(None, Received::new(&pending, at(0), "test").unwrap(), at(0)).unwrap().1.summary;
    assert!(!is_current(&pending, Some(&running), at(0)), "it has not landed");
}

#[test]
fn all_rules_have_words_for_people() {
    assert_eq!(Rule::ALL.len(), 9, "a new rule needs words in a reason, and a kind of record that concerns it");
}
