//! Once an hour: which drift of high severity is new, and which is over.

use std::collections::BTreeSet;

use domain::follows::drift::{Changes, look_again, notices};
use domain::follows::notifications::Transition;
use domain::questions::drift::{Finding, FindingId, Kind, Question, Severity};
use domain::{Environment, Label, Timestamp};
use publisher::Publisher;
use store::WriteItems;
use store::items::drift_look::DriftLookItem;

use crate::processor::{EventProcessor, Failed};

/// How long after one look the next is due, in milliseconds.
const EVERY: i64 = 60 * 60 * 1000;
/// After how long another one is due where a look did not come to its end, in milliseconds.
const RETRY: i64 = 5 * 60 * 1000;

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Looks for drift if that is due, and notifies of what is new and what is over. One of several processes does
    /// it. What was notified is remembered after it was sent: a crash in between sends it twice, with the same
    /// `dedupeId`, rather than never. Of the first look, and where there is much, there is one for each environment.
    ///
    /// # Errors
    /// When something could not be read, sent or remembered; a later tick does it.
    pub(crate) async fn look_for_drift(&self, now: Timestamp) -> Result<(), Failed> {
        let notify = &self.processing.notify;
        if !notify.notifies_anywhere(Transition::Drift) {
            return Ok(());
        }
        let read = self.recorder.drift_look().await?;
        if read.as_ref().is_some_and(|look| look.due > now.millis()) {
            return Ok(());
        }
        let looks = read.as_ref().map_or(0, |look| look.looks);
        let claim = DriftLookItem::after(read.as_ref(), now.millis() + RETRY, looks);
        if !self.recorder.set_drift_look(read.as_ref(), &claim).await? {
            return Ok(());
        }
        let before = self.recorder.drift_notified().await?;
        let asked = look_again(&before, looks);
        let Changes { mut new, ended } = Changes::between(&before, self.high_drift(now, &asked).await?, &asked);
        let notifies = |environment: &Option<Environment>| {
            environment.as_ref().is_some_and(|name| notify.notifies(name, Transition::Drift))
        };
        new.retain(|finding| notifies(&finding.environment));
        let new_ids: Vec<FindingId> = new.iter().map(FindingId::of).collect();
        let told: Vec<FindingId> = ended.iter().filter(|id| notifies(&id.environment)).cloned().collect();
        let notices = notices(new, told, now, looks);
        if !notices.is_empty() {
            self.publisher.notify_drift(notices).await?;
        }
        self.recorder.remember_drift_notified(&new_ids, &ended).await?;
        let next = DriftLookItem::after(Some(&claim), now.millis() + EVERY, looks + 1);
        self.recorder.set_drift_look(Some(&claim), &next).await?;
        Ok(())
    }

    /// What is found now of high severity, with what these releases lack.
    async fn high_drift(
        &self,
        now: Timestamp,
        releases: &BTreeSet<(Environment, Label)>,
    ) -> Result<Vec<Finding>, Failed> {
        let settings = self.settings(now).await?;
        let (names, path) = (settings.general.names(), settings.general.path());
        let question = Question {
            settings: &settings.general,
            names: &names,
            path: &path,
            at: now,
            environment: None,
            kinds: &Kind::HIGH,
            releases,
        };
        let found = self.recorder.reader().drift(&question, None).await?;
        Ok(found.into_iter().filter(|finding| finding.severity == Severity::High).collect())
    }
}
