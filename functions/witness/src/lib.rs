//! Anchors the history, and watches that nobody modifies it. The role that writes the history can do neither.
//!
//! ```text
//! clock, or on request ─► anchoring ─► what changed ─► next anchor ─► sign ─► put once ─► tell
//! stream of the history ─► watching ─► what nobody may do ─► keep what was there ─► tell, count
//! ```

#![recursion_limit = "256"]
#![warn(clippy::unwrap_used, clippy::expect_used)]

mod anchoring;
mod changed;
mod invocation;
pub mod settings;
mod watching;

pub use invocation::{NotATrigger, Trigger};

use domain::Retention;
use publisher::{PublishError, Publisher};
use store::{ReadItems, Reader, StoreError};
use vault::{Bucket, SigningKey, VaultError};

/// The function: it reads a store `S` and publishes to `P`.
#[derive(Debug)]
pub struct Witness<S, P> {
    reader: Reader<S>,
    publisher: P,
    bucket: Bucket,
    key: SigningKey,
    retention: Retention,
}

/// Why an invocation failed. Invoking again is safe.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was invoked by something that it does not serve.
    #[error(transparent)]
    Trigger(#[from] NotATrigger),
    /// The history could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Metrics or notifications could not be sent.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The bucket or the key did not do its part.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The anchors that are there are not what was written, so none follows them.
    #[error("the anchors in the bucket are not what was written: {0}")]
    Anchors(String),
}

impl<S: ReadItems, P: Publisher> Witness<S, P> {
    /// The function over this store, this publisher, and this vault.
    pub fn new(reader: Reader<S>, publisher: P, (bucket, key): (Bucket, SigningKey), retention: Retention) -> Self {
        Self { reader, publisher, bucket, key, retention }
    }
}
