use proptest::prelude::*;

use super::place::Place;
use super::{any, back_to, entry, in_region, of_commit, version};
use crate::live::Change::{Forward, Redeploy, Rollback};
use crate::live::Effect::{Completed, Failed, Removed, RolledBack};
use crate::live::{Change, Entry};

fn changes(log: &[Entry]) -> Vec<Option<Change>> {
    let mut place = Place::empty();
    let changes = log.iter().map(|entry| {
        place.change([], [entry.clone()]);
        place.expect_is_its_log();
        place.cell.live.change
    });
    changes.collect()
}

#[test]
fn a_step_is_forward_what_was_here_before_is_a_rollback_and_the_same_is_a_redeploy() {
    let main = |at: i64, commit: &str| of_commit(entry(at, &format!("d{at}"), Completed, "main"), commit);
    let log = [main(1, "s1"), main(2, "s2"), main(3, "s1"), main(4, "s2"), main(5, "s2")];
    assert_eq!(changes(&log), [Forward, Forward, Rollback, Forward, Redeploy].map(Some));
    let tag = of_commit(entry(6, "d6", Completed, "v1.2.0"), "s2");
    assert_eq!(changes(&[log.to_vec(), vec![tag]].concat())[5], Some(Redeploy), "a tag and a branch of one commit");
}

#[test]
fn where_a_commit_is_missing_the_version_says_what_is_the_same() {
    let log = [
        of_commit(entry(1, "a", Completed, "1"), "s1"),
        entry(2, "b", Completed, "1"),
        of_commit(entry(3, "c", Completed, "2"), "s2"),
        entry(4, "d", Completed, "1"),
        entry(5, "e", Completed, ""),
        entry(6, "f", Completed, "1"),
        entry(7, "g", Completed, ""),
        entry(8, "h", Completed, "3"),
    ];
    let expected = [Some(Forward), Some(Redeploy), Some(Forward), Some(Rollback), None, None, None, Some(Forward)];
    assert_eq!(changes(&log), expected);
}

#[test]
fn a_rollback_is_judged_by_what_it_brings_back() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "b", RolledBack, "2"),
        entry(4, "c", Completed, "2"),
        entry(5, "d", RolledBack, "3"),
        entry(6, "r", Removed, ""),
        entry(7, "e", Completed, "1"),
        back_to(entry(8, "f", RolledBack, "9"), "0.9"),
        entry(9, "g", Completed, "1"),
    ];
    let expected = [
        Some(Forward),
        Some(Forward),
        Some(Rollback),
        Some(Forward),
        // It never was live, so what runs is the same.
        Some(Redeploy),
        None,
        // There was nothing to go back from.
        Some(Forward),
        Some(Forward),
        Some(Rollback),
    ];
    assert_eq!(changes(&log), expected);
}

#[test]
fn forty_landings_with_a_rollback_to_the_first_read_the_log_once() {
    let mut log: Vec<Entry> = (1..=40).map(|n| entry(n, &format!("d{n}"), Completed, &format!("{n}"))).collect();
    log.push(back_to(entry(41, "d40", RolledBack, "40"), "1"));
    log.push(entry(42, "d42", Completed, "40"));
    log.push(entry(43, "d43", Completed, "2"));
    let place = Place::of(log.clone());
    assert_eq!(place.reads, 1);
    assert_eq!(changes(&log)[40..], [Some(Rollback), Some(Forward), Some(Rollback)]);
}

#[test]
fn each_region_has_its_own_answer_and_what_names_none_is_for_all() {
    let mut place = Place::of([
        in_region(entry(1, "a", Completed, "1"), "eu"),
        in_region(entry(2, "b", Completed, "1"), "us"),
        in_region(entry(3, "c", Completed, "2"), "eu"),
        in_region(entry(4, "d", Failed, "2"), "us"),
    ]);
    let runs = |place: &Place| {
        let of = place.cell.regions.values();
        of.map(|region| (version(&region.live).map(str::to_owned), region.live.change)).collect::<Vec<_>>()
    };
    assert_eq!(runs(&place), [(Some("2".to_owned()), Some(Forward)), (Some("1".to_owned()), Some(Forward))]);
    let failed = place.cell.regions.values().nth(1).unwrap().last.clone().unwrap();
    assert_eq!(failed.ending.effect, Failed);
    place.change([], [entry(5, "e", Completed, "1")]);
    assert_eq!(runs(&place), [(Some("1".to_owned()), Some(Rollback)), (Some("1".to_owned()), Some(Redeploy))]);
    place.expect_is_its_log();
}

#[test]
fn landings_in_other_regions_are_no_reason_to_read_the_log() {
    let regions = ["a", "b", "c"];
    let log = (1..=60i64).map(|n| {
        let version = format!("{}", n / 3);
        in_region(entry(n, &format!("d{n}"), Completed, &version), regions[usize::try_from(n % 3).unwrap()])
    });
    let many = (0..30).map(|n| in_region(entry(100 + n, &format!("e{n}"), Completed, &format!("x{n}")), "a"));
    let last = in_region(entry(200, "z", Completed, "y"), "c");
    let place = Place::of(log.chain(many).chain([last]));
    assert_eq!(place.reads, 0);
    place.expect_is_its_log();
}

/// A change of a place's log: entries that are added, and of those that stand some that are taken out, or that
/// turn out to be otherwise.
#[derive(Debug, Clone)]
enum Step {
    Add(Vec<Entry>),
    Remove(usize),
    Correct(usize, Box<Entry>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => proptest::collection::vec(any::entry(), 1..3).prop_map(Step::Add),
        1 => (0..100usize).prop_map(Step::Remove),
        1 => (0..100usize, any::entry()).prop_map(|(nth, entry)| Step::Correct(nth, Box::new(entry))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn step_by_step_a_cell_stays_what_its_log_says(
        later in proptest::collection::vec(any::entry(), 0..30),
        steps in proptest::collection::vec(step(), 1..30),
    ) {
        let mut place = Place::empty();
        // First some in order, as most come.
        for (n, entry) in later.into_iter().enumerate() {
            let at = crate::Timestamp::from_millis(20 + i64::try_from(n).unwrap());
            place.change([], [Entry { at, ..entry }]);
        }
        place.expect_is_its_log();
        for step in steps {
            let nth = |n: usize| place.log.iter().nth(n % place.log.len().max(1)).cloned();
            match step {
                Step::Add(entries) => place.change([], entries),
                Step::Remove(n) => if let Some(entry) = nth(n) { place.change([&entry], []) },
                Step::Correct(n, by) => if let Some(entry) = nth(n) {
                    // A correction stands where the entry stood.
                    let by = Entry { at: entry.at, deployment_id: entry.deployment_id.clone(), effect: entry.effect, ..*by };
                    place.change([&entry], [by]);
                },
            }
            place.expect_is_its_log();
        }
    }
}
