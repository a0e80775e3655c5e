//! The recorder, with what this process remembers between invocations.

use std::collections::BTreeSet;

use domain::{Environment, Retention, Service};
use store::Reader;

use crate::memory::Memory;
use crate::read_ahead::judged_key;

/// Records events in a store.
#[derive(Debug)]
pub struct Recorder<S> {
    pub(crate) reader: Reader<S>,
    pub(crate) retention: Retention,
    pub(crate) memory: Memory,
}

impl<S> Recorder<S> {
    /// Records in this store, where history is kept for so long.
    pub fn new(store: S, retention: Retention) -> Self {
        Self { reader: Reader::new(store), retention, memory: Memory::default() }
    }

    /// What it reads of the store.
    pub fn reader(&self) -> &Reader<S> {
        &self.reader
    }

    /// The environments that this process has seen; there may be others.
    pub fn known_environments(&self) -> BTreeSet<Environment> {
        self.memory.environments()
    }

    /// Whether versions of a service with these names may be bad, as far as this process saw it: it looks when a first
    /// event of a deployment [says that one is on its way](domain::questions::bad::on_its_way).
    pub fn may_be_bad(&self, names: &BTreeSet<Service>) -> bool {
        names.iter().any(|service| self.memory.exists(&judged_key(service)))
    }

    /// How long history is kept.
    pub fn retention(&self) -> Retention {
        self.retention
    }
}
