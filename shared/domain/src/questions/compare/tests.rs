use super::*;
use crate::identifiers::Identifier as _;
use crate::live::{Cell, Effect, Landings};
use crate::{Commit, DeploymentId, Version};

/// A landing: when, of which version (`1.0` or `main@c1`), or the end of one that went back to it (`<1.0`).
fn landing((at, what): &(i64, &str)) -> Entry {
    let (effect, what) = match what.strip_prefix('<') {
        Some(target) => (Effect::RolledBack, target),
        None => (Effect::Completed, *what),
    };
    let (version, commit) = what.split_once('@').map_or((what, None), |(version, commit)| (version, Some(commit)));
    let version = Version::parse(version).ok();
    let is_back = effect == Effect::RolledBack;
    Entry {
        at: Timestamp::from_millis(*at),
        ahead: false,
        deployment_id: DeploymentId::parse(&format!("d-{at}")).unwrap(),
        effect,
        region: None,
        version: version.clone().filter(|_| !is_back),
        commit: commit.and_then(|commit| Commit::parse(commit).ok()),
        rollback_to: version.filter(|_| is_back),
    }
}

struct Place {
    live: Live,
    newest_first: Vec<Entry>,
    landings: std::collections::BTreeMap<crate::live::ThingKey, Landings>,
}

impl Place {
    fn of(story: &[(i64, &str)]) -> Self {
        let mut newest_first: Vec<Entry> = story.iter().map(landing).collect();
        newest_first.sort_by(|a, b| b.cmp(a));
        let (cell, _) = Cell::of_log(&newest_first);
        Self { live: cell.live, landings: Landings::of_log(&newest_first), newest_first }
    }

    fn first(&self, thing: &Thing) -> Option<LogKey> {
        Landings::first_anywhere(thing, |key| self.landings.get(key)).cloned()
    }
}

/// What runs in `to` beside `from`: `behind 2 since 30`.
fn compared(from: &[(i64, &str)], to: &[(i64, &str)], leads: bool) -> String {
    let (from, to) = (Place::of(from), Place::of(to));
    let (in_from, in_to) = (|thing: &Thing| from.first(thing), |thing: &Thing| to.first(thing));
    let Some(Related { relation, between }) = relate((&from.live, &in_from), (&to.live, &in_to), leads) else {
        return "nothing".to_owned();
    };
    let name = relation.as_str();
    let Some(between) = between else { return name.to_owned() };
    let log = match between.side {
        Side::From => &from.newest_first,
        Side::To => &to.newest_first,
    };
    let Counted { by, more, since, landings } = between.count(log, true);
    assert!(!more && landings.len() >= by);
    format!("{name} {by} since {}", since.map_or_else(|| "-".to_owned(), |since| since.millis().to_string()))
}

#[test]
fn each_relation_and_its_neighbours() {
    let one = &[(10, "1")][..];
    for (from, to, leads, expected) in [
        (&[][..], &[][..], true, "nothing"),
        (one, &[], true, "missing"),
        (&[], one, true, "extra"),
        (one, &[(20, "1")], true, "same"),
        (&[(10, "1@a")], &[(20, "one@a")], true, "same"),
        (&[(10, "1@a")], &[(20, "1@b")], true, "unseen"),
        (&[(10, "1@a")], &[(20, "1")], true, "same"),
        (&[(10, "1"), (20, "2"), (30, "3")], &[(15, "1")], true, "behind 2 since 20"),
        (&[(10, "1"), (20, "2"), (30, "3")], &[(15, "1"), (25, "2")], true, "behind 1 since 30"),
        // A redeploy is no further thing, and neither is what landed again of what runs there.
        (&[(10, "1"), (20, "2"), (25, "2")], &[(15, "1")], true, "behind 1 since 20"),
        (&[(10, "1"), (20, "2"), (25, "1"), (30, "3")], &[(15, "1")], true, "behind 2 since 20"),
        // A version that returned: it went back, and so the other is ahead.
        (&[(10, "1"), (20, "2"), (30, "<1")], &[(15, "1"), (25, "2")], true, "ahead 1 since 25"),
        (&[(10, "1"), (20, "2"), (30, "<1")], &[(25, "2")], true, "ahead 1 since 20"),
        (&[(10, "1"), (20, "2"), (25, "3"), (30, "<1")], &[(25, "2")], true, "ahead 1 since 20"),
        // A hotfix, and the same the other way round.
        (&[(10, "1"), (20, "2")], &[(15, "1"), (30, "1.1")], true, "unseen"),
        (&[(10, "1")], &[(15, "1"), (30, "1.1")], true, "unseen"),
        (&[(15, "1"), (30, "1.1")], &[(10, "1")], false, "behind 1 since 30"),
        (&[(15, "1")], &[(10, "1"), (20, "2"), (30, "3")], false, "ahead 2 since 20"),
        (&[(15, "1")], &[(10, "2")], false, "unseen"),
        // Not as numbers, and not by when it came to the other one.
        (&[(10, "9"), (20, "10"), (30, "2")], &[(5, "10")], true, "behind 1 since 30"),
        (&[(10, "1"), (20, "2")], &[(5, "2"), (30, "1")], true, "behind 1 since 20"),
    ] {
        assert_eq!(compared(from, to, leads), expected, "{from:?} {to:?} {leads}");
    }
}

#[test]
fn what_was_not_read_is_not_counted_and_said() {
    let from = Place::of(&[(10, "1"), (20, "2"), (30, "3"), (40, "4")]);
    let to = Place::of(&[(50, "1")]);
    let (in_from, in_to) = (|thing: &Thing| from.first(thing), |thing: &Thing| to.first(thing));
    let between = relate((&from.live, &in_from), (&to.live, &in_to), true).unwrap().between.unwrap();
    let counted = |read: usize, whole| {
        let Counted { by, more, since, .. } = between.count(&from.newest_first[..read], whole);
        (by, more, since.map(Timestamp::millis))
    };
    assert_eq!(counted(2, false), (2, true, None));
    assert_eq!(counted(3, false), (3, true, None), "others may stand before it");
    assert_eq!(counted(4, false), (3, false, Some(20)), "what runs there is among them");
    assert_eq!(counted(4, true), (3, false, Some(20)));
}

#[test]
fn a_note_says_where_versions_are_in_another_order_and_where_nothing_is_known() {
    let live = |version: &str| Live { version: Version::parse(version).ok(), ..Live::default() };
    let noted = |relation, from: &str, to: &str| note(relation, &live(from), &live(to));
    assert_eq!(
        noted(Relation::Behind, "1.9.0", "v1.10.0").as_deref(),
        Some("1.10.0 is the greater version, but landed before 1.9.0")
    );
    assert_eq!(
        noted(Relation::Ahead, "2.0.0", "2.0.0-rc.1").as_deref(),
        Some("2.0.0 is the greater version, but landed before 2.0.0-rc.1")
    );
    for (relation, from, to) in [
        (Relation::Behind, "1.10.0", "1.9.0"),
        (Relation::Behind, "9", "10"),
        (Relation::Unseen, "1.9.0", "1.10.0"),
        (Relation::Ahead, "main", "1.0.0"),
    ] {
        assert_eq!(noted(relation, from, to), None, "{from} {to}");
    }
    assert!(noted(Relation::Unseen, "1", "").unwrap().contains("`to`"));
    let commit = Live { commit: Commit::parse("c0ffee1").ok(), ..Live::default() };
    let none_in_common = "the two sides have no name in common: `from` has only a commit, `to` only a version";
    assert_eq!(note(Relation::Unseen, &commit, &live("1")).as_deref(), Some(none_in_common));
    assert_eq!(note(Relation::Behind, &commit, &live("1")), None, "what runs in `to` landed in `from`");
    let both = Live { version: Version::parse("2").ok(), ..commit };
    assert_eq!(note(Relation::Unseen, &both, &live("1")), None);
    assert_eq!(noted(Relation::Missing, "1", ""), None);
}
