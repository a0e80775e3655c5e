//! What people were told of verdicts, what was suggested to whoever puts versions back, and what is to be looked at again.

use std::collections::{BTreeMap, BTreeSet};

use domain::follows::judged::{LookAgain, Noted, kept};
use domain::follows::notifications::Transition;
use domain::follows::suggested::{KeptSuggestion, Suggested};
use domain::live::Place;
use domain::{DeploymentId, Timestamp};
use store::items::judged::{LookAgainItem, NotedItem, SuggestedItem, ToldItem};
use store::keys::{look_again_key, noted_key, told_key};
use store::transaction::Transaction;
use store::{Key, StoreError, Table, WriteItems, items};

use crate::recorder::Recorder;
use crate::retry::{transact, transact_all, write_all};

const CONTENDED: &str = "notes of verdicts were contended each time";
/// What people are told of verdicts.
const NEWS: [Transition; 3] = [Transition::Bad, Transition::Suspect, Transition::GoodAgain];

/// What was told of deployments, each with the record that brought it.
pub type ToldBefore = BTreeMap<(DeploymentId, Transition), String>;

/// What speaks against a deployment that landed in a place.
#[derive(Debug, Clone)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// The deployment.
    pub id: DeploymentId,
    /// What speaks against it; none where nothing does any more.
    pub verdict: Option<Noted>,
}

impl<S: WriteItems> Recorder<S> {
    /// What people were told of the verdicts on these deployments. One round trip for all of them.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn told_before(&self, ids: &BTreeSet<DeploymentId>) -> Result<ToldBefore, StoreError> {
        let of_each = ids.iter().flat_map(|id| NEWS.map(|news| (told_key(id, news), (id.clone(), news))));
        let keys: BTreeMap<Key, (DeploymentId, Transition)> = of_each.collect();
        if keys.is_empty() {
            return Ok(ToldBefore::new());
        }
        let mut told = ToldBefore::new();
        for item in self.reader.store().batch_get(Table::State, keys.keys().cloned().collect()).await? {
            if let Some(of) = Key::of(&item).and_then(|key| keys.get(&key)) {
                told.insert(of.clone(), items::from_item::<ToldItem>(item)?.record);
            }
        }
        Ok(told)
    }

    /// Remembers what people were told; what is remembered already stays as it is.
    ///
    /// # Errors
    /// When it can't be written; then it is told again, with the same `dedupeId`.
    pub async fn remember_told(&self, told: &ToldBefore, now: Timestamp) -> Result<(), StoreError> {
        let mut transactions = Vec::new();
        for ((id, news), record) in told {
            let mut transaction = Transaction::default();
            transaction.put_new(Table::State, items::to_item(&ToldItem::of(id, *news, record, now))?);
            transactions.push(transaction);
        }
        transact_all(self.reader.store(), transactions, CONTENDED).await
    }

    /// Records what is suggested to whoever puts versions back, before it is sent. What is recorded already stays as it
    /// is. Answers what is recorded.
    ///
    /// # Errors
    /// When it can't be written or read; then nothing is to be sent.
    pub async fn suggest(&self, detail: Suggested) -> Result<KeptSuggestion, StoreError> {
        let new = KeptSuggestion { detail, sent_at: None };
        let mut transaction = Transaction::default();
        transaction.put_new(Table::State, items::to_item(&SuggestedItem::of(new.clone()))?);
        if transact(self.reader.store(), &transaction, CONTENDED).await? {
            return Ok(new);
        }
        Ok(self.reader.suggested(&new.detail.deployment_id).await?.unwrap_or(new))
    }

    /// Remembers that suggestions were sent.
    ///
    /// # Errors
    /// When it can't be written; then they are sent again, under the same ids.
    pub async fn remember_sent(&self, sent: Vec<Suggested>, now: Timestamp) -> Result<(), StoreError> {
        let put = |transaction: &mut Transaction, detail: &Suggested| {
            let kept = KeptSuggestion { detail: detail.clone(), sent_at: Some(now) };
            transaction.put(Table::State, items::to_item(&SuggestedItem::of(kept))?);
            Ok(())
        };
        write_all(self.reader.store(), &sent, CONTENDED, put).await
    }

    /// Notes what speaks against what runs, or that nothing does. Of each place only those notes are kept of which the
    /// deployment may run there.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn note_verdicts(&self, notes: &[Note]) -> Result<(), StoreError> {
        let mut gone = Vec::new();
        for note in notes.iter().filter(|note| note.verdict.is_some()) {
            let mut others = self.reader.noted_verdicts_in(&note.place).await?;
            others.remove(&note.id);
            if others.is_empty() {
                continue;
            }
            // Read after the notes: of what landed since, nothing of this can be.
            let cells = self.reader.cells_of(&BTreeSet::from([note.place.clone()])).await?;
            let kept = cells.get(&note.place).map(kept).unwrap_or_default();
            let others = others.into_keys().filter(|id| !kept.contains(id));
            gone.extend(others.map(|id| noted_key(&note.place, &id)));
        }
        let put = |transaction: &mut Transaction, note: &Note| {
            match note.verdict {
                Some(verdict) => {
                    let item = NotedItem::of(&note.place, &note.id, verdict);
                    transaction.put(Table::State, items::to_item(&item)?);
                }
                None => transaction.delete(Table::State, noted_key(&note.place, &note.id)),
            }
            Ok(())
        };
        write_all(self.reader.store(), notes, CONTENDED, put).await?;
        gone.sort();
        gone.dedup();
        let delete = |transaction: &mut Transaction, key: &Key| {
            transaction.delete(Table::State, key.clone());
            Ok(())
        };
        write_all(self.reader.store(), &gone, CONTENDED, delete).await
    }

    /// Notes what is to be looked at again.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn look_again(&self, looks: &[LookAgain]) -> Result<(), StoreError> {
        let put = |transaction: &mut Transaction, look: &LookAgain| {
            transaction.put(Table::State, items::to_item(&LookAgainItem::of(look.clone()))?);
            Ok(())
        };
        write_all(self.reader.store(), looks, CONTENDED, put).await
    }

    /// Forgets what need not be looked at any more.
    ///
    /// # Errors
    /// When it can't be written; then it is looked at once more.
    pub async fn forget_looks(&self, looks: &[LookAgain]) -> Result<(), StoreError> {
        let delete = |transaction: &mut Transaction, look: &LookAgain| {
            transaction.delete(Table::State, look_again_key(look));
            Ok(())
        };
        write_all(self.reader.store(), looks, CONTENDED, delete).await
    }
}
