//! What a path takes: counted at the wire and at the allocator, by a function whose database is served by another thread.

use std::future::Future;

use allocation_counter::measure;
use serde_json::{Value, json};
use tests::World;
use tokio::runtime::{Builder, Runtime};

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted {
    pub(super) calls: usize,
    pub(super) rounds: usize,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
    /// Bytes of the bodies of requests to AWS.
    pub(super) sent: usize,
    /// Of the functions' thread.
    pub(super) allocations: u64,
}

/// A path of two environments with a gate that asks for all it can but releases.
fn settings() -> Value {
    let gate = json!({"provenIn": "staging", "soakMinutes": 1, "notBad": true, "nothingActive": true});
    json!({"environments": [{"name": "staging"}, {"name": "production", "gate": gate}]})
}

/// A world whose calls are counted.
pub(super) struct Bench {
    pub(super) world: World,
    functions: Runtime,
    _database: Option<Runtime>,
}

impl Bench {
    /// One in which the functions and the embedded database have one thread, so that rounds are the same each time.
    pub(super) fn new() -> Self {
        let functions = Builder::new_current_thread().enable_all().build().unwrap();
        let world = functions.block_on(World::new());
        Self::with_settings(world, functions, None)
    }

    /// One in which the functions have this thread for themselves, so that what they allocate can be told from what the
    /// embedded database does.
    pub(super) fn apart() -> Self {
        let database = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let functions = Builder::new_current_thread().enable_all().build().unwrap();
        let world = database.block_on(World::new());
        Self::with_settings(world, functions, Some(database))
    }

    fn with_settings(mut world: World, functions: Runtime, database: Option<Runtime>) -> Self {
        assert_eq!(functions.block_on(world.apply(&settings())).status, 201);
        Self { world, functions, _database: database }
    }

    /// Runs what comes before, or is not counted.
    pub(super) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.functions.block_on(future)
    }

    /// Counts what this takes.
    pub(super) fn count<T>(&self, future: impl Future<Output = T>) -> (T, Counted) {
        self.world.wire.reset();
        let mut done = None;
        let allocations = measure(|| done = Some(self.functions.block_on(future))).count_total;
        let calls = self.world.wire.calls();
        let writes = ["TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"];
        let units = |written: bool| {
            let of = calls.iter().filter(|call| writes.contains(&call.operation.as_str()) == written);
            // A sum of nothing would be -0.
            of.map(|call| call.units).fold(0.0, |sum, units| sum + units)
        };
        let counted = Counted {
            calls: calls.len(),
            rounds: self.world.wire.rounds(),
            read_units: units(false),
            write_units: units(true),
            sent: calls.iter().map(|call| call.sent).sum(),
            allocations,
        };
        (done.expect("it ran"), counted)
    }

    /// Counts what a question takes that was asked before, so that the process knows the settings.
    pub(super) fn count_question(&self, path: &str) -> Counted {
        self.run(self.world.get(path));
        let (answer, counted) = self.count(self.world.get(path));
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        counted
    }
}
