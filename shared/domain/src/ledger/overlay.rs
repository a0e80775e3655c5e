//! Values that several events report, of which one event's word counts for each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ledger::order::Order;

/// For each name the value that one event gave it: the events whose word still counts, each with
/// just the values for which it does. Which event counts is the overlay's direction: the earliest
/// ([`Overlay::keep_earliest`]) or the latest ([`Overlay::keep_latest`]).
///
/// Keeping the order of the winning event beside its values is what makes folding independent of
/// arrival; keeping it once per event rather than once per value keeps the stored item small.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overlay(Vec<(Order, Map<String, Value>)>);

impl Overlay {
    /// Adds what an event names; an earlier event's word counts.
    pub fn keep_earliest(&mut self, order: &Order, values: Map<String, Value>) {
        self.insert(order, values);
        let mut named = BTreeSet::new();
        for (_, values) in &mut self.0 {
            values.retain(|name, _| named.insert(name.clone()));
        }
        self.0.retain(|(_, values)| !values.is_empty());
    }

    /// Adds what an event names; a later event's word counts.
    pub fn keep_latest(&mut self, order: &Order, values: Map<String, Value>) {
        self.insert(order, values);
        let mut named = BTreeSet::new();
        for (_, values) in self.0.iter_mut().rev() {
            values.retain(|name, _| named.insert(name.clone()));
        }
        self.0.retain(|(_, values)| !values.is_empty());
    }

    /// The value that counts for `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find_map(|(_, values)| values.get(name))
    }

    /// All values that count.
    #[must_use]
    pub fn values(&self) -> Map<String, Value> {
        self.0.iter().flat_map(|(_, values)| values.clone()).collect()
    }

    /// Whether nothing was named yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The events whose word counts, in their order, each with the values for which it does.
    pub(crate) fn rows(&self) -> &[(Order, Map<String, Value>)] {
        &self.0
    }

    fn insert(&mut self, order: &Order, values: Map<String, Value>) {
        if values.is_empty() {
            return;
        }
        let at = self.0.partition_point(|(other, _)| other < order);
        self.0.insert(at, (order.clone(), values));
    }
}
