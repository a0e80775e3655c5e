//! Bodies in flight: how many bytes of all requests together are in memory.

use std::sync::Arc;

use api::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As many bytes of bodies as there may be at once: ten of the largest.
const BYTES: usize = 64 * 1024 * 1024;

/// What all bodies share. A byte counts when it has arrived, and until its request is answered: who announces a body and
/// does not send it takes no room from others.
#[derive(Debug, Clone)]
pub struct InFlight {
    free: Arc<Semaphore>,
    bytes: usize,
}

/// The room that a body takes. It is free again when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Taken(Option<OwnedSemaphorePermit>);

impl InFlight {
    /// Room for so many bytes.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(bytes)), bytes }
    }

    /// How many bytes there are.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.bytes - self.free.available_permits()
    }

    /// Takes room for more bytes of a body.
    ///
    /// # Errors
    /// The problem to answer where there is none.
    pub(super) fn take(&self, taken: &mut Taken, more: usize) -> Result<(), Problem> {
        let more = u32::try_from(more).ok().and_then(|more| Arc::clone(&self.free).try_acquire_many_owned(more).ok());
        let Some(more) = more else {
            tracing::warn!(bytes = self.bytes, "as much is being sent as there is room for; a request was turned away");
            let detail = "as much is being sent to this server as it takes at once; send the request again";
            return Err(Problem::new(503, detail));
        };
        match &mut taken.0 {
            Some(taken) => taken.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

impl Default for InFlight {
    fn default() -> Self {
        Self::of(BYTES)
    }
}
