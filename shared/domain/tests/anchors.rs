//! A history is what its anchors say, or the day is named in which it is not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::anchors::{Anchor, ChainEntry, Chains, Extent, Judging, Kept, Leaf, Series, Span, Wrong, next};
use domain::{Retention, Timestamp, json};
use proptest::prelude::*;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

fn start() -> Timestamp {
    Timestamp::parse("2026-03-01T00:00:00Z").unwrap()
}

fn at(millis: i64) -> Timestamp {
    start().plus_millis(millis)
}

fn entry(subject: &str, sequence: u64, millis: i64) -> ChainEntry {
    let hash = json::sha256_hex(&format!("{subject} {sequence} {millis}"));
    ChainEntry { sequence, recorded_at: at(millis), hash }
}

/// Two chains over three days; on the second one nothing happened to `b`.
fn chains() -> Chains {
    let times = [("a", vec![HOUR, DAY + HOUR, 2 * DAY + HOUR]), ("b", vec![2 * HOUR, 2 * DAY + 2 * HOUR])];
    let chain = |(subject, times): (&str, Vec<i64>)| {
        let entries = (1..).zip(times).map(|(sequence, millis)| entry(subject, sequence, millis));
        (subject.to_owned(), entries.collect())
    };
    times.into_iter().map(chain).collect()
}

/// The anchors of these chains, one for each of three days.
fn anchored(chains: &Chains) -> Series {
    let mut anchors: Vec<Anchor> = Vec::new();
    for day in 1..=3 {
        let extent = Extent::of_closed_days(at(day * DAY + HOUR));
        anchors.extend(next(&Series::new(anchors.clone()), chains, extent));
    }
    assert_eq!(anchors.len(), 3);
    Series::new(anchors)
}

fn judge(series: &Series, chains: &Chains, span: Span, retention: Retention) -> Vec<Wrong> {
    let mut judging = Judging::new(series, span, Kept { retention, now: at(4 * DAY) });
    let mut wrong: Vec<Wrong> = chains.iter().flat_map(|(subject, entries)| judging.chain(subject, entries)).collect();
    wrong.extend(judging.end());
    wrong.sort();
    wrong
}

fn whole(series: &Series, chains: &Chains) -> Vec<Wrong> {
    judge(series, chains, Span::WHOLE, Retention::FOREVER)
}

#[test]
fn an_anchor_has_what_changed_and_says_until_when_it_is_closed() {
    let series = anchored(&chains());
    let records: Vec<_> = series.anchors().iter().map(|anchor| &anchor.record).collect();
    assert_eq!(records.iter().map(|record| (record.number, record.size)).collect::<Vec<_>>(), [(1, 2), (2, 1), (3, 2)]);
    assert_eq!(records[1].day, "2026-03-02");
    assert_eq!(records[1].closed_until, at(2 * DAY - 1));
    assert_eq!((records[0].first_recorded_at, records[0].last_recorded_at), (Some(at(HOUR)), Some(at(2 * HOUR))));
    assert_eq!((&records[2].previous_root, &records[2].previous_hash), (&records[1].root, &series.anchors()[1].hash));
    assert_eq!((series.problems(), whole(&series, &chains())), (vec![], vec![]));
    assert_eq!(series.anchors()[2].file_name(), "000003-2026-03-03.json");
    let (again, wrong) = Series::read(series.anchors().iter().map(|anchor| (anchor.file_name(), anchor.text())));
    assert_eq!((again.anchors(), wrong), (series.anchors(), vec![]));
    assert_eq!(next(&series, &chains(), Extent::of_closed_days(at(3 * DAY + HOUR))), None, "it is anchored already");
}

#[test]
fn what_is_committed_late_is_no_insertion_and_what_is_put_in_later_is_one() {
    let mut chains = chains();
    let noon = 3 * DAY + 12 * HOUR;
    let mut anchors = anchored(&chains).anchors().to_vec();
    anchors.extend(next(&Series::new(anchors.clone()), &chains, Extent::up_to(at(noon))));
    let series = Series::new(anchors);
    // Recorded 15 minutes before the anchor that was made on request, and committed behind it.
    for (before, is_right) in [(15 * 60 * 1000 - 1, true), (15 * 60 * 1000, false)] {
        let late = entry("late", 1, noon - before);
        chains.insert("late".to_owned(), vec![late]);
        assert_eq!(whole(&series, &chains).is_empty(), is_right, "{before}");
    }
}

type Change = fn(&mut Chains);

#[test]
fn each_change_is_found_and_the_first_day_that_is_wrong() {
    let changes: [(&str, Change, &str); 8] = [
        ("a rewritten entry of the first day", |c| c.get_mut("a").unwrap()[0].hash = "0".into(), "2026-03-01"),
        ("a rewritten entry of the second", |c| c.get_mut("a").unwrap()[1].hash = "0".into(), "2026-03-02"),
        ("a truncated chain", |c| c.get_mut("a").unwrap().truncate(2), "2026-03-03"),
        ("a chain that is gone", |c| drop(c.remove("b")), "2026-03-01"),
        ("an entry that is gone", |c| drop(c.get_mut("a").unwrap().remove(1)), "2026-03-02"),
        ("a chain that was put in", |c| drop(c.insert("c".into(), vec![entry("c", 1, DAY)])), "2026-03-02"),
        (
            "an entry that was put behind",
            |c| c.get_mut("b").unwrap().push(entry("b", 3, 2 * DAY + 3 * HOUR)),
            "2026-03-03",
        ),
        ("another time", |c| c.get_mut("b").unwrap()[0].recorded_at = at(HOUR + 1), "2026-03-01"),
    ];
    let series = anchored(&chains());
    for (what, change, day) in changes {
        let mut tampered = chains();
        change(&mut tampered);
        let wrong = whole(&series, &tampered);
        assert_eq!(wrong.first().map(|wrong| wrong.day.as_str()), Some(day), "{what}: {wrong:?}");
    }
}

#[test]
fn a_part_of_a_history_is_judged_by_what_it_must_have() {
    let series = anchored(&chains());
    let span = Span { since: at(DAY), until: at(2 * DAY - 1), all: true };
    let mut part: Chains = [("a".to_owned(), vec![chains()["a"][1].clone()])].into();
    assert_eq!(judge(&series, &part, span, Retention::FOREVER), []);
    assert_eq!(judge(&series, &Chains::new(), span, Retention::FOREVER)[0].day, "2026-03-02", "it lacks that of a");
    let some = Span { all: false, ..Span::WHOLE };
    part.insert("a".to_owned(), chains()["a"].clone());
    assert_eq!(judge(&series, &part, some, Retention::FOREVER), [], "b is not asked for");
    // Kept for three days, at the end of the fourth.
    let kept = Retention::of_days(3).unwrap();
    part = [("a".to_owned(), chains()["a"][1..].to_vec()), ("b".to_owned(), chains()["b"][1..].to_vec())].into();
    assert_eq!(judge(&series, &part, Span::WHOLE, kept), []);
    assert!(!judge(&series, &part, Span::WHOLE, Retention::of_days(4).unwrap()).is_empty());
}

/// As many of the last anchors as the next one needs.
fn last_ones(anchors: &[Anchor]) -> Series {
    let Some(last) = anchors.last() else { return Series::of_the_last(Vec::new()) };
    let enough = anchors.iter().rposition(|anchor| Series::is_enough(anchor, last)).unwrap();
    let series = Series::of_the_last(anchors[enough..].to_vec());
    assert_eq!(series.problems(), []);
    series
}

#[test]
fn the_last_anchors_are_enough_for_the_next_one_and_are_judged_as_they_are() {
    let mut anchors = anchored(&chains()).anchors().to_vec();
    for minutes in [1, 2, 14, 20] {
        let extent = Extent::up_to(at(3 * DAY + 16 * 60 * 1000 + minutes * 60 * 1000));
        anchors.extend(next(&Series::new(anchors.clone()), &chains(), extent));
    }
    let numbers: Vec<u64> = last_ones(&anchors).anchors().iter().map(|anchor| anchor.record.number).collect();
    assert_eq!(numbers, [5, 6, 7], "those of the quarter of an hour before it, and one more");
    anchors[5].record.previous_root = "0".to_owned();
    let wrong = Series::of_the_last(anchors[4..].to_vec()).problems();
    assert!(wrong.iter().all(|wrong| wrong.what.starts_with("anchor 6:")) && !wrong.is_empty(), "{wrong:?}");
}

#[test]
fn an_anchor_must_be_signed_where_a_key_is_given() {
    let mut anchors = anchored(&chains()).anchors().to_vec();
    let signed =
        |text: &[u8], signature: &[u8]| json::sha256_hex(&String::from_utf8_lossy(text)).as_bytes() == signature;
    for anchor in &mut anchors {
        anchor.signature = Some(STANDARD.encode(&anchor.hash));
    }
    assert_eq!(Series::new(anchors.clone()).unsigned(signed), []);
    anchors[0].signature = None;
    anchors[1].signature = Some("no base64!".to_owned());
    anchors[2].record.size += 1;
    let wrong = Series::new(anchors).unsigned(signed);
    let said: Vec<(&str, bool)> =
        wrong.iter().map(|wrong| (wrong.day.as_str(), wrong.what.ends_with("is not signed"))).collect();
    assert_eq!(said, [("2026-03-01", true), ("2026-03-02", false), ("2026-03-03", false)]);
}

#[test]
fn an_anchor_is_read_by_either_name_and_what_is_none_has_the_day_before_it() {
    let anchors = anchored(&chains()).anchors().to_vec();
    let mut files: Vec<(String, String)> = anchors.iter().map(|anchor| (anchor.vault_name(), anchor.text())).collect();
    assert_eq!(files[1].0, "000002.json");
    let (series, wrong) = Series::read(files.clone());
    assert_eq!((series.anchors(), wrong), (anchors.as_slice(), vec![]));
    files[2].1.truncate(9);
    assert_eq!(Series::read(files).1[0].day, "2026-03-02");
}

type Forgery = fn(&mut Vec<Anchor>);

#[test]
fn anchors_that_were_altered_are_found() {
    let forgeries: [(&str, Forgery); 10] = [
        ("a leaf", |a| a[1].leaves[0].sequence = 9),
        ("a leaf that is gone", |a| drop(a[0].leaves.pop())),
        ("a root, and the hash with it", |a| {
            a[0].record.root = "0".into();
            a[0].hash = a[0].record.hash();
        }),
        ("a time", |a| a[2].record.closed_until = at(0)),
        ("a time of the last one", |a| a[2].record.last_recorded_at = Some(at(0))),
        ("a time, and the hash with it", |a| {
            a[0].record.first_recorded_at = None;
            a[0].hash = a[0].record.hash();
        }),
        ("an anchor that is gone", |a| drop(a.remove(1))),
        ("the first one", |a| drop(a.remove(0))),
        ("an anchor twice", |a| a.push(a[1].clone())),
        ("the order of leaves", |a| a[0].leaves.reverse()),
    ];
    for (what, forge) in forgeries {
        let mut anchors = anchored(&chains()).anchors().to_vec();
        forge(&mut anchors);
        assert!(!Series::new(anchors).problems().is_empty(), "{what}");
    }
    let mut anchors = anchored(&chains()).anchors().to_vec();
    let leaf = Leaf { subject: "a".into(), sequence: 3, head: "0".into() };
    anchors[2].leaves[0] = leaf;
    let wrong = Series::read([("000003-2026-03-03.json".to_owned(), "{".to_owned())]).1;
    assert_eq!(wrong[0].day, "2026-03-03", "a file that is cut");
    let wrong = Series::read([("000001-2026-03-03.json".to_owned(), anchors[2].text())]).1;
    assert!(wrong[0].what.contains("has anchor 3"), "{wrong:?}");
}

proptest! {
    #![proptest_config(crate::cases(1024))]

    /// Chains of any times, anchored at any moments: right, and whatever is done to one entry is found.
    #[test]
    fn what_was_anchored_is_right_and_no_entry_can_be_changed(
        times in proptest::collection::vec((0..4_usize, 1..DAY / 4), 1..40),
        moments in proptest::collection::btree_set(1..40_usize, 1..6),
        changed in any::<prop::sample::Index>(),
        how in 0..3_u8,
    ) {
        let (mut chains, mut now, mut anchors) = (Chains::new(), 0, Vec::<Anchor>::new());
        for (nth, (chain, after)) in times.iter().enumerate() {
            now += after;
            let subject = format!("s-{chain}");
            let entries = chains.entry(subject.clone()).or_default();
            entries.push(entry(&subject, entries.len() as u64 + 1, now));
            if moments.contains(&nth) {
                let made = next(&Series::new(anchors.clone()), &chains, Extent::up_to(at(now)));
                prop_assert_eq!(&next(&last_ones(&anchors), &chains, Extent::up_to(at(now))), &made, "of the last ones");
                anchors.extend(made);
            }
        }
        anchors.extend(next(&Series::new(anchors.clone()), &chains, Extent::up_to(at(now + DAY))));
        let series = Series::new(anchors);
        prop_assert_eq!(series.problems(), []);
        prop_assert_eq!(whole(&series, &chains), []);
        let all: Vec<(String, usize)> =
            chains.iter().flat_map(|(s, entries)| (0..entries.len()).map(|nth| (s.clone(), nth))).collect();
        let (subject, nth) = changed.get(&all).clone();
        let entries = chains.get_mut(&subject).unwrap();
        match how {
            // What covers it has another hash then, too.
            0 => entries[nth..].iter_mut().for_each(|entry| entry.hash = json::sha256_hex(&entry.hash)),
            1 => entries.truncate(nth),
            _ => {
                let later = entry(&subject, entries.len() as u64 + 1, now);
                entries.push(later);
            }
        }
        prop_assert!(!whole(&series, &chains).is_empty());
    }
}
