//! Publishing: what was newly recorded becomes metrics and notifications.
//!
//! The history is its own outbox: each record comes at least once, in the order of its deployment, and says
//! itself what it meant.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use domain::Settings;
use domain::Timestamp;
use domain::follows::digest::Held;
use domain::follows::judged::Concerned;
use domain::follows::metrics::{Datum, Tally};
use domain::follows::notifications::{Notification, Transition};
use domain::follows::suggested::Suggested;
use publisher::Publisher;
use store::WriteItems;
use store::items::history::HistoryItem;

use crate::judged;
use crate::processor::{EventProcessor, Failed};

/// What is new in the history.
#[derive(Debug)]
pub enum News {
    /// A new item.
    Written(HistoryItem),
    /// A removal, or a change, of which there is nothing to publish: the witness watches what nobody may do.
    Gone,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Publishes what is new, all of it at once.
    ///
    /// # Errors
    /// When something could not be sent: the same may come again.
    pub async fn publish(&self, news: Vec<News>, now: Timestamp) -> Result<(), Failed> {
        let mut tally = Tally::default();
        let (mut notifications, mut concerned) = (Vec::new(), Vec::new());
        for new in news {
            match new {
                News::Written(HistoryItem::Recorded(record)) => {
                    tally.add_record(&record);
                    concerned.extend(Concerned::of(&record));
                    notifications.extend(Notification::of(&record, &self.processing.notify));
                }
                News::Written(HistoryItem::Rejected(item)) => {
                    tally.add_refusal(&item.reason, &item.door, Timestamp::from_millis(item.recorded_at));
                }
                News::Gone | News::Written(HistoryItem::Settings(_) | HistoryItem::Declared(_)) => {}
            }
        }
        // What can't be read never will be, and must hold nothing else back.
        let judged = match Box::pin(self.judge(concerned, now)).await {
            Err(Failed::Store(error)) if error.is_unreadable() => {
                tracing::error!(%error, "verdicts can't be told: what they follow from can't be read");
                judged::News::default()
            }
            judged => judged?,
        };
        // What was recorded is published whether or not settings can be read.
        let settings = self.settings(now).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the settings can't be read; metrics are published as without any");
            Arc::default()
        });
        self.send((tally, notifications), judged, &settings.general, now).await
    }

    /// Notifications first: if metrics fail then, the batch comes again, and subscribers recognise a
    /// repeated notification by its `dedupeId`, while nobody recognises a value that was counted twice.
    pub(crate) async fn send(
        &self,
        (mut tally, mut notifications): (Tally, Vec<Notification>),
        judged: judged::News,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(), Failed> {
        notifications.extend(judged.notifications);
        tally.extend(judged.tally);
        let ids: HashSet<String> = notifications.iter().map(Notification::dedupe_id).collect();
        let already_sent = self.sent_notifications.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = notifications.into_iter().filter(|notification| !already_sent.contains(&notification.dedupe_id()));
        self.notify(fresh.collect(), now).await?;
        // People first: a bus that takes nothing must not keep it from them. They are not told again for it.
        if let Err(error) = self.send_suggestions(judged.suggested, now).await {
            self.sent_notifications.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
            return Err(error);
        }
        // What was told is remembered after it was sent: a crash in between tells it twice, with the same `dedupeId`,
        // rather than never.
        self.recorder.look_again(&judged.again).await?;
        self.recorder.note_verdicts(&judged.noted).await?;
        self.recorder.remember_told(&judged.told, now).await?;
        let counted = self.count(tally.data(), settings, now).await;
        let mut sent_notifications = self.sent_notifications.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.is_ok() {
            sent_notifications.retain(|id| !ids.contains(id));
        } else {
            sent_notifications.extend(ids);
        }
        counted
    }

    /// Sends what was suggested and recorded, and remembers that it was sent: a crash in between sends it again, under the
    /// same id.
    async fn send_suggestions(&self, suggestions: Vec<Suggested>, now: Timestamp) -> Result<(), Failed> {
        if suggestions.is_empty() {
            return Ok(());
        }
        let is_sent = self.publisher.suggest(&suggestions).await?;
        for Suggested { suggestion_id, deployment_id, suggested, .. } in &suggestions {
            let (of, to) = (deployment_id.as_str(), suggested.deployment_id.as_str());
            tracing::info!(suggestion_id, of, to, is_sent, "rollback suggested");
        }
        if is_sent {
            self.recorder.remember_sent(suggestions, now).await?;
        }
        Ok(())
    }

    /// Sends notifications: the first of a minute by themselves. What is more is held for a digest.
    async fn notify(&self, notifications: Vec<Notification>, now: Timestamp) -> Result<(), Failed> {
        let (alone, more) = self.in_pace(notifications, now, |notification| notification.transition);
        // To hold one again changes nothing, so that goes first.
        let held: Vec<Held> = more.iter().map(|notification| Held::of(notification, now)).collect();
        self.recorder.hold(&held).await?;
        if !alone.is_empty() {
            self.publisher.notify(alone).await?;
        }
        Ok(())
    }

    /// Those that come by themselves in this minute, and those that are too many for that.
    pub(crate) fn in_pace<T>(&self, all: Vec<T>, now: Timestamp, of: impl Fn(&T) -> Transition) -> (Vec<T>, Vec<T>) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        all.into_iter().partition(|one| pace.lets(of(one), now))
    }

    /// Publishes values, as many sets of them as there may be.
    pub(crate) async fn count(&self, data: Vec<Datum>, settings: &Settings, now: Timestamp) -> Result<(), Failed> {
        let data = Box::pin(self.bounded(data, settings, now)).await?;
        if !data.is_empty() {
            self.publisher.metrics(data).await?;
        }
        Ok(())
    }
}
