//! What is gone by age has expired; whatever else is missing or altered shows.

use domain::ledger::received::Received;
use domain::ledger::recording::{Record, State, append, record};
use domain::ledger::room::EVENTS_OF_PROGRESS;
use domain::ledger::standing::Standing;
use domain::ledger::verification::{Head, MayBeMissing, Verified, adoptable, judge, verify};
use domain::{Retention, Timestamp, event};
use proptest::prelude::*;
use serde_json::json;

const HOUR: i64 = 60 * 60 * 1000;

fn noon() -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap()
}

fn received(number: usize, notes: &str) -> Received {
    let event = json!({
        "deploymentId": "d", "eventId": format!("e-{number}"), "status": "IN_PROGRESS", "notes": notes,
        "service": "cart", "environment": "production", "occurredAt": noon(),
    });
    Received::new(&event::read(event, Timestamp::MAX).unwrap(), noon(), "test").unwrap()
}

/// A deployment's state and history, each event recorded so many hours after the one before.
fn recorded(hours: &[i64]) -> (State, Vec<Record>) {
    let (mut state, mut records, mut now) = (None, Vec::new(), noon());
    for (number, hours) in hours.iter().enumerate() {
        now = now.plus_millis(hours * HOUR);
        let (made, after) = record(state.as_ref(), received(number, "said"), now).unwrap();
        records.push(made);
        state = Some(after);
    }
    (state.unwrap(), records)
}

/// A history, how long it is kept, when it is verified, and which of its old events are gone.
#[derive(Debug, Clone)]
struct Case {
    state: State,
    records: Vec<Record>,
    retention: Retention,
    now: Timestamp,
    gone: Vec<bool>,
}

impl Case {
    fn is_old(&self, record: &Record) -> bool {
        self.retention.is_over(record.recorded_at, self.now)
    }

    /// What is left when those of the old ones are gone.
    fn left(&self) -> Vec<Record> {
        let stays = |(record, gone): &(&Record, &bool)| !(**gone && self.is_old(record));
        self.records.iter().zip(&self.gone).filter(stays).map(|(record, _)| record.clone()).collect()
    }

    fn verify(&self, records: &[Record]) -> Verified {
        verify(&self.state, records, &[], self.retention, self.now)
    }
}

fn any_case() -> impl Strategy<Value = Case> {
    let event = (prop_oneof![2 => Just(0), 3 => 0..48i64], any::<bool>());
    (proptest::collection::vec(event, 1..12), 1..5u32, 0..150i64).prop_map(|(events, days, later)| {
        let (hours, gone): (Vec<i64>, Vec<bool>) = events.into_iter().unzip();
        let (state, records) = recorded(&hours);
        let now = state.recorded_at.plus_millis(later * HOUR);
        Case { state, records, retention: Retention::of_days(days).unwrap(), now, gone }
    })
}

/// What an intruder does to an event; where it has a hash, with or without making it right again.
#[derive(Debug, Clone, Copy)]
enum Harm {
    Remove,
    /// And make the event behind it say that what is missing was old.
    RemoveAndCover,
    Replace,
    Producer,
    Occurred,
    MakeOld,
    MakePreviousOld,
    PreviousHash,
}

const HARMS: [Harm; 8] = [
    Harm::Remove,
    Harm::RemoveAndCover,
    Harm::Replace,
    Harm::Producer,
    Harm::Occurred,
    Harm::MakeOld,
    Harm::MakePreviousOld,
    Harm::PreviousHash,
];

fn harm(records: &mut Vec<Record>, at: usize, harm: Harm, hash_too: bool) {
    let number = usize::try_from(records[at].sequence).unwrap() - 1;
    let altered = match harm {
        Harm::Remove | Harm::RemoveAndCover => {
            records.remove(at);
            let Some(next) = records.get_mut(at).filter(|_| matches!(harm, Harm::RemoveAndCover)) else { return };
            next.previous_recorded_at = Some(Timestamp::MIN);
            next
        }
        _ => &mut records[at],
    };
    match harm {
        Harm::Remove | Harm::RemoveAndCover => {}
        Harm::Replace => altered.received = received(number, "never said"),
        Harm::Producer => altered.received.producer.push_str(" and somebody"),
        Harm::Occurred => altered.received.occurred_at = noon().plus_millis(1),
        Harm::MakeOld => altered.recorded_at = Timestamp::MIN,
        Harm::MakePreviousOld => altered.previous_recorded_at = Some(Timestamp::MIN),
        Harm::PreviousHash => altered.previous_hash = "0".repeat(64),
    }
    if hash_too {
        altered.hash = altered.computed_hash();
    }
}

proptest! {
    #![proptest_config(super::cases(512))]

    #[test]
    fn whichever_of_the_old_events_are_gone_the_rest_is_intact(case in any_case()) {
        let left = case.left();
        let missing = (case.records.len() - left.len()) as u64;
        let expected = Verified { expired: missing, summary_compared: missing == 0, problems: Vec::new() };
        prop_assert_eq!(case.verify(&left), expected);
    }

    #[test]
    fn whatever_is_done_to_an_event_within_retention_shows(
        case in any_case(),
        which in any::<prop::sample::Index>(),
        what in prop::sample::select(HARMS.to_vec()),
        hash_too in any::<bool>(),
    ) {
        let mut left = case.left();
        let young: Vec<usize> = (0..left.len()).filter(|at| !case.is_old(&left[*at])).collect();
        prop_assume!(!young.is_empty());
        harm(&mut left, young[which.index(young.len())], what, hash_too);
        prop_assert_ne!(case.verify(&left).problems, Vec::<String>::new());
    }

    #[test]
    fn an_old_event_that_is_left_must_have_the_hash_of_its_content(
        case in any_case(),
        which in any::<prop::sample::Index>(),
        what in prop::sample::select(HARMS[2..].to_vec()),
    ) {
        let mut left = case.left();
        prop_assume!(!left.is_empty());
        let at = which.index(left.len());
        harm(&mut left, at, what, false);
        prop_assert_ne!(case.verify(&left).problems, Vec::<String>::new());
    }

    #[test]
    fn without_retention_nothing_may_be_missing(case in any_case()) {
        let left = case.left();
        let found = verify(&case.state, &left, &[], Retention::FOREVER, Timestamp::MAX);
        prop_assert_eq!((found.expired, found.summary_compared), (0, left.len() == case.records.len()));
        prop_assert_eq!(found.problems.is_empty(), left.len() == case.records.len());
    }
}

#[test]
fn a_young_event_behind_old_ones_shows_which_of_them_may_be_gone() {
    // Verified a day after the last event: what is older than two days may be gone.
    let (state, records) = recorded(&[0, 1, 48, 24]);
    let case = Case {
        now: state.recorded_at.plus_millis(24 * HOUR),
        retention: Retention::of_days(2).unwrap(),
        gone: vec![false; 4],
        state,
        records,
    };
    let without = |sequences: &[u64]| {
        let left: Vec<Record> =
            case.records.iter().filter(|record| !sequences.contains(&record.sequence)).cloned().collect();
        case.verify(&left)
    };
    assert_eq!(without(&[1, 2, 3]), Verified { expired: 3, summary_compared: false, problems: Vec::new() });
    assert_eq!(without(&[4]).problems[0], "event 4 is missing");
    // Two and three old, the fourth is a day old: with it, those before it are not known to be gone by age.
    assert_eq!(without(&[2, 3, 4]).problems[0], "events 2 to 4 are missing");
    assert_eq!(without(&[2, 3, 4]).expired, 0);
}

#[test]
fn an_event_that_stands_there_and_cannot_be_read_has_not_expired() {
    let (state, mut records) = recorded(&[0, 0, 0, 0]);
    records.drain(..3);
    let now = state.recorded_at.plus_millis(48 * HOUR);
    let found = verify(&state, &records, &[2], Retention::of_days(1).unwrap(), now);
    assert_eq!(found.expired, 2);
    assert_eq!(found.problems, ["event 2 was altered: it can't be parsed"]);
}

#[test]
fn as_many_events_may_be_missing_as_are_reported_and_no_other_number() {
    let (state, mut records) = recorded(&[0, 0, 0, 0]);
    records.remove(2);
    records.remove(0);
    let entries: Vec<Standing<'_>> = records.iter().map(Standing::from).collect();
    let found = |reported, unreadable: &[(u64, Option<&str>)], hash| {
        let head = Head { sequence: state.sequence, hash };
        let unreadable = unreadable.iter().map(|(sequence, hash)| (*sequence, *hash)).collect();
        let judged = judge(&state.summary.deployment_id, &entries, &unreadable, head, MayBeMissing::Reported(reported));
        (judged.missing, judged.expired, judged.problems)
    };
    let missing = || vec!["event 1 is missing".to_owned(), "event 3 is missing".to_owned()];
    assert_eq!(found(2, &[], Some(&state.head_hash)), (2, 2, Vec::new()));
    for reported in [0, 1, 3] {
        assert_eq!(found(reported, &[], None), (2, 0, missing()));
    }
    let other_head = "the last event's hash is not the head hash of the summary";
    // The one that stands there and can't be parsed is not missing.
    assert_eq!(found(1, &[(3, None), (9, None)], None), (1, 1, Vec::new()));
    assert_eq!(found(2, &[], Some("00")).2, [other_head]);
    records.pop();
    let entries: Vec<Standing<'_>> = records.iter().map(Standing::from).collect();
    let problems = |last| {
        let unreadable = [(3, None), (4, last)].into_iter().collect();
        let head = Head { sequence: 4, hash: Some(&state.head_hash) };
        let reported = MayBeMissing::Reported(1);
        judge(&state.summary.deployment_id, &entries, &unreadable, head, reported).problems
    };
    assert_eq!(problems(Some("00")), [other_head]);
    assert_eq!((problems(Some(&state.head_hash)), problems(None)), (Vec::new(), Vec::new()));
}

#[test]
fn what_a_record_meant_is_compared_by_the_rules_that_found_it() {
    let (state, mut records) = recorded(&[0, 1]);
    let verify = |records: &[Record]| verify(&state, records, &[], Retention::FOREVER, state.recorded_at).problems;
    records[1].meaning.milestones.clear();
    records[1].meaning.status = domain::Status::Failed;
    assert_eq!(verify(&records), ["the stored meaning of event 2 was altered"]);
    records[1].meaning.rules = 0;
    assert_eq!(verify(&records), [""; 0], "earlier rules found it");
}

#[test]
fn a_history_is_folded_whole_although_a_bound_is_another_one_today() {
    let (mut state, mut records) = recorded(&[0]);
    for number in 1..=EVENTS_OF_PROGRESS {
        let (made, after) = append(Some(&state), received(usize::try_from(number).unwrap(), "said"), state.recorded_at);
        records.push(made);
        state = after;
    }
    assert!(record(Some(&state), received(5000, "said"), state.recorded_at).is_err());
    let replayed = domain::live::replay::replay(&records).unwrap();
    assert_eq!(replayed.state, state);
    let problems = verify(&state, &records, &[], Retention::FOREVER, state.recorded_at).problems;
    assert!(problems.len() == 1 && problems[0].contains("exceeds a limit"), "{problems:?}");
}

#[test]
fn state_follows_from_a_chain_that_is_whole_and_from_no_other() {
    let (state, records) = recorded(&[0, 1, 1]);
    let forever = MayBeMissing::ByAge { retention: Retention::FOREVER, last_recorded_at: noon(), now: noon() };
    let is_adopted = |records: &[Record], stated: Option<(u64, &str)>| {
        let entries: Vec<Standing<'_>> = records.iter().map(Standing::from).collect();
        let stated = stated.map(|(sequence, hash)| Head { sequence, hash: Some(hash) });
        let id = &state.summary.deployment_id;
        adoptable(id, &entries, &std::collections::BTreeMap::new(), stated, forever).problems.is_empty()
    };
    let hash = |number: usize| records[number - 1].hash.as_str();
    let cases = [
        // What stands, what the summary states, and whether that is adopted.
        (&records[..], Some((3, hash(3))), true),
        (&records, None, true),
        // The state is behind.
        (&records, Some((2, hash(2))), true),
        (&records, Some((2, hash(3))), false),
        (&records, Some((3, hash(2))), false),
        // The last event is gone, the first one, or one between.
        (&records[..2], Some((3, hash(3))), false),
        (&records[1..], Some((3, hash(3))), false),
        (&records[..2], None, true),
    ];
    for (nth, (records, stated, adopted)) in cases.into_iter().enumerate() {
        assert_eq!(is_adopted(records, stated), adopted, "case {nth}");
    }
    let gap = [records[0].clone(), records[2].clone()];
    assert!(!is_adopted(&gap, None));
}
