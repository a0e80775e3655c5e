//! The metadata of a deployment, merged key by key.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::event::Limits;
use crate::ledger::order::Order;

/// The metadata that a summary keeps: of each key the latest value, the latest keys first, up to
/// [`Metadata::BYTES`]. The latest event's are always kept.
///
/// A key that is cut keeps its place and its weight: the most bytes that it ever took. A key is cut when
/// it and the keys later than it weigh too much. Keys only become later and weights only grow, so what
/// is cut once stays cut, unless an event names it again and brings a value with it. So the result does
/// not depend on the order of arrival.
///
/// That needs the name of each key, and names can be without number. With too many of them
/// ([`Metadata::KEYS`], [`Metadata::NAME_BYTES`]) nothing is merged any more: from then on only the latest
/// event's metadata is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    keys: BTreeMap<String, Key>,
    /// Whether there were too many keys.
    too_many: bool,
}

/// One key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    /// The latest event that names it.
    pub(crate) order: Order,
    /// The most bytes that it ever took.
    pub(crate) weight: usize,
    /// Its latest value, unless it is cut.
    pub(crate) value: Option<Value>,
}

impl Metadata {
    /// How many bytes of metadata a summary keeps.
    pub const BYTES: usize = Limits::METADATA_BYTES;
    /// How many keys are merged.
    pub const KEYS: usize = 128;
    /// How many bytes their names may have together.
    pub const NAME_BYTES: usize = 8 * 1024;

    /// Adds the metadata of an event.
    pub(crate) fn fold(&mut self, order: &Order, metadata: &Map<String, Value>) {
        if metadata.is_empty() {
            return;
        }
        if self.too_many {
            if self.latest().is_none_or(|latest| order > latest) {
                self.keys = metadata.iter().map(|(name, value)| (name.clone(), Key::of(order, name, value))).collect();
            }
            return;
        }
        for (name, value) in metadata {
            let key = Key::of(order, name, value);
            match self.keys.get_mut(name) {
                Some(known) => known.add(key),
                None => drop(self.keys.insert(name.clone(), key)),
            }
        }
        self.cut();
    }

    /// Takes the values from keys that there is no room for.
    fn cut(&mut self) {
        let Some(latest) = self.latest().cloned() else { return };
        let name_bytes: usize = self.keys.keys().map(|name| bytes(name)).sum();
        if self.keys.len() > Self::KEYS || name_bytes > Self::NAME_BYTES {
            self.too_many = true;
            self.keys.retain(|_, key| key.order == latest);
            for (name, key) in &mut self.keys {
                key.weight = key.value.as_ref().map_or(0, |value| weight(name, value));
            }
            return;
        }
        let mut latest_first: Vec<(&String, &mut Key)> = self.keys.iter_mut().collect();
        latest_first.sort_by(|(name, key), (other_name, other)| {
            (Reverse(&key.order), name).cmp(&(Reverse(&other.order), other_name))
        });
        let mut weight = 0;
        for (_, key) in latest_first {
            weight += key.weight;
            if weight > Self::BYTES && key.order != latest {
                key.value = None;
            }
        }
    }

    /// Whether there is metadata that it does not have.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.too_many || self.keys.values().any(|key| key.value.is_none())
    }

    /// The values by key; none when no event has metadata.
    #[must_use]
    pub fn values(&self) -> Option<Map<String, Value>> {
        let values = self.keys.iter().filter_map(|(name, key)| Some((name.clone(), key.value.clone()?)));
        (!self.keys.is_empty()).then(|| values.collect())
    }

    fn latest(&self) -> Option<&Order> {
        self.keys.values().map(|key| &key.order).max()
    }

    /// Each key with its name.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&String, &Key)> {
        self.keys.iter()
    }

    /// The event whose metadata alone is kept, where there were too many keys.
    pub(crate) fn only(&self) -> Option<&Order> {
        self.latest().filter(|_| self.too_many)
    }

    /// From what [`rows`](Self::rows) and [`only`](Self::only) gave.
    pub(crate) fn stored(keys: BTreeMap<String, Key>, too_many: bool) -> Self {
        Self { keys, too_many }
    }
}

impl Key {
    pub(crate) fn of(order: &Order, name: &str, value: &Value) -> Self {
        Self { order: order.clone(), weight: weight(name, value), value: Some(value.clone()) }
    }

    /// Whether it once took more bytes than now.
    pub(crate) fn was_heavier(&self, name: &str) -> bool {
        self.value.as_ref().is_none_or(|value| weight(name, value) < self.weight)
    }

    fn add(&mut self, other: Self) {
        let weight = self.weight.max(other.weight);
        if other.order > self.order {
            *self = other;
        }
        self.weight = weight;
    }
}

/// How many bytes a key takes: its name, a colon, its value and a comma.
fn weight(name: &str, value: &Value) -> usize {
    bytes(name) + 1 + serde_json::to_string(value).map_or(0, |text| text.len()) + 1
}

fn bytes(text: &str) -> usize {
    serde_json::to_string(text).map_or(0, |text| text.len())
}
