//! All kinds together: which environments count, and in which order findings stand.

use super::*;

#[test]
fn the_environment_before_is_the_one_that_stands_directly_before_on_the_path() {
    let hotfix = &[(9, "1"), (1, "hotfix")][..];
    // `staging` exists, and nothing of cart runs there.
    let story: Story<'_> = &[("dev/cart", &[(10, "1")]), ("staging/search", &[(10, "1")]), ("production/cart", hotfix)];
    assert_eq!(found(Kind::Unseen, story), [""; 0]);
    let retired = World::new(&settings(), story).retired("staging").ask(None, &[Kind::Unseen], &[]);
    assert_eq!(shown(&retired), ["production/cart"], "an environment that was retired is none");
    let story: Story<'_> = &[("dev/cart", &[(10, "1")]), ("production/cart", hotfix)];
    assert_eq!(found(Kind::Unseen, story), ["production/cart"], "nothing was ever deployed to staging");
    let story: Story<'_> = &[("canary/cart", &[(10, "1")]), ("production/cart", hotfix)];
    assert_eq!(found(Kind::Unseen, story), [""; 0], "it is on no path");
}

#[test]
fn of_several_environments_before_it_it_is_behind_each_or_none() {
    let ask = |kind: Kind, story: Story<'_>| shown(&World::new(&json!({}), story).ask(None, &[kind], &[]));
    let (eu, us) = ("staging-eu/cart", "staging-us/cart");
    let here = ("production/cart", &[(9, "1"), (1, "2")][..]);
    assert_eq!(ask(Kind::Unseen, &[(eu, &[(10, "1")]), (us, &[(10, "1")]), here]), ["production/cart"]);
    assert_eq!(ask(Kind::Unseen, &[(eu, &[(10, "1")]), (us, &[(10, "2"), (5, "1")]), here]), [""; 0]);
    let old = &[(30 * DAY, "2"), (20 * DAY, "3")][..];
    assert_eq!(ask(Kind::Lagging, &[(eu, old), (us, old), here]), ["production/cart"]);
    assert_eq!(ask(Kind::Lagging, &[(eu, old), (us, &[(10, "2")]), here]), [""; 0]);
}

#[test]
fn what_was_retired_comes_and_goes_or_is_an_alias_has_no_drift() {
    let drifting = &[(90 * DAY, "1 in eu"), (80 * DAY, "2 in us")][..];
    let story: Story<'_> = &[
        ("production/cart", drifting),
        ("preview-1/cart", drifting),
        ("unknown/cart", drifting),
        ("stage/cart", drifting),
        ("production/find", drifting),
        ("production/unknown", drifting),
    ];
    assert_eq!(found(Kind::Mixed, story), ["production/cart"]);
    assert_eq!(World::new(&settings(), story).retired("production").ask(None, &Kind::ALL, &[]), []);
}

#[test]
fn the_worst_comes_first_and_a_position_leads_on() {
    let old = 50 * DAY;
    let story: Story<'_> = &[
        ("staging/cart", &[(old, "1"), (old - 9, "2")]),
        ("staging/search", &[(60 * DAY, "1")]),
        ("production/cart", &[(old, "1")]),
        ("production/search", &[(20 * DAY, "9")]),
        ("production/Search", &[(1, "9")]),
        ("dev/cart", &[(9 * DAY, "2 in eu"), (8 * DAY, "3 in us")]),
    ];
    let mut world = World::new(&settings(), story);
    let all = world.ask(None, &Kind::ALL, &[]);
    let named: Vec<String> = all
        .iter()
        .zip(shown(&all))
        .map(|(finding, place)| format!("{} {} {place}", finding.severity.as_str(), finding.kind.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            "high MIXED dev/cart",
            "high UNSEEN production/search",
            "medium UNSEEN staging/cart",
            "medium STALE production/cart",
            "medium LAGGING production/cart",
            "low ORPHANED staging/search",
            "low ORPHANED staging/cart",
            "low LOOKALIKE */Search",
        ]
    );
    let path = world.settings.path();
    for two in all.windows(2) {
        let position = Position::parse(&Position::of(&two[0]).text()).unwrap();
        assert_eq!(position, Position::of(&two[0]));
        assert!(position.order(&path) < Position::of(&two[1]).order(&path), "{two:?}");
    }
    for wrong in ["", "high", "high#MIXED#x#a#b#c", "HIGH#MIXED#1###", "high#MIXED##a§#b#", "high#Mixed####"] {
        assert_eq!(Position::parse(wrong), None, "{wrong}");
    }
    let of_staging = world.ask(Some("staging"), &Kind::ALL, &[]);
    assert_eq!(shown(&of_staging), ["staging/cart", "staging/search", "staging/cart"]);
}

#[test]
fn only_what_a_rule_needs_is_read_and_all_of_it_in_few_rounds() {
    let names: Vec<String> = (1..=30).map(|version| format!("{version} #{version}")).collect();
    let long: Vec<(i64, &str)> = names.iter().rev().zip(1..).map(|(name, nth)| (nth * DAY, name.as_str())).collect();
    let story: Story<'_> = &[("dev/cart", &long), ("staging/cart", &long[9..]), ("production/cart", &long[25..])];
    let mut world = World::new(&settings(), story);
    world.ask(None, &Kind::HIGH, &[]);
    assert!(
        world.known.deployments.is_empty() && world.known.places.values().filter(|seen| seen.is_tail()).count() == 2
    );
    assert!(world.rounds <= 1, "{}", world.rounds);
    world.rounds = 0;
    world.ask(None, &Kind::ALL, &[]);
    assert!(world.rounds <= 3, "{}", world.rounds);
    let ids: BTreeSet<_> = world.known.deployments.keys().collect();
    assert!(ids.len() <= 30, "{}", ids.len());
}
