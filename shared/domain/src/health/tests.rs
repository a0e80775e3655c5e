mod alarms;

use super::piece::{Figure, Piece, Rule, Says, Scope, measured, of_observed};
use super::verdict::{State, Verdict, measured_badly, verdict};
use super::watched::{Watched, is_health_check};
use crate::event::Metrics;
use crate::identifiers::{DeploymentId, EventKey, Identifier as _};
use crate::ledger::observed::Observed;
use crate::settings::HealthBounds;
use crate::{Moment, Timestamp};

use proptest::prelude::*;

const MINUTE: i64 = 60 * 1000;
const LANDED: i64 = 100 * MINUTE;
const HOUR: i64 = 60 * MINUTE;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn watched() -> Watched {
    Watched { begun: at(90 * MINUTE), landed: Some(at(LANDED)), until: None, watch_minutes: 30, suspect_hours: 24 }
}

fn piece(millis: i64, rule: Rule, says: Says, scope: Scope) -> Piece {
    let history = DeploymentId::parse("cart-7").unwrap();
    let key = format!("{millis}-{rule:?}");
    let (moment, figure, by, reason) = (Moment::from(at(millis)), None, None, None);
    Piece { moment, rule, says, scope, figure, history, key, by, reason }
}

fn state(watched: &Watched, pieces: &[Piece], millis: i64) -> Option<State> {
    verdict(watched, pieces, at(millis)).map(|verdict| verdict.state)
}

fn metrics(health: Option<f64>, errors: Option<f64>, latency: Option<f64>) -> Metrics {
    Metrics { health_score: health, error_rate: errors, latency_p95_ms: latency, ..Metrics::default() }
}

#[test]
fn each_bound_is_the_last_value_that_is_not_bad() {
    let none = (None, None, None);
    for (now, before, expected) in [
        ((Some(80.0), None, None), none, vec![(Rule::HealthScore, Says::Good)]),
        ((Some(79.9), None, None), none, vec![(Rule::HealthScore, Says::Bad)]),
        ((None, Some(5.0), None), none, vec![(Rule::ErrorRate, Says::Good)]),
        ((None, Some(5.01), None), none, vec![(Rule::ErrorRate, Says::Bad)]),
        ((None, Some(0.0), None), none, vec![(Rule::ErrorRate, Says::Good)]),
        ((None, None, Some(120.0)), (None, None, Some(100.0)), vec![(Rule::LatencyP95Ms, Says::Good)]),
        ((None, None, Some(120.1)), (None, None, Some(100.0)), vec![(Rule::LatencyP95Ms, Says::Bad)]),
        ((None, None, Some(0.36)), (None, None, Some(0.3)), vec![(Rule::LatencyP95Ms, Says::Good)]),
        // Without a baseline, or with one of zero, nothing is said of a latency.
        ((None, None, Some(9e9)), none, vec![]),
        ((None, None, Some(9e9)), (None, None, Some(0.0)), vec![]),
        ((None, None, Some(0.0)), (None, None, Some(0.0)), vec![]),
        // Only latency has one.
        (
            (Some(90.0), Some(1.0), None),
            (Some(0.0), Some(0.0), None),
            vec![(Rule::HealthScore, Says::Good), (Rule::ErrorRate, Says::Good)],
        ),
    ] {
        let of = |(health, errors, latency)| metrics(health, errors, latency);
        let said = measured(&of(now), &of(before), &HealthBounds::default());
        let said: Vec<_> = said.into_iter().map(|(rule, says, _)| (rule, says)).collect();
        assert_eq!(said, expected, "{now:?} {before:?}");
    }
    let strict = HealthBounds { health_score: 99.0, error_rate: 0.0, latency_factor: 1.0, ..HealthBounds::default() };
    let said = measured(&metrics(Some(98.9), Some(0.1), Some(1.1)), &metrics(None, None, Some(1.0)), &strict);
    assert!(said.len() == 3 && said.iter().all(|(_, says, _)| *says == Says::Bad), "{said:?}");
    assert_eq!(said[2].2, Figure { observed: 1.1, bound: 1.0, baseline: Some(1.0) });
}

#[test]
fn it_is_watched_until_the_watch_is_over_and_good_only_where_something_said_so() {
    let end = LANDED + 30 * MINUTE;
    let good = piece(LANDED + MINUTE, Rule::HealthScore, Says::Good, Scope::Deployment);
    let late = piece(end + 1, Rule::HealthScore, Says::Good, Scope::Deployment);
    for (pieces, asked, expected) in [
        (vec![], LANDED - 1, None),
        (vec![], LANDED, Some(State::Watching)),
        (vec![good.clone()], end - 1, Some(State::Watching)),
        (vec![good], end, Some(State::Good)),
        (vec![], end - 1, Some(State::Watching)),
        (vec![], end, Some(State::Unobserved)),
        // What comes after the watch says nothing of it.
        (vec![late], end + MINUTE, Some(State::Unobserved)),
    ] {
        assert_eq!(state(&watched(), &pieces, asked), expected, "{pieces:?} {asked}");
    }
    let of = |landed| verdict(&Watched { landed, ..watched() }, &[], at(end)).map(|verdict| verdict.since);
    assert_eq!((of(Some(at(LANDED))), of(None)), (Some(at(end)), None));
}

#[test]
fn what_is_bad_counts_from_the_beginning_to_the_end_of_the_watch() {
    let end = LANDED + 30 * MINUTE;
    let late = end + HOUR;
    for (millis, scope, counts) in [
        (90 * MINUTE - 1, Scope::Deployment, false),
        (90 * MINUTE, Scope::Deployment, true),
        (end, Scope::Deployment, true),
        (end + 1, Scope::Deployment, false),
        // What is of the place is of what ran there.
        (LANDED - 1, Scope::Place, false),
        (LANDED, Scope::Place, true),
        (end, Scope::Place, true),
        (end + 1, Scope::Place, false),
        (0, Scope::AnyTime, true),
        (end + HOUR, Scope::AnyTime, true),
    ] {
        let piece = piece(millis, Rule::ErrorRate, Says::Bad, scope);
        let found = verdict(&watched(), &[piece], at(late)).unwrap();
        let expected = if counts { State::Bad } else { State::Unobserved };
        assert_eq!((found.state, found.outside), (expected, usize::from(!counts)), "{millis} {scope:?}");
        if counts {
            assert_eq!((found.since, found.reasons.len()), (at(millis), 1));
        }
    }
    // Once something else runs, what is measured in the place is of that.
    let replaced = watched().until(Some(at(LANDED + 10 * MINUTE)));
    for (minutes, expected) in [(9, State::Bad), (10, State::Unobserved)] {
        let piece = piece(LANDED + minutes * MINUTE, Rule::ErrorRate, Says::Bad, Scope::Place);
        assert_eq!(state(&replaced, &[piece], late), Some(expected));
    }
}

#[test]
fn what_goes_wrong_later_makes_it_suspected_for_a_time() {
    let end = LANDED + 24 * HOUR;
    for (millis, expected) in [
        (LANDED - 1, State::Unobserved),
        (LANDED, State::Suspect),
        (LANDED + 30 * MINUTE, State::Suspect),
        (end, State::Suspect),
        (end + 1, State::Unobserved),
    ] {
        let piece = piece(millis, Rule::Incident, Says::Suspect, Scope::Suspected);
        assert_eq!(state(&watched(), std::slice::from_ref(&piece), end + HOUR), Some(expected), "{millis}");
        let replaced = watched().until(Some(at(millis)));
        assert_eq!(state(&replaced, &[piece], end + HOUR), Some(State::Unobserved), "{millis}");
    }
    let (suspect, bad) = (
        piece(LANDED + HOUR, Rule::Alarm, Says::Suspect, Scope::Suspected),
        piece(LANDED + 2 * HOUR, Rule::RolledBack, Says::Bad, Scope::AnyTime),
    );
    let found = verdict(&watched(), &[suspect, bad], at(end)).unwrap();
    let rules: Vec<Rule> = found.reasons.iter().map(|reason| reason.rule).collect();
    assert_eq!((found.state, rules), (State::Bad, vec![Rule::Alarm, Rule::RolledBack]));
}

#[test]
fn what_has_not_landed_is_bad_by_its_own_evidence_alone() {
    let under_way = Watched { landed: None, ..watched() };
    let own = piece(95 * MINUTE, Rule::HealthCheck, Says::Bad, Scope::Deployment);
    let of_place = piece(95 * MINUTE, Rule::ErrorRate, Says::Bad, Scope::Place);
    assert_eq!(state(&under_way, &[of_place], LANDED), None);
    assert_eq!(state(&under_way, &[], LANDED), None);
    assert_eq!(state(&under_way, std::slice::from_ref(&own), LANDED), Some(State::Bad));
    assert_eq!(state(&under_way, &[own], 95 * MINUTE - 1), None);
}

#[test]
fn a_reason_has_the_worst_the_first_the_last_and_how_many() {
    let measured = |minute: i64, observed: f64| Piece {
        figure: Some(Figure { observed, bound: 5.0, baseline: None }),
        ..piece(LANDED + minute * MINUTE, Rule::ErrorRate, Says::Bad, Scope::Place)
    };
    // It goes up and down 50 times, the worst twice.
    let pieces: Vec<Piece> =
        (0..25).map(|minute| measured(minute, if [7, 9].contains(&minute) { 40.0 } else { 6.0 })).collect();
    let found = verdict(&watched(), &pieces, at(LANDED + HOUR)).unwrap();
    let reason = &found.reasons[0];
    assert_eq!((reason.observed, reason.bound, reason.count), (Some(40.0), Some(5.0), 25));
    assert_eq!((reason.at, reason.first), (at(LANDED + 7 * MINUTE), at(LANDED)));
    assert_eq!((reason.last, found.since), (at(LANDED + 24 * MINUTE), at(LANDED)));
    assert_eq!((reason.evidence.len(), reason.evidence[0].at), (20, reason.last));
}

#[test]
fn an_observation_is_judged_by_the_bounds_that_it_is_given() {
    let observed = Observed {
        moment: at(LANDED).into(),
        key: EventKey::stored("k"),
        recorded_at: at(LANDED),
        history: DeploymentId::parse("observations:cart-7").unwrap(),
        deployment_id: None,
        environment: None,
        service: None,
        region: None,
        metrics: metrics(Some(85.0), None, None),
        baseline: Metrics::default(),
        alarm: None,
        by: "ci".to_owned(),
    };
    let says = |health_score| of_observed(&observed, &HealthBounds { health_score, ..HealthBounds::default() })[0].says;
    assert_eq!((says(80.0), says(90.0)), (Says::Good, Says::Bad));
}

#[test]
fn a_health_check_is_one_however_it_is_written() {
    for (stage, expected) in [
        ("HEALTH_CHECK", true),
        ("Health checks", true),
        ("post-deploy healthcheck", true),
        ("HEALTH", false),
        ("CHECK_HEALTH", false),
        ("BUILD", false),
    ] {
        assert_eq!(is_health_check(stage), expected, "{stage}");
    }
}

fn any_piece() -> impl Strategy<Value = Piece> {
    let says = prop_oneof![Just(Says::Bad), Just(Says::Suspect), Just(Says::Good)];
    let scope = prop_oneof![
        Just(Scope::Deployment),
        Just(Scope::Place),
        Just(Scope::Suspected),
        Just(Scope::DeploymentSuspected),
        Just(Scope::AnyTime)
    ];
    (80..200i64, 0..9usize, says, scope, 0..4u8, prop::option::of(0..5u8)).prop_map(
        |(minute, rule, says, scope, key, figure)| Piece {
            figure: figure.map(|observed| Figure { observed: observed.into(), bound: 2.0, baseline: None }),
            key: format!("{key}{figure:?}"),
            ..piece(minute * MINUTE, Rule::ALL[rule], says, scope)
        },
    )
}

fn shuffled(pieces: Vec<Piece>) -> impl Strategy<Value = (Vec<Piece>, Vec<Piece>)> {
    // Some come twice.
    let twice: Vec<Piece> = pieces.iter().chain(pieces.iter().take(3)).cloned().collect();
    (Just(pieces), Just(twice).prop_shuffle())
}

proptest! {
    #[test]
    fn neither_order_nor_repetition_changes_a_byte(
        (pieces, other) in prop::collection::vec(any_piece(), 0..12).prop_flat_map(shuffled),
        asked in 80..200i64,
        until in prop::option::of(100..200i64),
    ) {
        let watched = watched().until(until.map(|minute| at(minute * MINUTE)));
        let text = |pieces: &[Piece]| {
            let found: Option<Verdict> = verdict(&watched, pieces, at(asked * MINUTE));
            serde_json::to_string(&found).unwrap()
        };
        prop_assert_eq!(text(&pieces), text(&other));
    }

    #[test]
    fn what_is_listed_as_measured_is_what_makes_the_verdict_bad(
        (pieces, other) in prop::collection::vec(any_piece(), 0..12).prop_flat_map(shuffled),
        asked in 80..200i64,
        until in prop::option::of(100..200i64),
    ) {
        let (watched, asked) = (watched().until(until.map(|minute| at(minute * MINUTE))), at(asked * MINUTE));
        let listed = measured_badly(&watched, pieces.clone(), asked);
        prop_assert_eq!(&listed, &measured_badly(&watched, other, asked));
        let is_measured = |piece: &Piece| {
            use Rule::*;
            matches!(piece.rule, HealthCheck | HealthScore | ErrorRate | LatencyP95Ms | Alarm)
        };
        let measured: Vec<Piece> = pieces.into_iter().filter(is_measured).collect();
        let bad = verdict(&watched, &measured, asked).filter(|verdict| verdict.state == State::Bad);
        prop_assert_eq!(listed.first().map(Piece::at), bad.map(|bad| bad.since));
    }
}
