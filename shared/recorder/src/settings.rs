//! Recording a version of the settings.

use domain::Timestamp;
use domain::settings::version::Version;
use store::items::to_item;
use store::items::version::VersionItem;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems};

use crate::recorder::Recorder;
use crate::retry::transact;

/// What became of a document that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It is this version now.
    New(Version),
    /// It is what was in force already, as this version.
    Unchanged(Version),
    /// It is not recorded: what is in force is not what whoever applied it expects. It is this version; none where
    /// nothing was ever applied.
    Unexpected(Option<Version>),
}

/// How often it is tried while others apply documents too.
const TRIES: usize = 10;

impl<S: WriteItems> Recorder<S> {
    /// Records a document, given as canonical text, as the newest version, if what is in force is `expected`.
    ///
    /// # Errors
    /// When it is not known to be recorded. To apply it again is safe.
    pub async fn apply_settings(
        &self,
        document: &str,
        by: &str,
        expected: impl Fn(Option<&Version>) -> bool,
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        for _ in 0..TRIES {
            let newest = self.reader.settings().await?;
            // Whoever sends it again because the answer was lost finds it in force, and not what he expected.
            let Some(version) = Version::after(newest.as_ref(), document, by, now) else {
                let unchanged = newest.ok_or_else(|| StoreError::unreadable("settings", "no version"))?;
                return Ok(Applied::Unchanged(unchanged));
            };
            if !expected(newest.as_ref()) {
                return Ok(Applied::Unexpected(newest));
            }
            let mut transaction = Transaction::default();
            transaction.put_new(Table::History, to_item(&VersionItem::of_settings(&version))?);
            let contended = "other settings were applied each time";
            if transact(self.reader.store(), &transaction, contended).await? {
                return Ok(Applied::New(version));
            }
        }
        Err(StoreError::busy("settings", "other settings were applied each time"))
    }
}
