//! What alarms say of a deployment, at each boundary.

use proptest::prelude::*;

use super::{HOUR, LANDED, MINUTE, at, watched};
use crate::Moment;
use crate::event::{Alarm, AlarmState, Metrics};
use crate::health::alarms::of_alarms;
use crate::health::piece::Rule;
use crate::health::verdict::{State, Verdict, verdict};
use crate::health::watched::Watched;
use crate::identifiers::{DeploymentId, EventKey, Identifier as _, Region};
use crate::ledger::observed::Observed;

/// What an alarm of the place said at a time.
fn said(millis: i64, name: &str, state: AlarmState, decisive: bool) -> Observed {
    let (place, reason) = (DeploymentId::parse("observations:production:cart:2026-03-01T11").unwrap(), "6 errors");
    Observed {
        moment: Moment::from(at(millis)),
        key: EventKey::stored(&format!("{name}-{millis}-{state:?}")),
        recorded_at: at(millis),
        history: place,
        deployment_id: None,
        environment: None,
        service: None,
        region: None,
        metrics: Metrics::default(),
        baseline: Metrics::default(),
        alarm: Some(Alarm { name: name.to_owned(), state, reason: Some(reason.to_owned()), decisive }),
        by: "eventbridge".to_owned(),
    }
}

fn on(millis: i64, decisive: bool) -> Observed {
    said(millis, "errors", AlarmState::Alarm, decisive)
}

fn off(millis: i64) -> Observed {
    said(millis, "errors", AlarmState::Ok, true)
}

/// The same, said of the deployment itself.
fn named(observed: Observed) -> Observed {
    Observed { deployment_id: Some(DeploymentId::parse("cart-7").unwrap()), ..observed }
}

fn by_alarms(watched: &Watched, rows: &[Observed], millis: i64) -> Verdict {
    verdict(watched, &of_alarms(rows, watched), at(millis)).unwrap()
}

#[test]
fn an_alarm_makes_bad_or_suspected_by_when_it_goes_off_and_whether_it_is_decisive() {
    let (end, over) = (LANDED + 30 * MINUTE, LANDED + 24 * HOUR);
    let late = over + HOUR;
    for (row, expected) in [
        // What is of the place is of what ran there: from its landing to the end of the watch, and of the suspicion.
        (on(LANDED - 1, true), State::Unobserved),
        (on(LANDED, true), State::Bad),
        (on(end, true), State::Bad),
        (on(end + 1, true), State::Suspect),
        (on(over, true), State::Suspect),
        (on(over + 1, true), State::Unobserved),
        // One that is not decisive makes it suspected, during the watch too.
        (on(LANDED - 1, false), State::Unobserved),
        (on(LANDED, false), State::Suspect),
        (on(end, false), State::Suspect),
        (on(over, false), State::Suspect),
        (on(over + 1, false), State::Unobserved),
        // What names the deployment counts from its beginning.
        (named(on(90 * MINUTE - 1, true)), State::Unobserved),
        (named(on(90 * MINUTE, true)), State::Bad),
        (named(on(90 * MINUTE - 1, false)), State::Unobserved),
        (named(on(90 * MINUTE, false)), State::Suspect),
        (named(on(end, true)), State::Bad),
        (named(on(end + 1, true)), State::Suspect),
        (named(on(over, false)), State::Suspect),
        (named(on(over + 1, false)), State::Unobserved),
        // That all is well says so to the end of the watch.
        (off(LANDED - 1), State::Unobserved),
        (off(LANDED), State::Good),
        (off(end), State::Good),
        (off(end + 1), State::Unobserved),
        (named(off(90 * MINUTE)), State::Good),
    ] {
        let found = by_alarms(&watched(), std::slice::from_ref(&row), late);
        assert_eq!(found.state, expected, "{row:?}");
        if matches!(expected, State::Bad | State::Suspect) {
            let reason = &found.reasons[0];
            assert_eq!((found.since, reason.rule, reason.count), (row.moment.at, Rule::Alarm, 1));
            assert_eq!(reason.evidence[0].reason.as_deref(), Some("errors: 6 errors"));
        }
    }
    // Once something else runs it is of that, whatever the alarm.
    let replaced = watched().until(Some(at(LANDED + 10 * MINUTE)));
    for (minutes, bad, suspect) in [(9, State::Bad, State::Suspect), (10, State::Unobserved, State::Unobserved)] {
        let millis = LANDED + minutes * MINUTE;
        assert_eq!(by_alarms(&replaced, &[on(millis, true)], late).state, bad);
        assert_eq!(by_alarms(&replaced, &[on(millis, false)], late).state, suspect);
    }
    // What never landed is bad by what names it, and not suspected.
    let failed = Watched { landed: None, ..watched() };
    let state = |row| verdict(&failed, &of_alarms(&[row], &failed), at(late)).map(|verdict| verdict.state);
    assert_eq!(state(named(on(LANDED, true))), Some(State::Bad));
    assert_eq!((state(named(on(LANDED, false))), state(on(LANDED, true))), (None, None));
}

#[test]
fn an_alarm_goes_off_only_where_it_was_well_before() {
    let (end, late) = (LANDED + 30 * MINUTE, LANDED + 30 * HOUR);
    let other = said(LANDED + MINUTE, "latency", AlarmState::Alarm, true);
    let elsewhere = Observed { region: Some(Region::parse("eu").unwrap()), ..on(LANDED + MINUTE, true) };
    for (rows, expected, count) in [
        // It was off when this landed, and says so again.
        (vec![on(LANDED - 1, true), on(LANDED + MINUTE, true)], State::Unobserved, 0),
        (vec![on(LANDED - 1, false), on(LANDED + MINUTE, true)], State::Unobserved, 0),
        // It was well in between.
        (vec![on(LANDED - 2, true), off(LANDED - 1), on(LANDED + MINUTE, true)], State::Bad, 1),
        (vec![on(LANDED - 1, true), off(LANDED + 1), on(LANDED + MINUTE, true)], State::Bad, 1),
        (vec![on(LANDED - 1, true), off(LANDED + MINUTE)], State::Good, 0),
        // Another one, or the same of another region, is another one.
        (vec![on(LANDED - 1, true), other], State::Bad, 1),
        (vec![on(LANDED - 1, true), elsewhere], State::Bad, 1),
        // Said twice, it went off once; and that all is well again undoes nothing.
        (vec![on(LANDED + 1, true), on(LANDED + MINUTE, true), off(LANDED + 2 * MINUTE)], State::Bad, 1),
        (vec![on(LANDED + 1, false), off(LANDED + 2 * MINUTE)], State::Suspect, 1),
        // It began within the watch, and goes on behind it.
        (vec![on(end, true), on(end + 1, true)], State::Bad, 1),
    ] {
        let found = by_alarms(&watched(), &rows, late);
        let counted = found.reasons.first().map_or(0, |reason| reason.count);
        assert_eq!((found.state, counted, found.outside), (expected, count, 0), "{rows:?}");
    }
}

#[test]
fn an_alarm_that_flaps_is_one_reason_with_bounded_evidence() {
    let change = |nth: i64| {
        let millis = LANDED + nth * MINUTE;
        if nth % 2 == 0 { on(millis, nth >= 10) } else { off(millis) }
    };
    let rows: Vec<Observed> = (0..50).map(change).collect();
    let found = by_alarms(&watched(), &rows, LANDED + 30 * HOUR);
    assert_eq!((found.state, found.since, found.reasons.len()), (State::Bad, at(LANDED + 10 * MINUTE), 1));
    let reason = &found.reasons[0];
    assert_eq!((reason.count, reason.evidence.len()), (25, 20));
    // The worst is the first that is decisive, and not the first of all.
    assert_eq!(
        (reason.first, reason.at, reason.last),
        (at(LANDED), at(LANDED + 10 * MINUTE), at(LANDED + 48 * MINUTE))
    );
    assert_eq!(reason.words(), format!("an alarm went off; 25 times from {} to {}", reason.first, reason.last));
    assert!(reason.evidence.windows(2).all(|pair| pair[0].at > pair[1].at));
}

fn any_change() -> impl Strategy<Value = Observed> {
    let name = prop::sample::select(vec!["errors", "latency"]);
    let state = prop::sample::select(AlarmState::ALL.to_vec());
    (60..200i64, name, state, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |(minute, name, state, decisive, is_named)| {
            let row = said(minute * MINUTE, name, state, decisive);
            let row =
                Observed { key: EventKey::stored(&format!("{name}{minute}{state:?}{decisive}{is_named}")), ..row };
            if is_named { named(row) } else { row }
        },
    )
}

proptest! {
    #[test]
    fn neither_order_nor_repetition_of_what_alarms_say_changes_a_byte(
        (rows, other) in prop::collection::vec(any_change(), 0..12).prop_flat_map(|rows| {
            let twice: Vec<Observed> = rows.iter().chain(rows.iter().take(3)).cloned().collect();
            (Just(rows), Just(twice).prop_shuffle())
        }),
        asked in 100..200i64,
    ) {
        let text = |rows: &[Observed]| {
            let pieces = of_alarms(rows, &watched());
            serde_json::to_string(&verdict(&watched(), &pieces, at(asked * MINUTE))).unwrap()
        };
        prop_assert_eq!(text(&rows), text(&other));
    }

    /// Told once more without being well in between, and told before the landing, an alarm says nothing more.
    #[test]
    fn what_was_off_when_it_landed_never_speaks_against_it(again in prop::collection::vec(100..130i64, 0..6)) {
        let mut rows = vec![on(LANDED - 1, true)];
        rows.extend(again.into_iter().map(|minute| on(minute * MINUTE, true)));
        let found = by_alarms(&watched(), &rows, LANDED + HOUR);
        prop_assert_eq!(found.state, State::Unobserved);
    }
}
