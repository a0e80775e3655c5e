//! The two tables: history, which only grows, and state, which can be rebuilt from it.

mod finished;
mod incidents;
mod items;
mod live_log;
mod quarantine;
mod queries;
mod read_ahead;
mod reads;
pub mod rebuild;
mod record;
mod repair;
mod stuck;
mod tables;
mod transaction;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use domain::{DeploymentId, Retention, State};

pub use items::{Item, RejectedItem, record_of_item, rejected_of_item};
pub use quarantine::Refusal;
pub use queries::{ListQuery, Position, position};
pub use reads::Trail;
pub use record::Recorded;
pub use repair::Repaired;
pub use tables::{Index, KeyAttribute, Table, Tables, definitions};

/// Both tables, and what this process remembers of them between invocations.
#[derive(Debug)]
pub struct Store {
    client: Client,
    tables: Tables,
    retention: Retention,
    memory: Mutex<Memory>,
}

/// What a warm process need not read again. Each write checks it, so a stale entry costs one more
/// round trip and never correctness.
#[derive(Debug, Default)]
struct Memory {
    states: HashMap<DeploymentId, State>,
    catalog: HashSet<(String, String)>,
}

impl Memory {
    /// How many deployments are remembered. When they are too many all are forgotten: cheaper than
    /// tracking their use, and a deployment under way is soon remembered again.
    const STATES: usize = 500;
    const CATALOG: usize = 5000;

    fn remember(&mut self, state: State) {
        if self.states.len() >= Self::STATES {
            self.states.clear();
        }
        self.states.insert(state.summary.deployment_id.clone(), state);
    }

    fn remember_catalog(&mut self, keys: impl IntoIterator<Item = (String, String)>) {
        if self.catalog.len() >= Self::CATALOG {
            self.catalog.clear();
        }
        self.catalog.extend(keys);
    }
}

impl Store {
    /// The store in these tables. It keeps history for ever.
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables, retention: Retention::FOREVER, memory: Mutex::default() }
    }

    /// The same store, which keeps history for so long.
    #[must_use]
    pub fn keeping(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// How long it keeps history.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        // What a panicking thread left is still only a memory that each write checks.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
