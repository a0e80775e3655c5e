//! Each kind, with its neighbours on the boundary.

use super::*;
use crate::questions::release::ReleaseState;

const PRODUCTION: [&str; 1] = ["production/cart"];
const STAGING: [&str; 1] = ["staging/cart"];
const NONE: [&str; 0] = [];

/// As many landings of different things as that, the newest an hour ago, an hour apart.
fn busy(names: &[String]) -> Vec<(i64, &str)> {
    names.iter().rev().zip(1..).map(|(name, nth)| (nth * HOUR, name.as_str())).collect()
}

fn versions(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    range.map(|version| version.to_string()).collect()
}

#[test]
fn lagging_by_more_deployments_or_for_longer_than_that() {
    let of = |staging: &[(i64, &str)], production: &[(i64, &str)]| {
        found(Kind::Lagging, &[("staging/cart", staging), ("production/cart", production)])
    };
    let one = (20 * DAY, "1");
    let here = &[(20 * DAY - 1, "1")][..];
    assert_eq!(of(&[one, (3, "2"), (2, "3")], here), NONE, "by two: no more than that");
    assert_eq!(of(&[one, (4, "2"), (3, "3"), (2, "4")], here), PRODUCTION, "by three");
    assert_eq!(of(&[one, (4, "2"), (3, "3"), (2, "3")], here), NONE, "a redeploy is no further thing");
    assert_eq!(of(&[one, (4, "2"), (3, "1"), (2, "3")], here), NONE, "nor is what runs there, come again");
    assert_eq!(of(&[one, (4, "a@c2"), (3, "b@c2"), (2, "c@c2")], here), NONE, "nor equal commits of other names");
    assert_eq!(of(&[one, (10 * DAY, "2")], here), NONE, "for ten days: no longer than that");
    assert_eq!(of(&[one, (10 * DAY + 1, "2")], here), PRODUCTION, "for a moment more");
    assert_eq!(of(&[one, (15 * DAY, "2"), (1, "<1")], here), NONE, "a version that returned");
    assert_eq!(of(&[one, (15 * DAY, "2")], &[(19 * DAY, "1"), (1, "-")]), NONE, "removed there");
    assert_eq!(of(&[one, (15 * DAY, "2"), (1, "-")], here), NONE, "removed before it");
    let found = only(
        Kind::Lagging,
        &[("staging/cart", &[one, (4 * DAY, "2"), (3 * DAY, "3"), (2 * DAY, "4")]), ("production/cart", here)],
    );
    assert_eq!(found.what, "cart runs 1: staging is ahead by 3, the first of which landed 4 days ago");
    assert_eq!((found.severity, found.since.map(Timestamp::millis)), (Severity::Medium, Some(AT - 4 * DAY)));
    assert_eq!(found.evidence.len(), 4, "{:?}", found.evidence);
}

#[test]
fn lagging_behind_a_long_log_says_the_least_that_it_is() {
    let names = versions(2..=30);
    let mut staging = busy(&names);
    staging.push((20 * DAY, "1"));
    let production = [(19 * DAY, "1")];
    let story: &[(&str, &[(i64, &str)])] = &[("staging/cart", &staging), ("production/cart", &production)];
    let found = only(Kind::Lagging, story);
    assert_eq!(
        found.what,
        "cart runs 1: staging is ahead by 10 or more, the first of which landed more than 10 hours ago"
    );
    assert_eq!(found.since, None);
    // Many landings of few things: the tail does not say it, and a page does.
    let names: Vec<String> = (0..29).map(|nth| if nth < 9 { "2".to_owned() } else { "3".to_owned() }).collect();
    let mut staging = busy(&names);
    staging.push((20 * DAY, "1"));
    let story: &[(&str, &[(i64, &str)])] = &[("staging/cart", &staging), ("production/cart", &production)];
    let mut world = World::new(&settings(), story);
    assert_eq!(world.ask(None, &[Kind::Lagging], &[]), [], "by two");
    assert!(world.known.places.values().all(Seen::is_whole), "that was read");
}

#[test]
fn unseen_is_what_never_landed_in_the_environment_before() {
    let of = |staging: &[(i64, &str)], production: &[(i64, &str)]| {
        found(Kind::Unseen, &[("staging/cart", staging), ("production/cart", production)])
    };
    let here = &[(9, "1"), (1, "hotfix")][..];
    assert_eq!(of(&[(10, "1")], here), PRODUCTION);
    assert_eq!(of(&[(10, "1"), (5, "hotfix"), (4, "2")], here), NONE, "it landed there once");
    assert_eq!(of(&[(10, "1@c1")], &[(1, "other@c1")]), NONE, "equal commits under two names");
    assert_eq!(of(&[(10, "1@c1")], &[(1, "1@c2")]), PRODUCTION, "another commit under the same name");
    assert_eq!(of(&[(10, "1"), (2, "-")], here), NONE, "nothing of it runs there");
    assert_eq!(of(&[], here), NONE, "nothing of it ever came there");
    assert_eq!(of(&[(10, "1")], &[(1, "hotfix"), (0, "-")]), NONE, "it was removed");
    assert_eq!(of(&[(10, "1")], &[(1, "")]), NONE, "what runs is not known");
    assert_eq!(of(&[(10, "")], &[(1, "1")]), NONE, "what ran there is not known");
    assert_eq!(of(&[(10, "@c1")], &[(1, "1")]), NONE, "no kind of name in common");
    assert_eq!(of(&[(10, "1")], &[(1, "@c1")]), NONE, "the other way round");
    assert_eq!(of(&[(10, "@c1")], &[(1, "1@c2")]), PRODUCTION, "both have commits");
    assert_eq!(of(&[(10, "1"), (9, "@c1")], &[(1, "2")]), NONE, "1 has a version, but what runs has none");
    assert_eq!(of(&[(10, "1")], &[(9, "1"), (1, "hotfix in us")]), PRODUCTION, "in one region");
    let old = versions(1..=30);
    assert_eq!(of(&busy(&old), &[(1, "3")]), NONE, "it landed there long ago");
    assert_eq!(of(&busy(&old), &[(1, "31")]), PRODUCTION);
    let found = only(Kind::Unseen, &[("staging/cart", &[(10, "1")]), ("production/cart", here)]);
    assert_eq!(found.what, "cart runs hotfix, which never landed in staging");
    assert_eq!((found.severity, found.since.map(Timestamp::millis)), (Severity::High, Some(AT - 1)));
    let in_staging = only(Kind::Unseen, &[("dev/cart", &[(10, "1")]), ("staging/cart", here)]);
    assert_eq!(in_staging.severity, Severity::Medium);
}

#[test]
fn orphaned_is_what_landed_days_ago_and_neither_went_on_nor_was_replaced() {
    let of = |staging: &[(i64, &str)], production: &[(i64, &str)]| {
        found(Kind::Orphaned, &[("staging/cart", staging), ("production/cart", production)])
    };
    let days = 10 * DAY;
    assert_eq!(of(&[(days, "2")], &[(days, "1")]), STAGING, "exactly so many days ago");
    assert_eq!(of(&[(days - 1, "2")], &[(days, "1")]), NONE);
    assert_eq!(
        of(&[(days, "2")], &[(days, "1"), (days - 5, "2"), (1, "3")]),
        NONE,
        "it went on, and was replaced there"
    );
    assert_eq!(of(&[(days, "2"), (1, "2")], &[(days, "1")]), NONE, "a redeploy lands too");
    assert_eq!(of(&[(days, "2"), (1, "-")], &[(days, "1")]), NONE, "removed");
    assert_eq!(of(&[(days, "2@c")], &[(1, "two@c")]), NONE, "it went on under another name");
    assert_eq!(of(&[(days, "2 in eu"), (1, "2 in us")], &[(days, "1")]), STAGING, "in one region");
    assert_eq!(of(&[(days, "@c")], &[(1, "2")]), NONE, "perhaps it went on: they have no kind of name in common");
    assert_eq!(of(&[(days, "2")], &[(1, "@c"), (0, "-")]), NONE, "nor where nothing runs any more");
    assert_eq!(of(&[(days, "2@c")], &[(1, "@d")]), STAGING, "both have commits");
    let old = versions(1..=30);
    assert_eq!(of(&[(days, "2")], &busy(&old)), NONE, "it landed there long ago");
    assert_eq!(of(&[(days, "x")], &busy(&old)), STAGING);
    assert_eq!(found(Kind::Orphaned, &[("production/cart", &[(days, "1")])]), NONE, "the end of the path");
    assert_eq!(found(Kind::Orphaned, &[("canary/cart", &[(days, "1")]), ("production/cart", &[(1, "2")])]), NONE);
}

#[test]
fn stale_is_what_runs_for_longer_than_the_settings_allow() {
    let of = |production: &[(i64, &str)]| found(Kind::Stale, &[("production/cart", production)]);
    assert_eq!(of(&[(30 * DAY, "1")]), NONE);
    assert_eq!(of(&[(30 * DAY + 1, "1")]), PRODUCTION);
    assert_eq!(of(&[(40 * DAY, "1"), (1, "1")]), NONE, "a redeploy");
    assert_eq!(of(&[(40 * DAY, "1"), (1, "-")]), NONE, "removed");
    assert_eq!(of(&[(40 * DAY, "1 in eu"), (1, "1 in us")]), PRODUCTION, "in one region");
    assert_eq!(found(Kind::Stale, &[("staging/cart", &[(300 * DAY, "1")])]), NONE, "the settings allow any age");
}

#[test]
fn silent_is_what_landed_often_and_does_not_any_more() {
    // Intervals of a day each.
    let daily =
        |count: i64, last: i64| -> Vec<String> { (0..count).map(|nth| (last + nth * DAY).to_string()).collect() };
    let of = |times: &[String]| {
        let landings: Vec<(i64, &str)> = times.iter().map(|ago| (ago.parse().unwrap(), ago.as_str())).collect();
        found(Kind::Silent, &[("staging/cart", &landings)])
    };
    assert_eq!(of(&daily(6, 3 * DAY)), NONE, "three times as long, and no longer");
    assert_eq!(of(&daily(6, 3 * DAY + 1)), STAGING);
    assert_eq!(of(&daily(5, 30 * DAY)), NONE, "four intervals say nothing");
    let burst = |last: i64| -> Vec<String> { (0..11).map(|nth| (last + nth * 90).to_string()).collect() };
    assert_eq!(of(&burst(5000)), NONE, "seconds after a burst");
    assert_eq!(of(&burst(DAY)), NONE, "a day after it, and no longer");
    assert_eq!(of(&burst(DAY + 1)), STAGING);
    // The longest of ten intervals is the oldest, which no tail has.
    let ten = [daily(10, 4 * DAY), vec![(4 * DAY + 9 * DAY + 2 * DAY).to_string()]].concat();
    assert_eq!(of(&ten), NONE, "twice a day is longer");
    let eleven = [daily(11, 4 * DAY), vec![(4 * DAY + 10 * DAY + 9 * DAY).to_string()]].concat();
    assert_eq!(of(&eleven), STAGING, "the eleventh interval counts no more");
    let found = only(
        Kind::Silent,
        &[(
            "staging/cart",
            &[(9 * DAY, "5"), (10 * DAY, "4"), (11 * DAY, "3"), (12 * DAY, "2"), (13 * DAY, "1"), (14 * DAY, "0")],
        )],
    );
    assert_eq!(found.what, "nothing of cart has landed for 9 days; the longest of the last 5 intervals was 24 hours");
    let removed =
        [(1, "-"), (9 * DAY, "5"), (10 * DAY, "4"), (11 * DAY, "3"), (12 * DAY, "2"), (13 * DAY, "1"), (14 * DAY, "0")];
    assert_eq!(super::found(Kind::Silent, &[("staging/cart", &removed)]), NONE);
}

#[test]
fn by_hand_is_what_a_person_brought_after_a_landing_that_was_not() {
    let of = |production: &[(i64, &str)]| found(Kind::ByHand, &[("production/cart", production)]);
    assert_eq!(of(&[(2, "1 by AUTOMATIC"), (1, "2 by MANUAL")]), PRODUCTION);
    assert_eq!(of(&[(2, "1"), (1, "2 by MANUAL")]), PRODUCTION, "none named counts as not");
    assert_eq!(of(&[(2, "1 by MANUAL"), (1, "2 by MANUAL")]), NONE, "as always here");
    assert_eq!(of(&[(2, "1 by MANUAL"), (1, "2")]), NONE);
    assert_eq!(of(&[(1, "2 by MANUAL")]), NONE, "nothing landed before it");
    assert_eq!(of(&[(2, "1"), (1, "2 by MANUAL"), (0, "-")]), NONE, "removed");
    assert_eq!(of(&[(3, "1"), (2, "2 by MANUAL"), (1, "3"), (0, "<2")]), PRODUCTION, "it came back");
    let of_region = [(3, "1 in eu"), (2, "1 in us by MANUAL"), (1, "2 in eu by MANUAL")];
    let found = only(Kind::ByHand, &[("production/cart", &of_region)]);
    assert_eq!(found.what, "cart 2 (eu) came by hand, and what landed before it did not");
    assert_eq!(found.severity, Severity::Medium);
    assert_eq!(only(Kind::ByHand, &[("dev/cart", &[(2, "1"), (1, "2 by MANUAL")])]).severity, Severity::Low);
}

#[test]
fn a_build_gap_is_over_builds_that_landed_nowhere_before() {
    let of = |earlier: Story<'_>, production: &[(i64, &str)]| {
        found(Kind::BuildGap, &[earlier, &[("production/cart", production)]].concat())
    };
    let staging: Story<'_> = &[("staging/cart", &[(9, "a #1"), (8, "b #4")])];
    assert_eq!(of(staging, &[(2, "a #1"), (1, "b #4")]), PRODUCTION);
    assert_eq!(of(staging, &[(2, "a #1"), (1, "b #2")]), NONE, "the next one");
    assert_eq!(of(staging, &[(2, "a #4"), (1, "b #1")]), NONE, "back");
    assert_eq!(of(staging, &[(2, "a #1"), (1, "b #x4")]), NONE, "no number");
    assert_eq!(of(&[], &[(2, "a #1"), (1, "b #4")]), NONE, "nothing stands before it");
    let with_dev: Story<'_> =
        &[("staging/cart", &[(9, "a #1"), (8, "b #4")]), ("dev/cart", &[(20, "a #1"), (19, "x #2"), (18, "y #3")])];
    assert_eq!(of(with_dev, &[(2, "a #1"), (1, "b #4")]), NONE, "each landed in dev");
    let found = only(Kind::BuildGap, &[staging[0], ("production/cart", &[(2, "a #1"), (1, "b #4")])]);
    let expected = "cart went from build 1 to 4; builds 2 to 3 are not among the landings that were read of staging";
    assert_eq!((found.what.as_str(), found.severity), (expected, Severity::Low));
    // A tail that does not reach back to the build before says nothing.
    let many: Vec<String> = (5..=30).map(|build| format!("v{build} #{build}")).collect();
    let long = [busy(&many), vec![(90 * DAY, "a #1"), (80 * DAY, "b #4")]].concat();
    assert_eq!(of(&[("staging/cart", &long)], &[(2, "a #1"), (1, "b #4")]), NONE);
}

#[test]
fn mixed_is_what_regions_disagree_about_for_longer_than_a_day() {
    let of = |production: &[(i64, &str)]| found(Kind::Mixed, &[("production/cart", production)]);
    let eu = (9 * DAY, "1 in eu");
    assert_eq!(of(&[eu, (DAY, "2 in us")]), NONE, "a day, and no longer");
    assert_eq!(of(&[eu, (DAY + 1, "2 in us")]), PRODUCTION);
    assert_eq!(of(&[eu, (3 * DAY, "2 in us"), (5, "3 in us")]), PRODUCTION, "they disagreed before that too");
    assert_eq!(of(&[eu, (3 * DAY, "2 in us"), (5, "1 in us"), (4, "3 in us")]), NONE, "and agreed meanwhile");
    assert_eq!(of(&[eu, (3 * DAY, "2 in us"), (5, "2 in eu")]), NONE, "they agree");
    assert_eq!(of(&[eu, (3 * DAY, "2 in us"), (5, "- in us")]), NONE, "nothing runs in one");
    assert_eq!(of(&[eu, (3 * DAY, "2 in us"), (5, "3")]), NONE, "one landing for all");
    assert_eq!(of(&[(9 * DAY, "1@c in eu"), (3 * DAY, "1@d in us")]), PRODUCTION, "the commits differ");
    assert_eq!(of(&[(9 * DAY, "1 in eu"), (3 * DAY, "@d in us")]), NONE, "no kind of name in common");
    assert_eq!(of(&[(9 * DAY, "1 in eu"), (3 * DAY, "@d in us"), (2, "2 in us")]), NONE, "for a moment");
    let found = only(Kind::Mixed, &[("production/cart", &[eu, (3 * DAY, "2 in us"), (5, "3 in us")])]);
    assert_eq!(found.what, "regions of cart have disagreed for 3 days: 1 in eu, 3 in us");
    assert_eq!((found.severity, found.since.map(Timestamp::millis)), (Severity::High, Some(AT - 3 * DAY)));
    // Longer than any tail: a page says it.
    let names: Vec<String> = (10..=30).map(|version| format!("{version} in us")).collect();
    let often = [busy(&names), vec![eu, (5 * DAY, "2 in us")]].concat();
    assert_eq!(only(Kind::Mixed, &[("production/cart", &often)]).since.map(Timestamp::millis), Some(AT - 5 * DAY));
    // And longer than a page is not known to be.
    let names: Vec<String> = (10..=200).map(|version| format!("{version} in us")).collect();
    let minutes: Vec<(i64, &str)> = names.iter().zip(1..).map(|(name, nth)| (nth * 60_000, name.as_str())).collect();
    assert_eq!(of(&[minutes, vec![eu, (5 * DAY, "2 in us")]].concat()), NONE);
}

#[test]
fn lookalike_are_names_that_may_mean_the_same() {
    let runs = &[(1, "1")][..];
    let of = |names: &[&str]| {
        let story: Vec<(&str, &[(i64, &str)])> = names.iter().map(|name| (*name, runs)).collect();
        found(Kind::Lookalike, &story)
    };
    assert_eq!(of(&["production/checkout", "production/Checkout"]), ["*/Checkout"]);
    assert_eq!(of(&["production/checkout", "staging/checkout", "staging/chekout"]), ["*/chekout"], "the rarer one");
    assert_eq!(of(&["production/node1", "production/node2", "production/cart", "production/card"]), NONE);
    assert_eq!(of(&["production/payment", "production/payments"]), NONE, "the settings list both");
    assert_eq!(of(&["production/search", "production/searcj"]), ["*/searcj"], "and not the slip");
    assert_eq!(of(&["production/cart", "Production/cart"]), ["Production/*"]);
    assert_eq!(of(&["staging/cart", "stage/cart"]), NONE, "one is an alias");
    assert_eq!(of(&["preview-a/cart", "preview-b/cart"]), NONE, "they come and go");
    let removed = &[(2, "1"), (1, "-")][..];
    assert_eq!(found(Kind::Lookalike, &[("production/checkout", runs), ("production/chekout", removed)]), NONE);
}

#[test]
fn incomplete_is_what_a_release_is() {
    let release = |environment: &str, services: &[(&str, ReleaseState)], since: i64| IncompleteRelease {
        release: Label::parse("2026-11").unwrap(),
        environment: Environment::parse(environment).unwrap(),
        services: services.iter().map(|(name, state)| (Service::parse(name).unwrap(), *state)).collect(),
        since: Timestamp::from_millis(since),
        declared: None,
    };
    let (skipped, failed) = (ReleaseState::Skipped, ReleaseState::Failed);
    let story: Story<'_> = &[("production/cart", &[(1, "1")]), ("preview-1/cart", &[(1, "1")])];
    let all = [("cart", skipped), ("search", failed), ("web", ReleaseState::Newer), ("api", ReleaseState::Deploying)];
    let long_ago = AT - DAY - 1;
    let given = [release("production", &all, long_ago), release("preview-1", &[("cart", skipped)], long_ago)];
    let found = World::new(&settings(), story).ask(None, &Kind::ALL, &given);
    assert_eq!(shown(&found), ["production/*"], "not where environments come and go");
    assert_eq!(found[0].what, "release 2026-11 is not complete: cart, search and api are not in place");
    assert_eq!((found[0].severity, found[0].evidence.len(), found[0].on_its_way), (Severity::High, 3, false));
    assert_eq!(World::new(&settings(), story).ask(Some("staging"), &Kind::ALL, &given), []);
    // What is being deployed, or was declared anew, may be on its way: it is found all the same.
    let on_its_way = [
        release("production", &[("api", ReleaseState::Deploying)], long_ago),
        IncompleteRelease { declared: Some(Timestamp::from_millis(AT - DAY)), ..given[0].clone() },
    ];
    for given in on_its_way {
        let found = World::new(&settings(), story).ask(None, &Kind::ALL, &[given]);
        assert_eq!((shown(&found), found[0].on_its_way), (vec!["production/*".to_owned()], true));
    }
    for none in
        [release("production", &all, AT - DAY), release("production", &[("web", ReleaseState::InPlace)], long_ago)]
    {
        assert_eq!(World::new(&settings(), story).ask(None, &Kind::ALL, &[none]), [], "it is on its way, or there");
    }
}
