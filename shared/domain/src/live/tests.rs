use super::*;
use crate::identifiers::Identifier as _;
use crate::{DeploymentId, Timestamp, Version};

fn entry(at: i64, id: &str, effect: Effect, version: &str) -> Entry {
    Entry {
        at: Timestamp::from_millis(at),
        ahead: false,
        deployment_id: DeploymentId::parse(id).unwrap(),
        effect,
        version: Version::parse(version).ok(),
        commit: None,
        rollback_to: None,
    }
}

fn live_after(entries: &[Entry]) -> Live {
    let mut tail = Tail::default();
    for entry in entries {
        tail.add(entry.clone());
    }
    tail.live().unwrap()
}

fn version(live: &Live) -> Option<&str> {
    live.version.as_ref().map(Version::as_str)
}

use Effect::{Cancelled, Completed, Failed, Removed, RolledBack, TornDown};

#[test]
fn what_completed_last_is_live_and_failures_change_nothing() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "c", Failed, "3"),
        entry(4, "d", Cancelled, "4"),
    ];
    let live = live_after(&log);
    assert_eq!((version(&live), live.since, live.rollback), (Some("2"), Some(Timestamp::from_millis(2)), false));
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
    let live = live_after(&log);
    assert_eq!((version(&live), live.since, live.rollback), (Some("1"), Some(Timestamp::from_millis(5)), true));
    assert_eq!(live.deployment_id.unwrap().as_str(), "a");

    log[4].rollback_to = Version::parse("2").ok();
    assert_eq!(version(&live_after(&log)), Some("2"), "what the rollback names counts");
}

#[test]
fn a_removal_leaves_nothing_and_a_rollback_does_not_look_behind_it() {
    let removed = [entry(1, "a", Completed, "1"), entry(2, "r", Removed, "")];
    let emptied = Live { emptied_at: Some(Timestamp::from_millis(2)), ..Live::default() };
    assert_eq!(live_after(&removed), emptied);
    let mut after = removed.to_vec();
    after.extend([entry(3, "b", Completed, "2"), entry(4, "b", RolledBack, "2")]);
    assert_eq!(version(&live_after(&after)), None);
}

#[test]
fn a_removal_that_is_rolled_back_brings_back_what_ran() {
    let log = [entry(1, "a", Completed, "1"), entry(2, "r", Removed, ""), entry(3, "r", RolledBack, "")];
    let live = live_after(&log);
    assert_eq!((version(&live), live.since), (Some("1"), Some(Timestamp::from_millis(3))));
}

#[test]
fn a_rollback_to_a_version_of_long_ago_reads_on_until_that_is_found() {
    let mut log: Vec<Entry> = (1..=12).map(|n| entry(n, &format!("d{n}"), Completed, &n.to_string())).collect();
    let rolled_back = Entry { rollback_to: Version::parse("1").ok(), ..entry(13, "d12", RolledBack, "12") };
    log.push(rolled_back);
    let mut tail = Tail::default();
    for entry in &log {
        tail.add(entry.clone());
    }
    assert_eq!(tail.live(), Err(ReadFurther));
    log.reverse();
    let live = resolve_newest(&log, true).unwrap();
    assert_eq!((version(&live), live.deployment_id.as_ref().unwrap().as_str()), (Some("1"), "d1"));
}

#[test]
fn behind_the_newest_entries_nothing_says_that_a_version_came_back_however_much_is_read() {
    let mut log = vec![entry(1, "a", Completed, "1"), entry(2, "b", Completed, "2"), entry(3, "e", Completed, "1")];
    // None of these brought what is live.
    log.extend((4..14).map(|n| entry(n, &format!("t{n}"), TornDown, "9")));
    log.reverse();
    let answer = resolve_newest(&log, true);
    assert_eq!(answer.as_ref().map(version), Ok(Some("1")));
    for read in 11..13 {
        assert_eq!(resolve_newest(&log[..read], false), answer, "{read}");
    }
}

#[test]
fn an_old_version_that_completes_again_is_marked_as_a_rollback() {
    let back = [entry(1, "a", Completed, "1"), entry(2, "b", Completed, "2"), entry(3, "c", Completed, "1")];
    assert!(live_after(&back).rollback);
    let again = [entry(1, "a", Completed, "1"), entry(2, "b", Completed, "1")];
    assert!(!live_after(&again).rollback, "the same version again is none");
}

#[test]
fn rollbacks_past_the_tail_ask_for_more_of_the_log() {
    let mut tail = Tail::default();
    tail.add(entry(1, "a", Completed, "1"));
    for n in 0..8 {
        tail.add(entry(10 + 2 * n, &format!("d{n}"), Completed, "2"));
        tail.add(entry(11 + 2 * n, &format!("d{n}"), RolledBack, "2"));
    }
    assert_eq!(tail.live(), Err(ReadFurther));
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn any_entry() -> impl Strategy<Value = Entry> {
        let effect = prop_oneof![4 => Just(Completed), 3 => Just(RolledBack), 1 => Just(Removed), 1 => Just(TornDown), 1 => Just(Failed)];
        (0..40i64, "[a-h]", effect, "[1-5]", proptest::option::weighted(0.2, "[1-6]")).prop_map(
            |(at, id, effect, version, target)| {
                let rollback_to =
                    target.filter(|_| effect == RolledBack).and_then(|target| Version::parse(&target).ok());
                Entry { rollback_to, ..entry(at, &id, effect, &version) }
            },
        )
    }

    proptest! {
        #[test]
        fn the_tail_does_not_depend_on_order_or_duplicates(
            (entries, shuffled) in proptest::collection::vec(any_entry(), 0..40).prop_flat_map(|entries| {
                let twice: Vec<_> = entries.iter().chain(&entries).cloned().collect();
                (Just(entries), Just(twice).prop_shuffle())
            })
        ) {
            let fill = |entries: &[Entry]| {
                let mut tail = Tail::default();
                for entry in entries {
                    tail.add(entry.clone());
                }
                tail
            };
            prop_assert_eq!(fill(&entries), fill(&shuffled));
        }

        #[test]
        fn every_page_of_a_log_gives_the_answer_of_the_whole_or_none(
            log in proptest::collection::btree_set(any_entry(), 0..40)
        ) {
            let newest_first: Vec<Entry> =
                log.iter().rev().filter(|entry| entry.effect.changes_live()).cloned().collect();
            let answer = resolve_newest(&newest_first, true);
            prop_assert!(answer.is_ok());
            for read in 0..newest_first.len() {
                let page = resolve_newest(&newest_first[..read], false);
                prop_assert!(page == Err(ReadFurther) || page == answer, "{read}: {:?}, not {:?}", page, answer);
            }
            let mut tail = Tail::default();
            for entry in log {
                tail.add(entry);
            }
            prop_assert!(tail.live() == Err(ReadFurther) || tail.live() == answer);
        }
    }
}
