//! Trying again what other writers got in the way of.

use futures_util::future::try_join_all;
use store::transaction::{Outcome, Transaction};
use store::{StoreError, WriteItems, backoff};

/// How often a contended transaction is tried that decides nothing.
const TRIES: u32 = 10;

/// How many transactions are under way at once.
const AT_ONCE: usize = 8;

/// Carries out transactions that have nothing to do with each other, side by side.
pub(crate) async fn transact_all<S: WriteItems>(
    store: &S,
    transactions: Vec<Transaction>,
    contended: &str,
) -> Result<(), StoreError> {
    for some in transactions.chunks(AT_ONCE) {
        try_join_all(some.iter().map(|transaction| transact(store, transaction, contended))).await?;
    }
    Ok(())
}

/// Writes all of these, as many in a transaction as one may have: `write` adds one of them to it. None depends on
/// another, and each can be written again.
pub(crate) async fn write_all<S: WriteItems, T>(
    store: &S,
    all: &[T],
    contended: &str,
    write: impl Fn(&mut Transaction, &T) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut transactions = Vec::new();
    for some in all.chunks(Transaction::MOST) {
        let mut transaction = Transaction::default();
        for one in some {
            write(&mut transaction, one)?;
        }
        transactions.push(transaction);
    }
    transact_all(store, transactions, contended).await
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
            Outcome::Contended(_) => store.pause(backoff::pause(tries)).await,
        }
    }
    Err(StoreError::busy("transact", contended))
}
