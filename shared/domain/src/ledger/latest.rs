//! What the latest events say of a deployment as a whole: its metrics, notes, links and metadata.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::{Event, Metrics};
use crate::ledger::links::Links;
use crate::ledger::metadata::{Key, Metadata};
use crate::ledger::order::Order;
use crate::ledger::overlay::Overlay;

/// What the latest events say: each figure, the notes, each link and each key of the metadata from the
/// latest event that has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Row>", into = "Vec<Row>")]
pub struct Latest {
    /// Figures and notes.
    values: Overlay,
    links: Links,
    metadata: Metadata,
}

/// Stored is, for each event whose word counts, what it said. Metadata and links were once kept as a whole,
/// from the latest event that had any: such a row reads as what that event said.
type Row = (Order, Map<String, Value>);

const METRICS: &str = "metrics.";
const NOTES: &str = "notes";
const LINKS: &str = "links";
const METADATA: &str = "metadata";
/// What keys of the metadata weigh, where their values do not say so.
const WEIGHTS: &str = "weights";
/// That only the metadata of this event is kept.
const ONLY: &str = "only";

impl Latest {
    /// Adds what an event says of the whole. Whether a link was dropped.
    pub(crate) fn fold(&mut self, order: &Order, event: &Event) -> bool {
        let metrics = match serde_json::to_value(&event.metrics) {
            Ok(Value::Object(metrics)) => metrics,
            _ => Map::new(),
        };
        let mut values: Map<String, Value> =
            metrics.into_iter().map(|(name, value)| (format!("{METRICS}{name}"), value)).collect();
        if let Some(notes) = &event.notes {
            values.insert(NOTES.to_owned(), notes.as_str().into());
        }
        self.values.keep_latest(order, values);
        if let Some(metadata) = &event.metadata {
            self.metadata.fold(order, metadata);
        }
        self.links.fold(order, &event.links)
    }

    /// The latest value of each metric; none when nothing was measured.
    #[must_use]
    pub fn metrics(&self) -> Option<Metrics> {
        let all = self.values.values();
        let metrics: Map<String, Value> =
            all.into_iter().filter_map(|(name, value)| Some((name.strip_prefix(METRICS)?.to_owned(), value))).collect();
        (!metrics.is_empty()).then(|| serde_json::from_value(Value::Object(metrics)).ok()).flatten()
    }

    /// The events whose word on a metric counts, each with those metrics.
    pub(crate) fn measured(&self) -> impl Iterator<Item = (&Order, Metrics)> {
        self.values.rows().iter().filter_map(|(order, values)| {
            let of_metrics = values.iter().filter_map(|(name, value)| Some((name.strip_prefix(METRICS)?, value)));
            let metrics: Map<String, Value> =
                of_metrics.map(|(name, value)| (name.to_owned(), value.clone())).collect();
            let metrics: Metrics = serde_json::from_value(Value::Object(metrics)).ok()?;
            (!metrics.is_empty()).then_some((order, metrics))
        })
    }

    /// The latest notes.
    #[must_use]
    pub fn notes(&self) -> Option<&str> {
        self.values.get(NOTES)?.as_str()
    }

    /// The links by name.
    #[must_use]
    pub fn links(&self) -> BTreeMap<String, String> {
        self.links.values()
    }

    /// The metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Latest> for Vec<Row> {
    fn from(latest: Latest) -> Self {
        let mut rows: BTreeMap<Order, Map<String, Value>> = latest.values.rows().iter().cloned().collect();
        let mut set = |order: &Order, group: &str, name: &str, value: Value| {
            let row = rows.entry(order.clone()).or_default();
            let group = row.entry(group).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(group) = group {
                group.insert(name.to_owned(), value);
            }
        };
        for (name, order, link) in latest.links.rows() {
            set(order, LINKS, name, link.as_str().into());
        }
        for (name, key) in latest.metadata.rows() {
            if let Some(value) = &key.value {
                set(&key.order, METADATA, name, value.clone());
            }
            if key.was_heavier(name) {
                set(&key.order, WEIGHTS, name, key.weight.into());
            }
        }
        if let Some(order) = latest.metadata.only() {
            rows.entry(order.clone()).or_default().insert(ONLY.to_owned(), true.into());
        }
        rows.into_iter().collect()
    }
}

impl From<Vec<Row>> for Latest {
    fn from(rows: Vec<Row>) -> Self {
        let (mut values, mut links) = (Overlay::default(), Links::default());
        let (mut keys, mut only): (BTreeMap<String, Key>, bool) = (BTreeMap::new(), false);
        for (order, mut row) in rows {
            if let Some(Value::Object(of_row)) = row.remove(LINKS) {
                let of_row: BTreeMap<String, String> =
                    of_row.into_iter().filter_map(|(name, link)| Some((name, link.as_str()?.to_owned()))).collect();
                links.fold(&order, &of_row);
            }
            if let Some(Value::Object(metadata)) = row.remove(METADATA) {
                for (name, value) in metadata {
                    let key = Key::of(&order, &name, &value);
                    keys.insert(name, key);
                }
            }
            if let Some(Value::Object(weights)) = row.remove(WEIGHTS) {
                for (name, weight) in weights {
                    let weight = weight.as_u64().and_then(|weight| usize::try_from(weight).ok()).unwrap_or(0);
                    let cut = || Key { order: order.clone(), weight, value: None };
                    keys.entry(name).or_insert_with(cut).weight = weight;
                }
            }
            only |= row.remove(ONLY).is_some();
            values.keep_latest(&order, row);
        }
        Self { values, links, metadata: Metadata::stored(keys, only) }
    }
}
