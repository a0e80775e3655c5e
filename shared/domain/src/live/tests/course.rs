use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{any, back_to, entry, in_region, of_commit};
use crate::identifiers::Identifier as _;
use crate::live::Effect::{Completed, Failed, Removed, RolledBack};
use crate::live::course::Read;
use crate::live::log_key::LogKey;
use crate::live::thing::Thing;
use crate::live::undone::undoings;
use crate::live::{Course, Entry, Landings, Undone};
use crate::{Commit, Version};

fn thing(version: &str, commit: &str) -> Thing {
    Thing { version: Version::parse(version).ok(), commit: Commit::parse(commit).ok() }
}

/// Since when a thing stands, and where it was undone, by their times.
fn course(of: &Thing, log: &[Entry]) -> (Option<i64>, Vec<(i64, Undone)>) {
    let course = Course::of_log(of, log);
    let since = course.stands_since().map(|landing| landing.moment.at.millis());
    (since, course.undone.iter().map(|(entry, undoing)| (entry.moment.at.millis(), undoing.how)).collect())
}

#[test]
fn what_landed_stands_since_its_first_landing() {
    let log = [
        of_commit(entry(1, "a", Completed, "1"), "c1"),
        of_commit(entry(2, "b", Completed, "2"), "c2"),
        of_commit(entry(3, "c", Completed, "2"), "c2"),
        of_commit(entry(4, "d", Completed, "3"), "c3"),
    ];
    assert_eq!(course(&thing("2", ""), &log), (Some(2), vec![]));
    assert_eq!(course(&thing("hotfix", "c2"), &log), (Some(2), vec![]), "one commit under two names");
    assert_eq!(course(&thing("2", "c9"), &log), (None, vec![]), "another build of the version");
    assert_eq!(course(&thing("4", ""), &log), (None, vec![]));
}

#[test]
fn a_deployment_that_is_rolled_back_undoes_what_it_brought_and_a_later_landing_counts_anew() {
    let mut log = vec![entry(1, "a", Completed, "1"), entry(2, "b", Completed, "2"), entry(3, "b", RolledBack, "2")];
    assert_eq!(course(&thing("2", ""), &log), (None, vec![(3, Undone::RolledBack)]));
    assert_eq!(course(&thing("1", ""), &log), (Some(1), vec![]), "it runs again, and never stopped counting");
    log.push(entry(5, "c", Completed, "2"));
    assert_eq!(course(&thing("2", ""), &log), (Some(5), vec![(3, Undone::RolledBack)]));
    log.push(back_to(entry(7, "x", RolledBack, "3"), "2"));
    assert_eq!(course(&thing("2", ""), &log).0, Some(5));
    assert_eq!(course(&thing("3", ""), &log), (None, vec![(7, Undone::RolledBack)]), "it never completed");
}

#[test]
fn a_version_that_a_rollback_brings_back_landed_then() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "b", RolledBack, "2"),
        back_to(entry(4, "c", RolledBack, "3"), "2"),
    ];
    assert_eq!(course(&thing("2", ""), &log), (Some(4), vec![(3, Undone::RolledBack)]));
}

#[test]
fn an_earlier_version_that_is_deployed_anew_undoes_what_it_replaces_and_a_later_one_does_not() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "c", Completed, "1"),
        entry(4, "d", Completed, "3"),
    ];
    assert_eq!(course(&thing("2", ""), &log), (None, vec![(3, Undone::ReplacedByRollback)]));
    assert_eq!(course(&thing("1", ""), &log), (Some(1), vec![]), "3 is a step forward");
}

#[test]
fn only_a_failure_of_a_deployment_that_had_completed_undoes() {
    let log = [
        entry(1, "a", Failed, "1"),
        entry(2, "b", Completed, "1"),
        entry(3, "c", Failed, "1"),
        entry(4, "d", Failed, "2"),
    ];
    assert_eq!(course(&thing("1", ""), &log), (Some(2), vec![]));
    let failed = [log.to_vec(), vec![entry(5, "b", Failed, "1")]].concat();
    assert_eq!(course(&thing("1", ""), &failed), (None, vec![(5, Undone::FailedAfterCompleting)]));
    assert_eq!(course(&thing("2", ""), &failed), (None, vec![]));
}

#[test]
fn the_rollback_of_a_removal_undoes_the_removal() {
    let log = [entry(1, "a", Completed, "1"), entry(2, "r", Removed, "1"), entry(3, "r", RolledBack, "1")];
    assert_eq!(course(&thing("1", ""), &log), (Some(1), vec![]));
}

#[test]
fn what_is_undone_in_one_region_is_undone() {
    let log = [
        in_region(entry(1, "a", Completed, "1"), "x"),
        in_region(entry(2, "b", Completed, "1"), "y"),
        in_region(entry(3, "c", Completed, "2"), "x"),
        in_region(entry(4, "d", Completed, "1"), "x"),
    ];
    assert_eq!(course(&thing("1", ""), &log), (Some(1), vec![]));
    assert_eq!(course(&thing("2", ""), &log), (None, vec![(4, Undone::ReplacedByRollback)]));
}

proptest! {
    #[test]
    fn a_part_of_the_log_says_what_all_of_it_does(
        log in prop::collection::vec(any::entry(), 0..40), version in "[1-5]", commit in "[a-c]?",
    ) {
        // Each place in a log has one entry.
        let log: Vec<Entry> = log.into_iter().map(|entry| (LogKey::of(&entry), entry)).collect::<BTreeMap<_, _>>().into_values().collect();
        let thing = thing(&version, &commit);
        let newest_first: Vec<&Entry> = log.iter().rev().collect();
        let landings = Landings::of_log(&log);
        let mut named = BTreeMap::new();
        for entry in &log {
            if let Some(region) = &entry.region {
                named.entry(region.clone()).or_insert_with(|| LogKey::of(entry));
            }
        }
        let newest_first: Vec<&Entry> = newest_first.into_iter().filter(|entry| entry.effect.changes_live()).collect();
        let undone = Course::undone_by(&thing, undoings(&log));
        let whole = Course::of_log(&thing, &log);
        let Some(first) = Landings::first_of_all(&thing, |key| landings.get(key)) else {
            prop_assert_eq!(whole, undone);
            return Ok(());
        };
        for read in 1..=newest_first.len() {
            let part = Read { newest_first: &newest_first[..read], whole: read == newest_first.len(), named: &named };
            if LogKey::of(newest_first[read - 1]) > *first && !part.whole {
                continue;
            }
            if let Ok(traced) = Course::trace(&thing, first, part) {
                prop_assert_eq!(traced.judged(|key| landings.get(key)).and(undone.clone()), whole.clone());
            }
        }
        prop_assert!(whole.stands_since().is_none_or(|since| whole.undone.keys().all(|undone| undone < since)));
    }
}
