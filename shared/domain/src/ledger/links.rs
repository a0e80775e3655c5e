//! The links of a deployment, merged name by name.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::ledger::order::Order;

/// The links that a summary keeps: of each name the latest, and of the names the [`Links::MOST`] latest.
///
/// A link is kept when fewer names than that are later. Names only become later, so what is dropped once
/// comes back only with an event that names it again: the result does not depend on the order of arrival.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Links(BTreeMap<String, (Order, String)>);

impl Links {
    /// How many links a summary keeps.
    pub const MOST: usize = 16;

    /// Adds the links of an event. Whether one was dropped.
    pub(crate) fn fold<'a>(
        &mut self,
        order: &Order,
        links: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> bool {
        for (name, link) in links {
            if self.0.get(name).is_none_or(|(known, _)| order > known) {
                self.0.insert(name.clone(), (order.clone(), link.clone()));
            }
        }
        let is_full = self.0.len() > Self::MOST;
        while self.0.len() > Self::MOST {
            let earliest = self.0.iter().min_by_key(|(name, (order, _))| (order, Reverse(*name)));
            let Some(earliest) = earliest.map(|(name, _)| name.clone()) else { break };
            self.0.remove(&earliest);
        }
        is_full
    }

    /// The links by name.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(name, (_, link))| (name.clone(), link.clone())).collect()
    }

    /// Each link with the event that named it.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&String, &Order, &String)> {
        self.0.iter().map(|(name, (order, link))| (name, order, link))
    }
}
