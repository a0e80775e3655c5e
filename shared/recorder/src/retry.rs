//! Trying again what other writers got in the way of.

use std::time::Duration;

use store::transaction::{Outcome, Transaction};
use store::{StoreError, WriteItems};

/// How often a contended transaction is tried that decides nothing.
const TRIES: u32 = 10;

/// How long to wait before another try: random, so that writers who met do not meet again, and longer each
/// time up to half a second ("full jitter").
pub(crate) fn pause(tries: u32) -> Duration {
    let most = 5u64.saturating_mul(1 << tries.min(7)).min(500);
    Duration::from_millis(fastrand::u64(0..=most))
}

/// Carries out a transaction, several times if it is contended. Answers whether it took effect: not if its
/// conditions don't hold.
pub(crate) async fn transact<S: WriteItems>(
    store: &S,
    transaction: &Transaction,
    contended: &str,
) -> Result<bool, StoreError> {
    for tries in 0..TRIES {
        match store.transact(transaction.clone()).await? {
            Outcome::Committed => return Ok(true),
            Outcome::Refused(_) => return Ok(false),
            Outcome::Contended(_) => store.pause(pause(tries)).await,
        }
    }
    Err(StoreError::busy("transact", contended))
}
