//! A store and a publisher that take their time: each call waits as long as one over a network, on tokio's clock. With
//! that clock paused, thousands of calls take a moment, and a test sees how long they would have taken.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::follows::digest::Digest;
use domain::follows::drift::DriftNotice;
use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;
use domain::follows::suggested::Suggested;
use domain::follows::witnessed::Witnessed;
use publisher::{PublishError, Publisher};
use store::query::{Page, Query};
use store::transaction::{Outcome, Transaction};
use store::{Item, Key, ReadItems, StoreError, Table, WriteItems};

/// How many keys one call of DynamoDB reads, and how many of these calls are under way at once.
const KEYS_PER_CALL: usize = 100;
const CALLS_AT_ONCE: usize = 32;

/// How long calls take.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// A call that reads.
    pub read: Duration,
    /// A transaction.
    pub write: Duration,
    /// A call to CloudWatch or SNS.
    pub publish: Duration,
}

impl Latency {
    /// What docs/performance.md reckons with.
    #[must_use]
    pub fn documented() -> Self {
        let [read, write, publish] = [10, 20, 50].map(Duration::from_millis);
        Self { read, write, publish }
    }
}

/// How many calls there were, by their names.
pub type Calls = Arc<Mutex<BTreeMap<&'static str, usize>>>;

fn count(calls: &Calls, operation: &'static str, number: usize) {
    *calls.lock().unwrap_or_else(PoisonError::into_inner).entry(operation).or_default() += number;
}

/// A store behind a network.
#[derive(Debug, Clone)]
pub struct Latent<S> {
    store: S,
    latency: Latency,
    /// The calls so far.
    pub calls: Calls,
}

impl<S> Latent<S> {
    /// The store, with calls that take so long.
    pub fn new(store: S, latency: Latency) -> Self {
        Self { store, latency, calls: Calls::default() }
    }
}

impl<S: ReadItems> ReadItems for Latent<S> {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        count(&self.calls, "GetItem", 1);
        tokio::time::sleep(self.latency.read).await;
        self.store.get(table, key).await
    }

    async fn batch_get(&self, table: Table, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        let calls = keys.len().div_ceil(KEYS_PER_CALL);
        count(&self.calls, "BatchGetItem", calls);
        let rounds = calls.div_ceil(CALLS_AT_ONCE);
        tokio::time::sleep(self.latency.read * u32::try_from(rounds).unwrap_or(u32::MAX)).await;
        self.store.batch_get(table, keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreError> {
        count(&self.calls, "Query", 1);
        tokio::time::sleep(self.latency.read).await;
        self.store.query(query).await
    }
}

impl<S: WriteItems + Clone + 'static> WriteItems for Latent<S> {
    async fn transact(&self, transaction: Transaction) -> Result<Outcome, StoreError> {
        count(&self.calls, "TransactWriteItems", 1);
        tokio::time::sleep(self.latency.write).await;
        let store = self.store.clone();
        aside(async move { store.transact(transaction).await }).await
    }

    async fn put(&self, table: Table, item: Item) -> Result<(), StoreError> {
        count(&self.calls, "PutItem", 1);
        tokio::time::sleep(self.latency.write).await;
        let store = self.store.clone();
        aside(async move { store.put(table, item).await }).await
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Carries out what another thread may take part in, on one where the clock that is paused does not see it wait: else
/// it would run ahead to the next timer.
async fn aside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(work)).await.expect("it does not panic")
}

/// What was published.
#[derive(Debug, Default)]
pub struct Published {
    /// Values.
    pub data: Vec<Datum>,
    /// Notifications that came by themselves.
    pub notifications: Vec<Notification>,
    /// Digests.
    pub digests: Vec<Digest>,
}

/// A publisher behind a network, which keeps all.
#[derive(Debug, Clone)]
pub struct LatentPublisher {
    latency: Latency,
    calls: Calls,
    /// What was published so far.
    pub published: Arc<Mutex<Published>>,
}

impl LatentPublisher {
    /// A publisher whose calls take so long, and are counted with those.
    #[must_use]
    pub fn new(latency: Latency, calls: Calls) -> Self {
        Self { latency, calls, published: Arc::default() }
    }

    async fn call(&self, operation: &'static str, number: usize, keep: impl FnOnce(&mut Published) + Send) {
        count(&self.calls, operation, number);
        tokio::time::sleep(self.latency.publish * u32::try_from(number).unwrap_or(u32::MAX)).await;
        keep(&mut self.published.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Publisher for LatentPublisher {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), PublishError> {
        let calls = data.len().div_ceil(1000);
        self.call("PutMetricData", calls, |published| published.data.extend(data)).await;
        Ok(())
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), PublishError> {
        let calls = notifications.len().div_ceil(10);
        self.call("PublishBatch", calls, |published| published.notifications.extend(notifications)).await;
        Ok(())
    }

    async fn notify_digests(&self, digests: Vec<Digest>) -> Result<(), PublishError> {
        let calls = digests.len().div_ceil(10);
        self.call("PublishBatch", calls, |published| published.digests.extend(digests)).await;
        Ok(())
    }

    async fn notify_drift(&self, notices: Vec<DriftNotice>) -> Result<(), PublishError> {
        self.call("PublishBatch", notices.len().div_ceil(10), |_| {}).await;
        Ok(())
    }

    async fn suggest(&self, suggestions: &[Suggested]) -> Result<bool, PublishError> {
        self.call("PutEvents", suggestions.len().div_ceil(10), |_| {}).await;
        Ok(true)
    }

    async fn notify_witnessed(&self, notices: Vec<Witnessed>) -> Result<(), PublishError> {
        self.call("PublishBatch", notices.len().div_ceil(10), |_| {}).await;
        Ok(())
    }
}
