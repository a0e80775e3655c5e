//! A deployment's metadata and links are merged key by key, whatever the order of arrival, and within bounds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::event::{self};
use domain::identifiers::Identifier as _;
use domain::ledger::flag::Flag;
use domain::ledger::metadata::Metadata;
use domain::ledger::order::Order;
use domain::ledger::summary::Summary;
use domain::{DeploymentId, Event, EventKey, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn read(seconds: i64, more: &Value) -> Event {
    let at = Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000);
    let mut event = json!({"deploymentId": "d", "status": "IN_PROGRESS", "occurredAt": at});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event::read(event, Timestamp::MAX).unwrap()
}

fn with_metadata(seconds: i64, metadata: &Value) -> Event {
    read(seconds, &json!({"metadata": metadata}))
}

/// The place of each event, and its key.
fn placed(events: &[Event]) -> Vec<(Order, EventKey, &Event)> {
    let keys = (0..).map(|number| EventKey::stored(&format!("{number:03}")));
    let place = |event: &Event, key: &EventKey| Order::new(event, event.occurred_at.unwrap().into(), key.clone());
    events.iter().zip(keys).map(|(event, key)| (place(event, &key), key, event)).collect()
}

/// Folds events, storing and reading the summary after each as a cold process does.
fn fold<'a>(events: impl IntoIterator<Item = &'a (Order, EventKey, &'a Event)>) -> Summary {
    let mut summary = Summary::empty(DeploymentId::parse("d").unwrap());
    for (order, key, event) in events {
        summary.fold(event, key, order.moment());
        summary = serde_json::from_str(&serde_json::to_string(&summary).unwrap()).unwrap();
    }
    summary
}

fn folded(events: &[Event]) -> Summary {
    fold(&placed(events))
}

fn metadata(events: &[Event]) -> Value {
    folded(events).latest.metadata().values().map_or(Value::Null, Value::Object)
}

fn is_flagged(summary: &Summary, flag: Flag) -> bool {
    summary.flags.contains(&flag)
}

fn long(bytes: usize) -> String {
    "x".repeat(bytes)
}

#[test]
fn each_key_and_link_has_its_latest_value() {
    let events = [
        read(0, &json!({"metadata": {"owner": "ada", "step": {"n": 1}}, "links": {"run": "https://a.example/1"}})),
        read(20, &json!({"metadata": {"step": {"m": 3}}, "links": {"log": "https://a.example/log"}})),
        read(10, &json!({"metadata": {"step": 2, "gone": null}, "links": {"run": "https://a.example/2"}})),
    ];
    assert_eq!(metadata(&events), json!({"owner": "ada", "step": {"m": 3}, "gone": null}));
    let links = folded(&events).latest.links();
    assert_eq!(json!(links), json!({"run": "https://a.example/2", "log": "https://a.example/log"}));
    assert!(folded(&events).flags.iter().all(|flag| *flag == Flag::PlaceUnknown));
}

#[test]
fn a_stage_event_says_nothing_of_the_deployment() {
    let whole = read(0, &json!({"metadata": {"a": 1}, "notes": "n", "metrics": {"healthScore": 90}}));
    let stage = json!({
        "type": "stage", "stage": "DEPLOYMENT", "status": "FAILED", "metadata": {"a": 2}, "notes": "of the stage",
        "metrics": {"healthScore": 3}, "links": {"log": "https://a.example"}, "error": {"message": "of the stage"},
    });
    let summary = folded(&[whole.clone(), read(10, &stage)]);
    assert_eq!(summary.latest, folded(&[whole]).latest);
    assert_eq!(summary.outcome.unwrap().error, None);
}

#[test]
fn what_is_cut_are_the_keys_reported_longest_ago_and_the_latest_event_is_whole() {
    let events = [
        with_metadata(0, &json!({"old": long(3000)})),
        with_metadata(10, &json!({"older-value": long(9000)})),
        with_metadata(20, &json!({"older-value": 1, "small": 1})),
        with_metadata(30, &json!({"new": long(6000)})),
    ];
    let summary = folded(&events);
    assert_eq!(summary.latest.metadata().values().unwrap().keys().collect::<Vec<_>>(), ["new", "older-value", "small"]);
    assert!(is_flagged(&summary, Flag::MetadataTruncated));
    let whole: Map<String, Value> = (0..16).map(|n| (format!("k{n:02}"), json!(long(1000)))).collect();
    let latest = with_metadata(40, &json!(whole));
    let summary = folded(&[&events[..], &[latest]].concat());
    assert_eq!(summary.latest.metadata().values(), Some(whole));
    // Named again, it is there again.
    let again =
        [&events[..], &[with_metadata(50, &json!({"old": 1, "new": 1, "small": 1, "older-value": 1}))]].concat();
    assert!(!is_flagged(&folded(&again), Flag::MetadataTruncated));
}

#[test]
fn with_too_many_keys_only_the_latest_event_counts() {
    let many = |from: usize, to: usize| json!((from..to).map(|n| (format!("k{n}"), json!(n))).collect::<Map<_, _>>());
    let events =
        [with_metadata(0, &many(0, 100)), with_metadata(20, &many(150, 200)), with_metadata(10, &many(50, 100))];
    let summary = folded(&events);
    assert_eq!(summary.latest.metadata().values().map(Value::Object), Some(many(150, 200)));
    assert!(is_flagged(&summary, Flag::MetadataTruncated));
    let summary =
        folded(&[&events[..], &[with_metadata(30, &json!({"one": 1})), with_metadata(5, &json!({"two": 1}))]].concat());
    assert_eq!(summary.latest.metadata().values().map(Value::Object), Some(json!({"one": 1})));
}

#[test]
fn sixteen_links_are_kept_the_latest_ones() {
    let link = |n: i64| read(n, &json!({"links": {format!("link-{n:02}"): format!("https://a.example/{n}")}}));
    let sixteen: Vec<Event> = (0..16).map(link).collect();
    assert!(!is_flagged(&folded(&sixteen), Flag::LinksTruncated));
    let again = read(90, &json!({"links": {"link-00": "https://a.example/new"}}));
    let summary = folded(&[&sixteen[..], &[again, link(16)]].concat());
    assert!(is_flagged(&summary, Flag::LinksTruncated));
    let links = summary.latest.links();
    assert_eq!((links.len(), links["link-00"].as_str()), (16, "https://a.example/new"));
    assert!(!links.contains_key("link-01"), "{links:?}");
}

#[test]
fn a_summary_of_before_has_them_as_a_whole_from_the_latest_event() {
    let stored = json!({
        "id": "d", "startedAt": 1_772_366_400_000_i64, "updatedAt": 1_772_366_400_000_i64, "named": [],
        "told": [
            [[1, "IN_PROGRESS", 1_772_366_400_000_i64, "k1"], {"notes": "n", "metadata": {"a": 1, "b": {"c": 2}}}],
            [[1, "IN_PROGRESS", 1_772_366_410_000_i64, "k2"],
             {"metrics.healthScore": 0.0, "links": {"run": "https://a.example"}}],
        ],
        "attempts": {"1": {"began": 1_772_366_400_000_i64, "seen": ["IN_PROGRESS"]}},
    });
    let mut summary: Summary = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(summary.latest.metadata().values(), json!({"a": 1, "b": {"c": 2}}).as_object().cloned());
    assert_eq!((summary.latest.notes(), summary.latest.links()["run"].as_str()), (Some("n"), "https://a.example"));
    assert_eq!(summary.latest.metrics().unwrap().health_score, Some(0.0));
    assert_eq!(serde_json::to_value(&summary).unwrap()["told"], stored["told"]);
    let event = read(5, &json!({"metadata": {"b": 3, "d": 4}}));
    summary.fold(&event, &EventKey::stored("k3"), event.occurred_at.unwrap());
    assert_eq!(summary.latest.metadata().values(), json!({"a": 1, "b": 3, "d": 4}).as_object().cloned());
}

/// Metadata and links, each with whether something is cut.
type Shown = (Option<Map<String, Value>>, bool, BTreeMap<String, String>, bool);

/// What is shown, straight from the definition and from all events at once.
fn expected(events: &[(Order, EventKey, &Event)]) -> Shown {
    let mut sorted: Vec<_> = events.iter().collect();
    sorted.sort_by_key(|(order, ..)| Reverse(order));
    let told: Vec<(&Order, &Map<String, Value>)> =
        sorted.iter().filter_map(|(order, _, event)| Some((order, event.metadata.as_ref()?))).collect();
    let told: Vec<_> = told.into_iter().filter(|(_, metadata)| !metadata.is_empty()).collect();
    let names: BTreeSet<&String> = told.iter().flat_map(|(_, metadata)| metadata.keys()).collect();
    let text = |value: &Value| value.to_string().len();
    let weight = |name: &str| {
        let values = told.iter().filter_map(|(_, metadata)| metadata.get(name));
        values.map(|value| text(&json!(name)) + text(value) + 2).max().unwrap()
    };
    let name_bytes: usize = names.iter().map(|name| text(&json!(name))).sum();
    let (mut shown, mut sum, mut seen) = (Map::new(), 0, BTreeSet::new());
    let too_many = names.len() > Metadata::KEYS || name_bytes > Metadata::NAME_BYTES;
    for (number, (_, metadata)) in told.iter().enumerate() {
        for (name, value) in *metadata {
            if seen.insert(name) {
                sum += weight(name);
                if number == 0 || (!too_many && sum <= Metadata::BYTES) {
                    shown.insert(name.clone(), value.clone());
                }
            }
        }
    }
    let truncated = too_many || shown.len() < names.len();
    let mut links = BTreeMap::new();
    let all: BTreeSet<&String> = sorted.iter().flat_map(|(_, _, event)| event.links.keys()).collect();
    for (name, link) in sorted.iter().flat_map(|(_, _, event)| &event.links) {
        if links.len() < 16 && !links.contains_key(name) {
            links.insert(name.clone(), link.clone());
        }
    }
    ((!told.is_empty()).then_some(shown), truncated, links, all.len() > 16)
}

fn any_event() -> impl Strategy<Value = Event> {
    let value = prop_oneof![6 => 0..8usize, 3 => 500..3000usize, 1 => 6000..12_000usize];
    let metadata = proptest::collection::btree_map(0..14u8, value, 0..4);
    // Sometimes many keys at once, sometimes a name that is long.
    let many = prop_oneof![40 => Just(0..0u8), 1 => (0..60u8).prop_map(|from| from..from + 60)];
    let links = proptest::collection::btree_map(0..24u8, 0..100u32, 0..4);
    let status = proptest::sample::select(vec!["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED"]);
    (0..12i64, 1..3u32, status, metadata, many, links).prop_map(|(second, attempt, status, metadata, many, links)| {
        let name = |n: u8| if n == 13 { long(1500) } else { format!("k\u{1}{n}") };
        let values = metadata.into_iter().map(|(n, bytes)| (name(n), json!(long(bytes))));
        let mut metadata: Map<String, Value> = values.chain(many.map(|n| (format!("m{n}"), json!(second)))).collect();
        while json!(metadata).to_string().len() > Metadata::BYTES {
            metadata.pop_last_key();
        }
        let links: BTreeMap<String, String> =
            links.into_iter().map(|(n, to)| (format!("l{n}"), format!("https://a.example/{to}"))).collect();
        read(second, &json!({"attempt": attempt, "status": status, "metadata": metadata, "links": links}))
    })
}

trait PopLast {
    fn pop_last_key(&mut self);
}

impl PopLast for Map<String, Value> {
    fn pop_last_key(&mut self) {
        let last = self.keys().next_back().cloned();
        last.and_then(|last| self.remove(&last));
    }
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn any_order_gives_the_same_bytes_and_what_the_definition_says(
        (events, order) in proptest::collection::vec(any_event(), 1..60).prop_flat_map(|events| {
            let numbers: Vec<usize> = (0..events.len()).collect();
            (Just(events), Just(numbers).prop_shuffle())
        })
    ) {
        let placed = placed(&events);
        let summary = fold(&placed);
        let shuffled = fold(order.iter().map(|number| &placed[*number]));
        prop_assert_eq!(serde_json::to_string(&summary).unwrap(), serde_json::to_string(&shuffled).unwrap());
        let found = (
            summary.latest.metadata().values(),
            is_flagged(&summary, Flag::MetadataTruncated),
            summary.latest.links(),
            is_flagged(&summary, Flag::LinksTruncated),
        );
        let shown = found.0.clone().map_or(0, |metadata| json!(metadata).to_string().len());
        prop_assert!(shown <= Metadata::BYTES, "{} bytes", shown);
        prop_assert_eq!(found, expected(&placed));
    }
}
