//! The one writer: a thread with the connection that writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use store::StoreError;
use store::transaction::{Outcome, Transaction};
use tokio::sync::oneshot;

use crate::error::failed;
use crate::trouble::Trouble;
use crate::{published, write};

const OPERATION: &str = "transact";
/// How many transactions of ours are written in one of the database at most.
const MOST_AT_ONCE: usize = 64;

/// A connection that several threads use, one at a time.
pub(crate) type Shared = Arc<Mutex<Connection>>;

/// What the thread is asked.
enum Job {
    /// To carry out a transaction.
    Transact(Transaction, oneshot::Sender<Result<Outcome, StoreError>>),
    /// To note how far the history is published.
    Published(i64, oneshot::Sender<Result<(), StoreError>>),
    /// To merge the log into the file.
    Merge(oneshot::Sender<Result<(), StoreError>>),
}

/// Carries out transactions one after the other, each on disk before its answer.
///
/// Those that wait while one is written are written together, since it is the waiting for the disk that
/// takes long. Where that fails each is tried alone, so that none fails for another's sake.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    /// A writer with this connection. Its thread ends with the last copy of it.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub(crate) fn start(connection: Shared) -> std::io::Result<Self> {
        let (jobs, waiting) = channel();
        thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || run(&connection, &waiting))?;
        Ok(Self { jobs })
    }

    /// Carries out a transaction.
    pub(crate) async fn transact(&self, transaction: Transaction) -> Result<Outcome, StoreError> {
        self.ask(|reply| Job::Transact(transaction, reply)).await
    }

    /// Notes that the history is published up to this number.
    pub(crate) async fn published(&self, number: i64) -> Result<(), StoreError> {
        self.ask(|reply| Job::Published(number, reply)).await
    }

    /// Merges the log into the file.
    pub(crate) async fn merge(&self) -> Result<(), StoreError> {
        self.ask(Job::Merge).await
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let ended = |_| StoreError::panicked(OPERATION);
        self.jobs.send(job(reply)).map_err(|_| StoreError::panicked(OPERATION))?;
        answer.await.map_err(ended)?
    }
}

fn run(connection: &Shared, waiting: &Receiver<Job>) {
    let mut trouble = Trouble::default();
    while let Ok(first) = waiting.recv() {
        let jobs: Vec<Job> = std::iter::once(first).chain(waiting.try_iter().take(MOST_AT_ONCE - 1)).collect();
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits for a job that was dropped is told so, and the next jobs are carried out.
        if catch_unwind(AssertUnwindSafe(|| commit(&mut connection, jobs, &mut trouble))).is_err() {
            tracing::error!("a panic while writing; it stands above");
        }
    }
}

/// Carries out what waits, and answers.
fn commit(connection: &mut Connection, jobs: Vec<Job>, trouble: &mut Trouble) {
    let (merges, jobs): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| matches!(job, Job::Merge(_)));
    write_all(connection, jobs, trouble);
    for job in merges {
        let outcome = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(Outcome::Committed));
        job.answer(outcome.map_err(|error| failed("merge", &error)));
    }
}

fn write_all(connection: &mut Connection, jobs: Vec<Job>, trouble: &mut Trouble) {
    if jobs.is_empty() {
        return;
    }
    let alone = jobs.len() == 1;
    match at_once(connection, &jobs) {
        Ok(outcomes) => {
            trouble.end();
            jobs.into_iter().zip(outcomes).for_each(|(job, outcome)| job.answer(Ok(outcome)));
        }
        Err(error) if alone => {
            if error.busy {
                trouble.go_on(&error);
            }
            for job in jobs {
                job.answer(Err(error.clone()));
            }
        }
        Err(_) => {
            for job in jobs {
                write_all(connection, vec![job], trouble);
            }
        }
    }
}

/// Carries out all of it in one transaction of the database.
fn at_once(connection: &mut Connection, jobs: &[Job]) -> Result<Vec<Outcome>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    // Dropped without a commit it is rolled back.
    let transaction = transaction.map_err(|error| failed(OPERATION, &error))?;
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(match job {
            Job::Transact(writes, _) => write::apply(&transaction, writes)?,
            Job::Published(number, _) => published::note(&transaction, *number).map(|()| Outcome::Committed)?,
            Job::Merge(_) => Outcome::Committed,
        });
    }
    transaction.commit().map_err(|error| failed(OPERATION, &error))?;
    Ok(outcomes)
}

impl Job {
    /// Whoever asked may have gone meanwhile.
    fn answer(self, outcome: Result<Outcome, StoreError>) {
        match self {
            Self::Transact(_, reply) => drop(reply.send(outcome)),
            Self::Published(_, reply) | Self::Merge(reply) => drop(reply.send(outcome.map(drop))),
        }
    }
}
