//! Recording a version of the declaration of a release.

use domain::Timestamp;
use domain::listings::Listing;
use domain::release::Declaration;
use domain::settings::version::Version;
use store::items::listing::ListingItem;
use store::items::to_item;
use store::items::version::VersionItem;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems};

use crate::recorder::Recorder;
use crate::retry::{transact, write_all};
use crate::settings::Applied;

/// How often it is tried while others declare it too.
const TRIES: usize = 10;

impl<S: WriteItems> Recorder<S> {
    /// Records what a release is declared to be as its newest version, if the newest one is `expected`.
    ///
    /// # Errors
    /// When it is not known to be recorded. To declare it again is safe.
    pub async fn declare_release(
        &self,
        declaration: &Declaration,
        by: &str,
        expected: impl Fn(Option<&Version>) -> bool,
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        let (release, document) = (&declaration.release, declaration.document());
        let contended = "the release was declared by others each time";
        for _ in 0..TRIES {
            let newest = self.reader.newest_declaration(release).await?;
            // Whoever sends it again because the answer was lost finds it recorded, and not what he expected.
            let Some(version) = Version::after(newest.as_ref(), &document, by, now) else {
                let unchanged = newest.ok_or_else(|| StoreError::unreadable("declaration", "no version"))?;
                return Ok(Applied::Unchanged(unchanged));
            };
            if !expected(newest.as_ref()) {
                return Ok(Applied::Unexpected(newest));
            }
            // Who finds a note looks whether the release is declared so; so they come first, and a note of what is
            // not recorded in the end does no harm.
            let notes: Vec<ListingItem> = declared_notes(declaration).collect();
            let put = |transaction: &mut Transaction, note: &ListingItem| {
                transaction.put(Table::State, to_item(note)?);
                Ok(())
            };
            write_all(self.reader.store(), &notes, contended, put).await?;
            let mut transaction = Transaction::default();
            transaction.put_new(Table::History, to_item(&VersionItem::of_declaration(release, &version))?);
            let day = Listing::day(release.clone(), version.recorded_at);
            transaction.put(Table::State, to_item(&ListingItem::from(&day))?);
            if transact(self.reader.store(), &transaction, contended).await? {
                return Ok(Applied::New(version));
            }
        }
        Err(StoreError::busy("declaration", contended))
    }
}

/// The notes by which a gate finds the releases that a version of a service belongs to.
pub(crate) fn declared_notes(declaration: &Declaration) -> impl Iterator<Item = ListingItem> {
    let Declaration { release, services, .. } = declaration;
    services.iter().map(|(service, version)| ListingItem::declared(service, version, release))
}
