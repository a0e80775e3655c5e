//! The stages of random events, compared with what the definition says of all of them at once.

use domain::event::{self};
use domain::follows::milestones::Milestone;
use domain::ledger::order::Order;
use domain::ledger::received::Received;
use domain::ledger::recording::{State, record};
use domain::ledger::stages::rows::StageRow;
use domain::ledger::summary::Summary;
use domain::{Event, EventKey, Status, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{at, fold, keyed, read};

fn any_event() -> impl Strategy<Value = Event> {
    let status = proptest::sample::select(Status::ALL.to_vec());
    let kind = proptest::sample::select(vec!["stage", "deployment", "deployment", "removal"]);
    let values = (proptest::option::of(0..3u8), proptest::option::of(0..3u8), proptest::option::of(0..3u8));
    (status, kind, 0..5u8, 1..3u32, 0..9i64, values, any::<bool>()).prop_map(
        |(status, kind, stage, attempt, second, (health, instances, link), named)| {
            let mut more = json!({"type": kind, "attempt": attempt, "metrics": {}});
            if named || kind == "stage" {
                more["stage"] = json!(format!("s{stage}"));
            }
            more["metrics"] = json!({"healthScore": health, "instanceCount": instances, "durationSeconds": health});
            more["error"] = json!(link.map(|link| json!({"message": format!("{second} {link}")})));
            more["links"] = link.map_or(json!({}), |link| json!({format!("l{link}"): "https://a.example"}));
            read(second, status.as_str(), &more)
        },
    )
}

/// The stages of events, straight from the definition and from all events at once.
fn expected(events: &[(EventKey, &Event)]) -> Vec<String> {
    let order = |(key, event): &(EventKey, &Event)| Order::new(event, event.occurred_at.unwrap().into(), key.clone());
    let mut rows = Vec::new();
    for (attempt, name) in (1..3).flat_map(|attempt| (0..5).map(move |stage| (attempt, format!("s{stage}")))) {
        let of = |kind: event::Kind| {
            let mut of: Vec<_> = events
                .iter()
                .filter(|(_, event)| event.kind == kind && event.attempt == attempt)
                .map(|keyed| (order(keyed), keyed.1))
                .collect();
            of.sort_by(|(one, _), (other, _)| one.cmp(other));
            of
        };
        let is_named = |event: &Event| event.stage.as_ref().is_some_and(|stage| stage.as_str() == name);
        let own: Vec<_> = of(event::Kind::Stage).into_iter().filter(|(_, event)| is_named(event)).collect();
        let works = |event: &Event| !event.status.is_terminal() && event.status != Status::Pending;
        let show = |time: Option<Timestamp>| time.map_or("?".to_owned(), |time| time.seconds_since(at(0)).to_string());
        if let Some((_, latest)) = own.last() {
            let latest_of =
                |value: &dyn Fn(&Event) -> Option<Value>| own.iter().rev().find_map(|(_, event)| value(event));
            let began = own.iter().filter(|(_, event)| works(event)).filter_map(|(_, event)| event.occurred_at).min();
            let ended = latest.occurred_at.filter(|_| latest.status.is_terminal());
            let ending = |event: &Event| event.metrics.duration_seconds.filter(|_| event.status.is_terminal());
            let told = latest_of(&|event| ending(event).map(|seconds| json!(seconds)));
            let measured =
                ended.zip(began).map(|(ended, began)| ended.seconds_since(began)).filter(|took| *took >= 0.0);
            let took = ended.and(measured.or(told.as_ref().and_then(Value::as_f64)));
            let error = latest.error.clone().and_then(|error| error.message);
            let link = latest_of(&|event| event.links.keys().next().map(|name| json!(name)));
            let health = latest_of(&|event| event.metrics.health_score.map(|score| json!(score)));
            let instances = latest_of(&|event| event.metrics.instance_count.map(|count| json!(count)));
            let times = format!("{} {} {took:?}", show(began), show(ended));
            let values = json!([health, instances, told, link, error]);
            rows.push(format!("{attempt} {name} {} {times} {values}", latest.status));
        } else {
            let whole = of(event::Kind::Deployment);
            let first = |name: &str| {
                let naming = |event: &Event| event.stage.as_ref().is_some_and(|stage| stage.as_str() == name);
                let first = whole.iter().find(|(_, event)| naming(event))?;
                Some((first.1.status.is_terminal(), first.1.occurred_at.unwrap(), first.1.status, name.to_owned()))
            };
            let Some(mine) = first(&name) else { continue };
            let later = (0..5).filter_map(|other| first(&format!("s{other}"))).filter(|other| *other > mine).min();
            let named_end = whole.iter().rev().find(|(_, event)| event.status.is_terminal() && is_named(event));
            let mut endings = [whole.clone(), of(event::Kind::Removal)].concat();
            endings.sort_by(|(one, _), (other, _)| one.cmp(other));
            let last_end = endings.iter().rev().find(|(_, event)| event.status.is_terminal());
            let end = |(_, event): &(Order, &Event)| (event.status, event.occurred_at.unwrap());
            let ended = match later {
                Some((_, at, ..)) => Some(named_end.map_or((Status::Completed, at), end)),
                None => last_end.map(end),
            };
            let whole_attempt = events
                .iter()
                .filter(|(_, event)| event.kind != event::Kind::Stage)
                .max_by_key(|keyed| order(keyed))
                .unwrap();
            let waits = whole_attempt.1.attempt == attempt && whole_attempt.1.status == Status::Pending;
            let began = (!mine.0).then_some(mine.1);
            let finished = ended.map(|(_, at)| at);
            let took = finished.zip(began).map(|(ended, began)| ended.seconds_since(began)).filter(|took| *took >= 0.0);
            let status = ended.map_or(if waits { Status::Pending } else { Status::InProgress }, |(status, _)| status);
            rows.push(format!("{attempt} ~{name} {status} {} {} {took:?}", show(began), show(finished)));
        }
    }
    rows.sort();
    rows
}

fn shown(summary: &Summary) -> Vec<String> {
    let show = |time: Option<Timestamp>| time.map_or("?".to_owned(), |time| time.seconds_since(at(0)).to_string());
    let row = |row: &StageRow| {
        let times = format!("{} {} {:?}", show(row.started_at), show(row.finished_at), row.duration_seconds);
        if row.inferred {
            return format!("{} ~{} {} {times}", row.attempt, row.stage, row.status);
        }
        let metrics = row.metrics.clone().unwrap_or_default();
        let values = json!([
            metrics.health_score,
            metrics.instance_count,
            metrics.duration_seconds,
            row.link.as_ref().map(|(name, _)| name),
            row.error.as_ref().and_then(|error| error.message.as_ref()),
        ]);
        format!("{} {} {} {times} {values}", row.attempt, row.stage, row.status)
    };
    let mut rows: Vec<String> = summary.stage_rows().iter().map(row).collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn any_order_gives_the_same_bytes_and_the_stages_that_the_definition_gives(
        (events, order) in proptest::collection::vec(any_event(), 1..60).prop_flat_map(|events| {
            let numbers: Vec<usize> = (0..events.len()).collect();
            (Just(events), Just(numbers).prop_shuffle())
        })
    ) {
        let keyed = keyed(&events);
        let summary = fold(&keyed);
        let shuffled = fold(order.iter().map(|number| &keyed[*number]));
        prop_assert_eq!(serde_json::to_string(&summary).unwrap(), serde_json::to_string(&shuffled).unwrap());
        prop_assert_eq!(shown(&summary), expected(&keyed));
    }

    #[test]
    fn an_inferred_stage_counts_at_most_once_in_each_attempt(events in proptest::collection::vec(any_event(), 1..40)) {
        let (mut state, mut counted): (Option<State>, Vec<String>) = (None, Vec::new());
        let mut seen = std::collections::BTreeSet::new();
        for event in events.iter().filter(|event| event.kind == event::Kind::Deployment) {
            let received = Received::new(event, at(0), "test").unwrap();
            if !seen.insert(received.key.clone()) {
                continue;
            }
            let (made, after) = record(state.as_ref(), received, at(100_000)).unwrap();
            counted.extend(made.meaning.milestones.iter().filter_map(|milestone| match milestone {
                Milestone::StageEnded { stage, .. } => Some(format!("{} {stage}", event.attempt)),
                _ => None,
            }));
            state = Some(after);
        }
        counted.sort();
        let summary = state.map(|state| state.summary);
        let ended = |attempt: u32| summary.iter().any(|summary| summary.endings.iter().any(|ending| ending.order.attempt() == attempt));
        let rows = summary.iter().flat_map(Summary::stage_rows).filter(|row| ended(row.attempt));
        let mut inferred: Vec<String> = rows.map(|row| format!("{} {}", row.attempt, row.stage)).collect();
        inferred.sort();
        prop_assert_eq!(counted, inferred);
    }
}
