use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{any, back_to, entry, in_region, version};
use crate::identifiers::Identifier as _;
use crate::live::Effect::{Cancelled, Completed, Failed, Removed, RolledBack, TornDown};
use crate::live::log_key::LogKey;
use crate::live::resolve::resolve_both;
use crate::live::timeline::{Read, Timeline, Traced};
use crate::live::{Effect, Entry, Landings, Live};
use crate::{Region, Timestamp};

fn newest_first(log: &[Entry], is_such: impl Fn(Effect) -> bool) -> Vec<Entry> {
    let mut entries: Vec<Entry> = log.iter().filter(|entry| is_such(entry.effect)).cloned().collect();
    entries.sort_unstable_by(|a, b| b.cmp(a));
    entries
}

fn of_log(log: &[Entry], region: Option<&Region>, since: i64) -> Timeline {
    let (changing, misses) = (newest_first(log, Effect::changes_live), newest_first(log, |e| !e.changes_live()));
    let landings = Landings::of_log(log);
    let read = Read { changing: &changing, whole: true, misses: &misses, misses_from: Timestamp::MIN };
    Traced::of(region, read, Timestamp::from_millis(since)).judged(region, |key| landings.get(key))
}

/// Each band as `version since-until`, with what else is said of it.
fn bands(timeline: &Timeline) -> Vec<String> {
    let told = timeline.bands.iter().map(|band| {
        let millis = |time: Option<Timestamp>| time.map_or_else(String::new, |time| time.millis().to_string());
        let (since, until) = (millis(band.live.since), millis(band.until));
        let undone = if band.undone { " undone" } else { "" };
        let back = if band.came_back { format!(" back to {}", millis(band.restores)) } else { String::new() };
        format!("{} {since}-{until}{undone}{back}", version(&band.live).unwrap_or("?"))
    });
    told.collect()
}

#[test]
fn each_thing_runs_until_the_next_one_lands() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(5, "b", Completed, "2"),
        entry(6, "c", Failed, "3"),
        entry(7, "d", Cancelled, "3"),
        entry(9, "e", Removed, ""),
        entry(12, "f", Completed, "3"),
    ];
    let timeline = of_log(&log, None, 0);
    assert_eq!(bands(&timeline), ["1 1-5", "2 5-9", "3 12-"]);
    assert_eq!(timeline.endings, log, "every ending is told");
    // What ran when it begins is told with its own landing, and what ended before is not.
    let later = of_log(&log, None, 5);
    assert_eq!((bands(&later), later.endings.len()), (vec!["2 5-9".to_owned(), "3 12-".to_owned()], 4));
    assert_eq!(bands(&of_log(&log, None, 10)), ["3 12-"]);
    assert_eq!(timeline.begun_by(&log[1]).map(|band| band.landing.moment.at.millis()), Some(5));
    assert!(timeline.begun_by(&log[2]).is_none(), "what failed began nothing");
}

#[test]
fn a_rollback_undoes_and_leads_back_to_the_landing_that_it_restores() {
    let brought = [entry(1, "a", Completed, "1"), entry(3, "b", Completed, "2")];
    for (name, back) in [
        ("the deployment is rolled back", entry(5, "b", RolledBack, "2")),
        ("it says to what", back_to(entry(5, "b", RolledBack, "2"), "1")),
        ("the earlier one is deployed again", entry(5, "c", Completed, "1")),
    ] {
        let log: Vec<Entry> = brought.iter().cloned().chain([back]).collect();
        assert_eq!(bands(&of_log(&log, None, 0)), ["1 1-3", "2 3-5 undone", "1 5- back to 1"], "{name}");
        // The landing that it restores is from before: it came back, from further than is told.
        assert_eq!(bands(&of_log(&log, None, 4)), ["2 3-5 undone", "1 5- back to "], "{name}");
    }
}

#[test]
fn what_lands_again_after_it_was_undone_is_not_undone() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(3, "b", Completed, "2"),
        entry(5, "b", RolledBack, "2"),
        entry(7, "b", Completed, "2"),
    ];
    assert_eq!(bands(&of_log(&log, None, 0)), ["1 1-3", "2 3-5 undone", "1 5-7 back to 1", "2 7-"]);
}

#[test]
fn what_was_rolled_back_before_it_ran_undoes_nothing() {
    let log = [entry(1, "a", Completed, "1"), entry(5, "b", RolledBack, "2")];
    assert_eq!(bands(&of_log(&log, None, 0)), ["1 1-5", "1 5-"]);
}

#[test]
fn what_failed_after_it_had_completed_is_undone_and_runs_on() {
    let log = [entry(1, "a", Completed, "1"), entry(5, "a", Failed, "1")];
    assert_eq!(bands(&of_log(&log, None, 0)), ["1 1- undone"]);
    let others = [entry(1, "a", Completed, "1"), entry(5, "b", Failed, "1")];
    assert_eq!(bands(&of_log(&others, None, 0)), ["1 1-"], "another deployment says nothing of it");
}

#[test]
fn a_teardown_ends_only_what_came_with_its_deployment() {
    let log = [
        entry(1, "a", Completed, "1"),
        entry(2, "b", Completed, "2"),
        entry(3, "a", TornDown, "1"),
        entry(4, "b", TornDown, "2"),
    ];
    assert_eq!(bands(&of_log(&log, None, 0)), ["1 1-2", "2 2-4"]);
}

#[test]
fn a_region_has_what_is_about_it_and_about_the_whole_environment() {
    let log = [
        entry(1, "a", Completed, "1"),
        in_region(entry(2, "b", Completed, "2"), "eu"),
        in_region(entry(3, "c", Completed, "3"), "us"),
    ];
    let eu = Region::parse("eu").unwrap();
    assert_eq!(bands(&of_log(&log, Some(&eu), 0)), ["1 1-2", "2 2-"]);
    assert_eq!(bands(&of_log(&log, None, 0)), ["1 1-"]);
}

#[test]
fn what_was_not_read_is_not_told() {
    let log = [entry(40, "d", RolledBack, "3"), entry(30, "c", Completed, "3"), entry(20, "b", Completed, "2")];
    let told = |changing: &[Entry], misses_from: i64| {
        let misses_from = Timestamp::from_millis(misses_from);
        let traced =
            Traced::of(None, Read { changing, whole: false, misses: &[], misses_from }, Timestamp::from_millis(0));
        (traced.reaches(), traced.judged(None, |_| None))
    };
    let (reaches, timeline) = told(&log, 0);
    // What ran before the oldest of them is not known, and so not what that was; and at the moment of the next there may
    // be others.
    assert_eq!((reaches, timeline.from.millis(), timeline.endings.len()), (false, 31, 1));
    assert_eq!(bands(&timeline), ["3 30-40", "3 40-"]);
    // A rollback that leads past all that was read says nothing of what runs.
    let (_, nothing) = told(&log[..1], 0);
    assert_eq!((nothing.from, nothing.bands.len(), nothing.endings.len()), (Timestamp::MAX, 0, 0));
    // Neither is what failed before the oldest miss that was read.
    let (_, timeline) = told(&log, 40);
    assert_eq!((timeline.from.millis(), timeline.endings.len()), (40, 1));
    assert_eq!(bands(&timeline), ["3 40-"]);
}

/// What ran at a time, by the log up to then alone.
fn ran_at(log: &[Entry], region: Option<&Region>, time: i64) -> Live {
    let then: Vec<Entry> = log.iter().filter(|entry| entry.at.millis() <= time).cloned().collect();
    let speaking = newest_first(&then, Effect::changes_live);
    let speaking: Vec<&Entry> = speaking.iter().filter(|entry| entry.speaks_for(region)).collect();
    let landings = Landings::of_log(&then);
    resolve_both(&speaking, true).unwrap().judged(region, |key| landings.get(key))
}

proptest! {
    #[test]
    fn at_any_time_it_says_what_ran_then(
        log in proptest::collection::vec(any::entry(), 0..24),
        region in proptest::option::weighted(0.4, "[xy]"),
        since in 0..60i64,
        time in 0..60i64,
        newest in 0..24usize,
    ) {
        let region = region.and_then(|region| Region::parse(&region).ok());
        // A log has one entry of a key.
        let log: BTreeMap<LogKey, Entry> = log.into_iter().map(|entry| (LogKey::of(&entry), entry)).collect();
        let log: Vec<Entry> = log.into_values().collect();
        let timeline = of_log(&log, region.as_ref(), since);
        prop_assert_eq!(timeline.from.millis(), since);
        for time in [since.max(time), since] {
            let live = timeline.at(Timestamp::from_millis(time)).map(|band| band.live.clone());
            let expected = Some(ran_at(&log, region.as_ref(), time)).filter(Live::is_running);
            prop_assert_eq!(live, expected);
        }
        // Of the newest part of the log alone less is told, and nothing else.
        let changing = newest_first(&log, Effect::changes_live);
        let misses = newest_first(&log, |effect| !effect.changes_live());
        let (whole, landings) = (newest >= changing.len(), Landings::of_log(&log));
        let changing = &changing[..newest.min(changing.len())];
        let read = Read { changing, whole, misses: &misses, misses_from: Timestamp::MIN };
        let part = Traced::of(region.as_ref(), read, Timestamp::from_millis(since));
        let part = part.judged(region.as_ref(), |key| landings.get(key));
        let in_part: Vec<&Entry> = timeline.endings.iter().filter(|entry| entry.at >= part.from).collect();
        prop_assert_eq!(part.endings.iter().collect::<Vec<_>>(), in_part);
        for time in part.from.millis()..60 {
            let time = Timestamp::from_millis(time);
            let live = |timeline: &Timeline| timeline.at(time).map(|band| band.live.clone());
            prop_assert_eq!(live(&part), live(&timeline));
        }
    }
}
