//! Trying again what other writers got in the way of.

use store::transaction::{Outcome, Transaction};
use store::{StoreError, WriteItems, backoff};

/// How often a contended transaction is tried that decides nothing.
const TRIES: u32 = 10;

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
            Outcome::Contended(_) => store.pause(backoff::pause(tries)).await,
        }
    }
    Err(StoreError::busy("transact", contended))
}
