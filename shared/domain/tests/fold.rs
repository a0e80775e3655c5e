//! The fold does not depend on the order in which events arrive.

use std::collections::{BTreeMap, BTreeSet};

use domain::catalog::{self, CatalogEntry};
use domain::event::{self, Kind};
use domain::follows::metrics::{Datum, Dimensions, Metric, Tally};
use domain::follows::milestones::Milestone;
use domain::follows::notifications::{Notification, NotifyRules};
use domain::identifiers::Identifier as _;
use domain::ledger::received::Received;
use domain::ledger::recording::{State, record};
use domain::live::{self, Cell};
use domain::{DeploymentId, Event, Figures, Moment, Status, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOON: &str = "2026-03-01T12:00:00Z";

fn at(seconds: i64) -> String {
    Timestamp::parse(NOON).unwrap().plus_millis(seconds * 1000).to_string()
}

/// When all of them are received: none is ahead of that.
fn received_at() -> Timestamp {
    Timestamp::parse(NOON).unwrap().plus_millis(24 * 3600 * 1000)
}

fn read(value: Value) -> Event {
    event::read(value, Timestamp::MAX).unwrap()
}

/// What does not depend on arrival: the stored summary, its live log and what that says.
fn state_of(state: &State) -> (String, String) {
    let (place, entries) = live::entries(&state.summary);
    let cell = Cell::of_log(&entries.iter().cloned().collect::<Vec<_>>());
    (serde_json::to_string(&state.summary).unwrap(), format!("{place:?} {entries:?} {cell:?}"))
}

/// Records events in the order given, each key once, and counts what they made true.
fn run(events: &[Event]) -> (State, BTreeMap<String, usize>) {
    let now = received_at();
    let mut state: Option<State> = None;
    let mut seen = std::collections::BTreeSet::new();
    let mut counts = BTreeMap::new();
    for event in events {
        let received = Received::new(event, now, "test").unwrap();
        if !seen.insert(received.key.clone()) {
            continue;
        }
        let (made, after) = record(state.as_ref(), received, now).unwrap();
        for milestone in &made.meaning.milestones {
            let name = match milestone {
                Milestone::Reached { attempt, status, .. } => format!("reached {attempt} {status}"),
                Milestone::Took { .. } => "took".into(),
                Milestone::Led { .. } => "led".into(),
                // What is inferred counts as it is known when its attempt ends: see `stages`.
                Milestone::StageEnded { .. } | Milestone::StageTook { .. } if event.kind != Kind::Stage => continue,
                Milestone::StageEnded { stage, status } => format!("{stage} {status}"),
                Milestone::StageTook { stage, .. } => format!("{stage} took"),
                Milestone::GateOverridden { attempt } => format!("overridden {attempt}"),
                Milestone::Named { .. } => continue,
            };
            *counts.entry(name).or_default() += 1;
        }
        state = Some(after);
    }
    (state.unwrap(), counts)
}

fn six() -> Vec<Event> {
    let base = json!({"deploymentId": "d-1"});
    let with = |more: Value| {
        let mut event = base.clone();
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        read(event)
    };
    vec![
        with(json!({"status": "PENDING", "service": "cart", "occurredAt": at(0), "committedAt": at(-600)})),
        with(
            json!({"status": "IN_PROGRESS", "environment": "production", "occurredAt": at(10), "metadata": {"a": {"b": [1, 2]}}}),
        ),
        with(json!({"type": "stage", "stage": "DEPLOYMENT", "status": "IN_PROGRESS", "occurredAt": at(20)})),
        with(json!({"type": "stage", "stage": "DEPLOYMENT", "status": "COMPLETED", "occurredAt": at(50)})),
        with(json!({"status": "COMPLETED", "version": "1.2.3", "occurredAt": at(60), "metrics": {"healthScore": 0}})),
        with(json!({"status": "ROLLED_BACK", "rollbackTo": "1.2.2", "occurredAt": at(90), "version": "9"})),
    ]
}

#[test]
fn only_what_is_said_of_the_whole_can_show_that_clocks_disagree() {
    let ended = || read(json!({"deploymentId": "d", "status": "COMPLETED", "occurredAt": at(100)}));
    let later = |more: Value| {
        let mut event = json!({"deploymentId": "d", "status": "IN_PROGRESS", "occurredAt": at(105)});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        read(event)
    };
    let flags = |events: &[Event]| {
        let mut flags = run(events).0.summary.flags;
        assert!(flags.remove(&domain::ledger::flag::Flag::PlaceUnknown), "none of them names a place");
        format!("{flags:?}")
    };
    assert_eq!(flags(&[ended(), later(json!({"type": "stage", "stage": "CLEANUP"}))]), "{}");
    assert_eq!(flags(&[ended(), later(json!({}))]), "{ClockSkew}");
    let waited = || read(json!({"deploymentId": "d", "status": "PENDING", "occurredAt": at(0)}));
    assert_eq!(flags(&[waited(), ended(), later(json!({"type": "stage", "stage": "CLEANUP"}))]), "{}");
    assert_eq!(flags(&[waited(), ended(), later(json!({}))]), "{ClockSkew}");
}

#[test]
fn of_which_only_stages_are_known_is_in_the_greatest_attempt_of_these() {
    let of = |kind: &str, attempt: u32, status: &str, seconds: i64| {
        read(json!({
            "deploymentId": "d", "type": kind, "stage": "BUILD", "attempt": attempt, "status": status,
            "occurredAt": at(seconds),
        }))
    };
    let stands = |events: &[Event]| {
        let summary = run(events).0.summary;
        (summary.status(), summary.attempt(), summary.failed_stage(summary.attempt()).is_some())
    };
    let stages = [of("stage", 1, "COMPLETED", 0), of("stage", 3, "FAILED", 20), of("stage", 2, "COMPLETED", 30)];
    for order in permutations(&stages) {
        assert_eq!(stands(&order), (Status::InProgress, 3, true));
    }
    let torn_down = read(json!({
        "deploymentId": "d", "type": "teardown", "status": "COMPLETED", "attempt": 4, "occurredAt": at(40),
    }));
    assert_eq!(stands(std::slice::from_ref(&torn_down)), (Status::Completed, 1, false));
    let [first, third, second] = stages;
    assert_eq!(stands(&[torn_down, first.clone(), third.clone()]), (Status::InProgress, 3, true));
    // What is said of the whole counts for more.
    for order in permutations(&[first, third, second, of("deployment", 2, "IN_PROGRESS", 10)]) {
        assert_eq!(stands(&order), (Status::InProgress, 2, false));
    }
}

#[test]
fn a_note_adds_its_text_and_changes_nothing_else() {
    let of = |kind: &str, status: &str, seconds: i64, notes: Option<&str>| {
        read(json!({
            "deploymentId": "d", "type": kind, "status": status, "occurredAt": at(seconds), "notes": notes,
            "service": "cart", "environment": "production", "version": "1",
        }))
    };
    let reported = [of("deployment", "IN_PROGRESS", 0, None), of("deployment", "FAILED", 10, Some("timed out"))];
    let (noted, late) =
        (of("note", "COMPLETED", 60, Some("it was the database")), of("note", "COMPLETED", 5, Some("why?")));
    let before = run(&reported).0.summary;
    for order in permutations(&[reported[0].clone(), reported[1].clone(), noted.clone(), late]) {
        let after = run(&order).0.summary;
        assert_eq!((after.status(), after.attempt()), (before.status(), before.attempt()));
        assert_eq!((after.finished_at(), after.started_at), (before.finished_at(), before.started_at));
        assert_eq!((after.duration_seconds(), &after.endings), (before.duration_seconds(), &before.endings));
        assert_eq!(after.latest.notes(), Some("it was the database"));
    }
    // Of which nothing else is known, nobody said that it began.
    let alone = run(std::slice::from_ref(&noted)).0.summary;
    assert_eq!((alone.status(), alone.started_at, alone.finished_at()), (Status::Pending, None, None));
}

fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in items.iter().enumerate() {
        let mut rest = items.to_vec();
        rest.remove(index);
        for mut tail in permutations(&rest) {
            tail.insert(0, first.clone());
            all.push(tail);
        }
    }
    all
}

#[test]
fn every_order_of_six_events_gives_the_same_bytes_and_counts() {
    let events = six();
    let (state, counts) = run(&events);
    let expected = state_of(&state);
    assert_eq!(counts["took"], 1);
    assert_eq!(counts["led"], 1);
    let orders = permutations(&events);
    assert_eq!(orders.len(), 720);
    for order in orders {
        let (state, found) = run(&order);
        assert_eq!(state_of(&state), expected);
        assert_eq!(found, counts);
    }
}

/// What is counted and notified under the environment that was named, and only there.
fn published(events: &[Event]) -> (Vec<String>, Vec<String>) {
    let now = received_at();
    let rules = NotifyRules::parse(NotifyRules::DEFAULT).unwrap();
    let (mut state, mut tally, mut notified) = (None, Tally::default(), Vec::new());
    for event in events {
        let (made, after) = record(state.as_ref(), Received::new(event, now, "test").unwrap(), now).unwrap();
        tally.add_record(&made);
        notified.extend(Notification::of(&made, &rules).iter().map(Notification::dedupe_id));
        state = Some(after);
    }
    notified.sort();
    let named = |datum: &&Datum| match &datum.dimensions {
        Dimensions::Environment(environment) | Dimensions::Stage(environment, _) => {
            environment.as_str() == "production"
        }
        Dimensions::Service(environment, service) => (environment.as_str(), service.as_str()) == ("production", "cart"),
        Dimensions::Door(_) => false,
    };
    // A score is one event's, and counts where that event was known to belong.
    let reported = |datum: &&Datum| datum.metric != Metric::DeploymentHealthScore;
    let data = tally.data();
    (data.iter().filter(named).filter(reported).map(|datum| format!("{datum:?}")).collect(), notified)
}

#[test]
fn what_an_environment_sees_does_not_depend_on_when_it_was_named() {
    // One names the environment, and not the one that is notified there only (started in production);
    // another one names the service.
    let mut events = six();
    events[0].named.environment = events[1].named.environment.take();
    events[3].named.service = events[0].named.service.take();
    let expected = published(&events);
    assert_eq!(expected.1, ["d-1#1#COMPLETED", "d-1#1#ROLLED_BACK", "d-1#1#STARTED"]);
    assert!(expected.0.iter().any(|datum| datum.contains("DeploymentEvents") && datum.contains("(1.0, 6.0)")));
    for order in permutations(&events) {
        // The duration is published when it is first known, and can be known better later.
        let (counted, notified) = published(&order);
        let counts =
            |data: &[String]| data.iter().filter(|datum| !datum.contains("Duration")).cloned().collect::<Vec<_>>();
        assert_eq!(counts(&counted), counts(&expected.0), "{order:?}");
        assert_eq!(notified, expected.1, "{order:?}");
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let status = proptest::sample::select(domain::Status::ALL.to_vec());
    let kind = prop_oneof![4 => Just(Kind::Deployment), 4 => Just(Kind::Stage), 1 => Just(Kind::Removal)];
    let name = |name: &'static str, of: &'static [&'static str]| {
        proptest::option::weighted(0.3, proptest::sample::select(of)).prop_map(move |value| (name, value))
    };
    let names = (
        name("service", &["cart", "pay"]),
        name("environment", &["production", "staging"]),
        name("version", &["1", "2"]),
        name("notes", &["x", "y"]),
        name("rollbackTo", &["1", "2"]),
    );
    let numbers = (0..6i64, 1..3u32, 0..4u8, proptest::option::of(-5..5i64), proptest::option::of(0..3u8));
    (status, kind, names, numbers).prop_map(|(status, kind, names, (second, attempt, stage, committed, health))| {
        let mut event = json!({
            "deploymentId": "d", "status": status, "type": kind, "stage": format!("s{stage}"),
            "occurredAt": at(second), "attempt": attempt, "metrics": {},
        });
        for (name, value) in [names.0, names.1, names.2, names.3, names.4] {
            event[name] = json!(value);
        }
        event["committedAt"] = json!(committed.map(at));
        event["metrics"]["healthScore"] = json!(health);
        event["metrics"]["durationSeconds"] = json!(health);
        // Each value is of its own: which event's counts shows.
        if let Some(health) = health {
            let name = format!("k{}", (u32::from(stage) + attempt) % 4);
            event["metadata"] = json!({&name: {"at": second, "of": stage}, "also": health});
            event["links"] = json!({name: format!("https://example.com/{second}/{stage}")});
            event["error"] = json!({"message": format!("{second} {stage} {health}")});
        }
        read(event)
    })
}

/// An event of an incident: the two statuses that it can be in, and whatever else an event can say.
fn any_event_of_an_incident() -> impl Strategy<Value = Event> {
    let status = proptest::sample::select(vec![Status::InProgress, Status::Completed]);
    (any_event(), status).prop_map(|(event, status)| {
        let deployment_id = DeploymentId::parse("incident:1").unwrap();
        Event { deployment_id, kind: Kind::Incident, status, ..event }
    })
}

/// That the environment is retired, at one of a few times and with whatever else a retirement can say.
fn any_retirement() -> impl Strategy<Value = Event> {
    (0..20i64, proptest::option::of(0..3u8), proptest::option::of("[xy]")).prop_map(|(second, id, notes)| {
        let id = id.map(|id| format!("{id} {second} {notes:?}"));
        read(json!({
            "type": "retirement", "environment": "preview", "occurredAt": at(second), "eventId": id, "notes": notes,
        }))
    })
}

proptest! {
    #![proptest_config(super::cases(64))]

    #[test]
    fn an_incident_is_the_same_in_any_order_and_means_nothing_that_a_deployment_does(
        (events, shuffled) in proptest::collection::vec(any_event_of_an_incident(), 1..60).prop_flat_map(|events| {
            let again: Vec<Event> = events.iter().chain(events.iter().step_by(3)).cloned().collect();
            (Just(events), Just(again).prop_shuffle())
        })
    ) {
        let (in_order, counts) = run(&events);
        let (shuffled, _) = run(&shuffled);
        prop_assert_eq!(state_of(&in_order), state_of(&shuffled));
        prop_assert_eq!(counts, BTreeMap::new());
        prop_assert_eq!(live::entries(&in_order.summary).1.len(), 0);
        let summary = &in_order.summary;
        let month = CatalogEntry::IncidentMonth(summary.environment(), summary.created_at().month());
        prop_assert_eq!(catalog::entries(summary), BTreeSet::from([month]));
        let figures = Figures::of(summary);
        prop_assert_eq!(figures.is_some(), summary.finished_at().is_some());
        prop_assert!(figures.is_none_or(|figures| figures.subject == domain::Subject::Incident && !figures.reached));
        let mut tally = Tally::default();
        let now = received_at();
        tally.add_record(&record(None, Received::new(&events[0], now, "test").unwrap(), now).unwrap().0);
        prop_assert_eq!(tally.data(), vec![]);
    }

    #[test]
    fn an_environment_has_the_moments_of_its_retirements_whatever_the_order_and_means_nothing_else(
        (events, shuffled) in proptest::collection::vec(any_retirement(), 1..60).prop_flat_map(|events| {
            let again: Vec<Event> = events.iter().chain(events.iter().step_by(3)).cloned().collect();
            (Just(events), Just(again).prop_shuffle())
        })
    ) {
        let (in_order, counts) = run(&events);
        let (shuffled, _) = run(&shuffled);
        prop_assert_eq!(state_of(&in_order), state_of(&shuffled));
        prop_assert_eq!(counts, BTreeMap::new());
        let summary = &in_order.summary;
        let times: BTreeSet<Timestamp> = events.iter().filter_map(|event| event.occurred_at).collect();
        let moments: Vec<Moment> = times.into_iter().map(|at| Moment::new(at, received_at())).collect();
        prop_assert_eq!(summary.retirements(), moments);
        prop_assert_eq!(live::entries(summary).1.len(), 0);
        prop_assert_eq!(catalog::entries(summary), BTreeSet::from([CatalogEntry::Retired(summary.environment())]));
        prop_assert_eq!(Figures::of(summary), None);
        prop_assert_eq!((summary.is_active(), summary.status()), (false, Status::Completed));
        prop_assert_eq!(&summary.flags, &BTreeSet::new());
        let mut tally = Tally::default();
        let (now, every) = (received_at(), NotifyRules::parse("*:STARTED,*:COMPLETED,*:CANCELLED").unwrap());
        let made = record(None, Received::new(&events[0], now, "test").unwrap(), now).unwrap().0;
        tally.add_record(&made);
        prop_assert_eq!(tally.data(), vec![]);
        prop_assert_eq!(Notification::of(&made, &every).len(), 0);
        let text = serde_json::to_string(summary).unwrap();
        prop_assert_eq!(&serde_json::from_str::<domain::Summary>(&text).unwrap(), summary);
    }

    #[test]
    fn any_order_with_duplicates_gives_the_same_bytes_and_counts(
        (events, shuffled) in proptest::collection::vec(any_event(), 1..200).prop_flat_map(|events| {
            let again: Vec<Event> = events.iter().chain(events.iter().step_by(3)).cloned().collect();
            (Just(events), Just(again).prop_shuffle())
        })
    ) {
        let (in_order, counts) = run(&events);
        let (shuffled, found) = run(&shuffled);
        prop_assert_eq!(state_of(&in_order), state_of(&shuffled));
        prop_assert_eq!(counts, found);
    }

    #[test]
    fn what_is_stored_is_read_back(events in proptest::collection::vec(any_event(), 1..20)) {
        let (state, _) = run(&events);
        let text = serde_json::to_string(&state.summary).unwrap();
        let again: domain::Summary = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(again, state.summary);
    }
}

/// Events of a deployment that began under a name that became an alias: those behind `from` note what they replace.
fn renamed(statuses: &[&str], from: usize) -> Vec<Event> {
    let event = |(nth, status): (usize, &&str)| {
        let mut event =
            read(json!({"deploymentId": "d-1", "status": status, "occurredAt": at(i64::try_from(nth).unwrap()),
                                    "service": "cart", "environment": if nth < from { "Prod" } else { "production" }}));
        if nth >= from {
            event.replaces.insert(event::Name::Environment, "Prod".to_owned());
        }
        event
    };
    statuses.iter().enumerate().map(event).collect()
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn a_name_that_replaces_another_stands_in_whatever_order_events_are_folded(
        statuses in prop::collection::vec(prop::sample::select(vec!["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED"]), 2..8),
        from in 0..8usize,
        seed in any::<prop::sample::Index>(),
    ) {
        let from = 1 + from % (statuses.len() - 1).max(1);
        let events = renamed(&statuses, from.min(statuses.len() - 1));
        let (in_order, _) = run(&events);
        let mut turned = events.clone();
        turned.rotate_left(seed.index(events.len()));
        turned.reverse();
        let (state, _) = run(&turned);
        prop_assert_eq!(state_of(&state), state_of(&in_order));
        prop_assert_eq!(state.summary.environment().to_string(), "production");
        prop_assert!(state.summary.flags.iter().all(|flag| *flag != domain::ledger::flag::Flag::EnvironmentDisagrees));
    }
}
