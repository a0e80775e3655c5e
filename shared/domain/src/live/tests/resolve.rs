use proptest::prelude::*;

use super::super::resolve::{Resolved, resolve, resolve_both};
use super::{any, back_to, entry, of_commit, version};
use crate::Timestamp;
use crate::live::Effect::{Cancelled, Completed, Failed, Removed, RolledBack, TornDown};
use crate::live::{Entry, Live, ReadFurther};

fn live(log: &[Entry]) -> Live {
    let newest_first: Vec<&Entry> = log.iter().rev().filter(|entry| entry.effect.changes_live()).collect();
    resolve(&newest_first, true).unwrap()
}

#[test]
fn what_completed_last_is_live_and_failures_change_nothing() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "c", Failed, "3"),
        entry(4, "d", Cancelled, "4"),
    ];
    let live = live(&log);
    assert_eq!((version(&live), live.since), (Some("2"), Some(Timestamp::from_millis(2))));
}

#[test]
fn a_rollback_leads_to_the_newest_version_that_was_not_rolled_back() {
    let mut log = vec![
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "b", RolledBack, "2"),
        entry(4, "c", Completed, "3"),
        entry(5, "c", RolledBack, "3"),
    ];
    let back = live(&log);
    assert_eq!((version(&back), back.since), (Some("1"), Some(Timestamp::from_millis(5))));
    assert_eq!(back.deployment_id.unwrap().as_str(), "a");
    log[4] = back_to(log[4].clone(), "2");
    assert_eq!(version(&live(&log)), Some("2"), "what the rollback names counts");
}

#[test]
fn a_removal_leaves_nothing_and_a_rollback_does_not_look_behind_it() {
    let removed = [entry(1, "a", Completed, "1"), entry(2, "r", Removed, "")];
    let emptied = Live { emptied_at: Some(Timestamp::from_millis(2)), ..Live::default() };
    assert_eq!(live(&removed), emptied);
    let mut after = removed.to_vec();
    after.extend([entry(3, "b", Completed, "2"), entry(4, "b", RolledBack, "2")]);
    assert_eq!(version(&live(&after)), None);
}

#[test]
fn a_removal_that_is_rolled_back_brings_back_what_ran() {
    let log = [entry(1, "a", Completed, "1"), entry(2, "r", Removed, ""), entry(3, "r", RolledBack, "")];
    let live = live(&log);
    assert_eq!((version(&live), live.since), (Some("1"), Some(Timestamp::from_millis(3))));
}

#[test]
fn a_rollback_to_a_version_of_long_ago_reads_on_until_that_is_found() {
    let mut log: Vec<Entry> = (1..=12).map(|n| entry(n, &format!("d{n}"), Completed, &n.to_string())).collect();
    log.push(back_to(entry(13, "d12", RolledBack, "12"), "1"));
    let newest_first: Vec<&Entry> = log.iter().rev().collect();
    for read in 0..13 {
        assert_eq!(resolve(&newest_first[..read], false), Err(ReadFurther), "{read}");
    }
    let live = resolve(&newest_first, true).unwrap();
    assert_eq!((version(&live), live.deployment_id.as_ref().unwrap().as_str()), (Some("1"), "d1"));
}

#[test]
fn what_ran_before_is_what_ran_just_before_the_landing() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "c", Completed, "3"),
        entry(4, "c", RolledBack, "3"),
        entry(5, "b", RolledBack, "2"),
    ];
    let newest_first: Vec<&Entry> = log.iter().rev().collect();
    let Resolved { live, landing, replaced } = resolve_both(&newest_first, true).unwrap();
    assert_eq!((version(&live), landing.unwrap().moment.at.millis()), (Some("1"), 5));
    assert_eq!(version(&replaced.unwrap()), Some("2"));
    let first = resolve_both(&newest_first[4..], true).unwrap();
    assert_eq!(first.replaced, None, "nothing ran before the first");
}

#[test]
fn a_rollback_to_a_branch_leads_to_what_was_not_rolled_back_of_it() {
    let main = |at: i64, id: &str, commit: &str| of_commit(entry(at, id, Completed, "main"), commit);
    let mut log = vec![main(1, "a", "s1"), main(2, "b", "s2"), back_to(entry(3, "b", RolledBack, "main"), "main")];
    let commit = |log: &[Entry]| live(log).commit.map(String::from);
    assert_eq!(commit(&log).as_deref(), Some("s1"));
    log.extend([main(4, "c", "s3"), back_to(entry(5, "c", RolledBack, "main"), "main")]);
    assert_eq!(commit(&log).as_deref(), Some("s1"), "nor to what was rolled back before");
    assert_eq!(
        commit(&[main(1, "a", "s1"), back_to(entry(2, "a", RolledBack, "main"), "main")]).as_deref(),
        Some("s1")
    );
}

#[test]
fn a_long_row_of_teardowns_is_read_once() {
    let previews = (0..200).map(|n| entry(n, &format!("d{n}"), Completed, &n.to_string()));
    let torn_down = (0..199).map(|n| entry(300 + n, &format!("d{n}"), TornDown, ""));
    let undone =
        (0..100).flat_map(|n| [entry(600 + 2 * n, "x", TornDown, ""), entry(601 + 2 * n, "y", RolledBack, "")]);
    let log: Vec<Entry> = previews.chain(torn_down).chain(undone).collect();
    assert_eq!(version(&live(&log)), Some("199"));
    let last = entry(900, "d199", TornDown, "");
    assert_eq!(live(&[log, vec![last]].concat()).emptied_at, Some(Timestamp::from_millis(900)));
}

proptest! {
    #[test]
    fn every_page_of_a_log_gives_the_answer_of_the_whole_or_none(
        log in proptest::collection::btree_set(any::entry(), 0..40)
    ) {
        let newest_first: Vec<&Entry> = log.iter().rev().filter(|entry| entry.effect.changes_live()).collect();
        let answer = resolve_both(&newest_first, true);
        prop_assert!(answer.is_ok());
        for read in 0..newest_first.len() {
            let page = resolve_both(&newest_first[..read], false);
            prop_assert!(page == Err(ReadFurther) || page == answer, "{read}: {:?}, not {:?}", page, answer);
        }
    }
}
