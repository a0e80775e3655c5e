use proptest::prelude::*;

use super::*;
use crate::follows::metrics::Metric;
use crate::identifiers::StageName;

const BOUNDS: MetricBounds = MetricBounds { new_per_day: 3, at_once: 5 };

fn environment(name: &str) -> Environment {
    Environment::parse(name).unwrap()
}

fn of(name: &str) -> Dimensions {
    Dimensions::Environment(environment(name))
}

fn all(names: &[&str]) -> BTreeSet<Dimensions> {
    names.iter().map(|name| of(name)).collect()
}

/// Judges and notes; answers what is beyond.
fn day(sets: &mut MetricSets, names: &[&str], today: Day) -> BTreeSet<Dimensions> {
    let judged = sets.judge(&all(names), BOUNDS, today);
    *sets = std::mem::take(sets).with(&judged, today);
    judged.beyond
}

#[test]
fn a_day_has_so_many_new_sets_and_what_is_known_goes_on() {
    let mut sets = MetricSets::default();
    assert_eq!(day(&mut sets, &["a", "b", "c"], 1), all(&[]), "as many as there may be");
    assert_eq!(day(&mut sets, &["a", "b", "c", "d"], 1), all(&["d"]), "one more");
    assert_eq!(day(&mut sets, &["d"], 0), all(&["d"]), "a clock that goes back begins no new day");
    assert_eq!(day(&mut sets, &["d", "e", "f"], 2), all(&["f"]), "the next day has three again, but five is all");
}

#[test]
fn a_set_without_values_for_a_month_makes_room() {
    let mut sets = MetricSets::default();
    day(&mut sets, &["a", "b", "c"], 1);
    day(&mut sets, &["a", "d", "e"], 8);
    assert_eq!(day(&mut sets, &["f"], 31), all(&["f"]), "b and c had values thirty days ago");
    assert_eq!(day(&mut sets, &["f", "g", "h"], 32), all(&["h"]));
    let judged = sets.judge(&all(&["b"]), BOUNDS, 32);
    assert_eq!(judged.beyond, all(&["b"]), "what comes back is new");
    assert_eq!(sets.judge(&all(&["a"]), BOUNDS, 14).note, all(&[]), "it was noted a few days ago");
    assert_eq!(sets.judge(&all(&["a"]), BOUNDS, 15).note, all(&["a"]), "it was noted a week ago");
}

#[test]
fn what_the_installation_names_is_never_beyond() {
    let minute = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let data: Vec<Datum> = [of("production"), of("pr-1"), of("unknown"), of("other"), Dimensions::Door("queue".into())]
        .map(|dimensions| Datum { metric: Metric::DeploymentEvents, dimensions, minute, values: vec![(1.0, 1.0)] })
        .into();
    assert_eq!(chosen(&data, |name| name.as_str() == "production"), all(&["pr-1"]));
}

#[test]
fn what_is_beyond_counts_under_other_and_services_count_in_their_environment_alone() {
    let minute = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let stage = Dimensions::Stage(environment("b"), StageName::parse("BUILD").unwrap());
    let service = Dimensions::Service(environment("b"), Service::parse("cart").unwrap());
    let datum = |metric, dimensions: &Dimensions, values: &[(f64, f64)]| Datum {
        metric,
        dimensions: dimensions.clone(),
        minute,
        values: values.to_vec(),
    };
    let data = vec![
        datum(Metric::DeploymentDuration, &of("a"), &[(5.0, 1.0), (9.0, 2.0)]),
        datum(Metric::DeploymentDuration, &of("b"), &[(5.0, 3.0)]),
        datum(Metric::DeploymentDuration, &of("production"), &[(5.0, 1.0)]),
        datum(Metric::DeploymentDuration, &service, &[(5.0, 1.0)]),
        datum(Metric::StageDuration, &stage, &[(1.0, 1.0)]),
    ];
    let beyond = [of("a"), of("b"), stage, service].into();
    let found = within(data, &beyond);
    assert_eq!(
        found,
        [
            datum(Metric::DeploymentDuration, &of("production"), &[(5.0, 1.0)]),
            datum(Metric::DeploymentDuration, &of("other"), &[(5.0, 4.0), (9.0, 2.0)]),
            datum(Metric::StageDuration, &of("other"), &[(1.0, 1.0)]),
        ]
    );
}

#[test]
fn a_gauge_of_what_is_beyond_is_the_sum_of_all() {
    let minute = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let active = |name: &str, value| Datum {
        metric: Metric::ActiveDeployments,
        dimensions: of(name),
        minute,
        values: vec![(value, 1.0)],
    };
    let found = within(vec![active("a", 2.0), active("b", 3.0), active("c", 1.0)], &all(&["a", "b"]));
    assert_eq!(found, [active("c", 1.0), active("other", 5.0)]);
}

#[test]
fn a_set_is_read_back_from_its_key() {
    let name = environment("PR #12");
    for set in [
        Dimensions::Environment(name.clone()),
        Dimensions::Service(name.clone(), Service::parse("a#b").unwrap()),
        Dimensions::Stage(name, StageName::parse("§ #").unwrap()),
    ] {
        assert_eq!(of_key(&key(&set)), Some(set));
    }
    assert_eq!(["E", "E#a#b", "S#a", "X#a", "T#a#b#c"].map(of_key), [None, None, None, None, None]);
}

proptest! {
    /// However names come, in whatever order and however often: never more sets than there may be, and each value
    /// counts somewhere.
    #[test]
    fn there_are_never_more_sets_than_there_may_be(
        days in proptest::collection::vec((0i64..3, proptest::collection::vec(0usize..40, 0..12)), 0..40),
    ) {
        let (mut sets, mut today, mut own) = (MetricSets::default(), 0, BTreeMap::<Day, BTreeSet<Dimensions>>::new());
        for (later, names) in days {
            today += later;
            let wanted: BTreeSet<Dimensions> = names.iter().map(|n| of(&format!("e-{n}"))).collect();
            let judged = sets.judge(&wanted, BOUNDS, today);
            prop_assert!(judged.beyond.is_subset(&wanted));
            own.entry(today).or_default().extend(wanted.difference(&judged.beyond).cloned());
            let data: Vec<Datum> = wanted.iter().map(|set| Datum {
                metric: Metric::DeploymentEvents,
                dimensions: set.clone(),
                minute: Timestamp::from_millis(0),
                values: vec![(1.0, 1.0)],
            }).collect();
            let counted: f64 =
                within(data, &judged.beyond).iter().flat_map(|datum| &datum.values).map(|(_, count)| count).sum();
            prop_assert!((counted - f64::from(u32::try_from(wanted.len()).unwrap())).abs() < f64::EPSILON);
            sets = sets.with(&judged, today);
            let recent: BTreeSet<&Dimensions> = own.range(today - KEPT_DAYS + NOTED_DAYS..).flat_map(|(_, of)| of).collect();
            prop_assert!(recent.len() <= BOUNDS.at_once, "{recent:?}");
        }
        let mut seen = BTreeSet::new();
        for (_, of_day) in own {
            let new = of_day.iter().filter(|set| seen.insert((*set).clone())).count();
            prop_assert!(new <= BOUNDS.new_per_day);
        }
    }
}
