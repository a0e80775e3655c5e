//! What the log says while nothing can be written.

use std::time::{Duration, Instant};

use store::StoreError;

/// How often it is said while it lasts: each write that fails has a line of its own where it is answered.
const OFTEN: Duration = Duration::from_mins(1);

/// That nothing can be written at the moment: the disk is full, or somebody else holds the file.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    said: Option<Instant>,
    lasts: bool,
}

impl Trouble {
    /// A write failed, and may succeed later.
    pub(crate) fn go_on(&mut self, error: &StoreError) {
        if self.said.is_none_or(|said| said.elapsed() >= OFTEN) {
            tracing::error!(%error, "nothing can be written at the moment; is the disk full?");
            (self.said, self.lasts) = (Some(Instant::now()), true);
        }
    }

    /// A write succeeded.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.lasts) {
            tracing::warn!("it can be written again");
        }
    }
}
