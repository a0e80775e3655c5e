use std::collections::BTreeSet;

use domain::Status;
use domain::ledger::flag::Flag;
use domain::ledger::received::Received;
use serde_json::json;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

fn received(event_id: &str, status: &str) -> Received {
    let event = json!({"deploymentId": "d-1", "eventId": event_id, "status": status, "occurredAt": at(0)});
    Received::new(&domain::event::read(event, at(0)).unwrap(), at(0), "test").unwrap()
}

fn group(events: &[(&str, &str)]) -> Group {
    let events = events.iter().map(|(id, status)| received(id, status)).enumerate().collect();
    Group::new(events, ReadAhead::default())
}

fn attempt(group: &mut Group) -> Commit {
    match group.next(at(1)) {
        Step::Attempt(commit) => *commit,
        other => panic!("{other:?} is no attempt"),
    }
}

fn done(group: &mut Group) -> Vec<NumberedResult> {
    match group.next(at(1)) {
        Step::Done => std::mem::take(&mut group.results),
        other => panic!("{other:?} is not the end"),
    }
}

fn new(sequence: u64, status: Status) -> Recorded {
    Recorded::New(Receipt { sequence, status, flags: BTreeSet::from([Flag::PlaceUnknown]) })
}

#[test]
fn two_events_with_one_key_are_tried_one_after_the_other_and_the_second_is_a_duplicate() {
    let mut group = group(&[("1", "PENDING"), ("2", "IN_PROGRESS"), ("1", "PENDING")]);
    let first = attempt(&mut group);
    assert_eq!(first.records.len(), 2);
    let recorded = first.records[0].clone();
    assert_eq!(group.conclude(first, Attempt::Committed), Before::Nothing);
    let second = attempt(&mut group);
    assert_eq!((second.records.len(), second.records[0].sequence), (1, 3), "decided from the state after the first");
    assert_eq!(group.conclude(second, Attempt::RecordedBefore(vec![(0, recorded)], Vec::new())), Before::Nothing);
    let results: Vec<Recorded> = done(&mut group).into_iter().map(|(_, result)| result.unwrap()).collect();
    let flags = BTreeSet::from([Flag::PlaceUnknown]);
    let duplicate = Recorded::Duplicate(Receipt { sequence: 1, status: Status::InProgress, flags });
    assert_eq!(results, [new(1, Status::Pending), new(2, Status::InProgress), duplicate]);
}

#[test]
fn what_stands_there_instead_is_what_the_next_attempt_is_decided_from() {
    let mut other = group(&[("0", "PENDING")]);
    let state = attempt(&mut other).state;
    let mut group = group(&[("1", "IN_PROGRESS")]);
    let first = attempt(&mut group);
    assert_eq!(first.records[0].sequence, 1);
    assert_eq!(
        group.conclude(first, Attempt::Stale(vec![Found::State(Box::new(Some(state)))])),
        Before::Nothing,
        "at once"
    );
    let second = attempt(&mut group);
    assert_eq!(second.records[0].sequence, 2);
    assert_eq!(group.conclude(second, Attempt::Contended), Before::ReadingAgain(2), "after a pause");
    let third = attempt(&mut group);
    assert_eq!(group.conclude(third, Attempt::Committed), Before::Nothing);
    assert_eq!(done(&mut group)[0].1.as_ref().unwrap(), &new(2, Status::InProgress));
}

#[test]
fn a_transaction_that_is_contended_each_time_is_busy_in_the_end_and_the_rest_is_still_tried() {
    let ids: Vec<String> = (0..=EVENTS_PER_TRANSACTION).map(|n| n.to_string()).collect();
    let mut group = group(&ids.iter().map(|id| (id.as_str(), "IN_PROGRESS")).collect::<Vec<_>>());
    for retries in 0..=RETRIES {
        let commit = attempt(&mut group);
        assert_eq!(commit.records.len(), EVENTS_PER_TRANSACTION);
        let before = group.conclude(commit, Attempt::Contended);
        let reads_again = before == Before::ReadingAgain(retries + 1);
        assert_eq!(reads_again, (1..RETRIES).contains(&retries), "{retries}: {before:?}");
    }
    let rest = attempt(&mut group);
    assert_eq!(group.conclude(rest, Attempt::Committed), Before::Nothing);
    let results = done(&mut group);
    let busy = results.iter().filter(|(_, result)| result.as_ref().is_err_and(|error| error.busy));
    assert_eq!((busy.count(), results.len()), (EVENTS_PER_TRANSACTION, EVENTS_PER_TRANSACTION + 1));
    assert_eq!(results[EVENTS_PER_TRANSACTION].1.as_ref().unwrap(), &new(1, Status::InProgress));
}

#[test]
fn an_event_that_has_no_room_is_refused_unless_it_is_recorded_already() {
    let mut full = attempt(&mut group(&[("0", "PENDING")])).state;
    full.sequence = domain::ledger::room::EVENTS_PER_DEPLOYMENT;
    let ahead = ReadAhead { state: Some(full), ..ReadAhead::default() };
    let mut group = Group::new(vec![(0, received("1", "PENDING")), (1, received("2", "PENDING"))], ahead);
    let recorded = attempt(&mut self::group(&[("1", "PENDING")])).records.remove(0);
    for stored in [Some(recorded), None] {
        match group.next(at(1)) {
            Step::LookUp(event, no_room) => group.looked_up(*event, no_room, Ok(stored)),
            other => panic!("{other:?} is no look-up"),
        }
    }
    let results: Vec<_> = done(&mut group).into_iter().map(|(index, result)| (index, result.unwrap())).collect();
    let flags = BTreeSet::from([Flag::PlaceUnknown]);
    let duplicate = Recorded::Duplicate(Receipt { sequence: 1, status: Status::Pending, flags });
    assert_eq!(results, [(0, duplicate), (1, Recorded::Refused(Refused::NotRecorded(NoRoom::Events.into())))]);
}
