//! The declarations of releases.

use domain::release::Declaration;
use domain::settings::Names;
use domain::settings::version::Version;
use domain::{Environment, Label, Timestamp, fields};

use super::Reader;
use super::versions::in_force_at;
use crate::StoreError;
use crate::items::from_item;
use crate::items::version::VersionItem;
use crate::keys::listings::{declaration_key, release_partition};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

/// How many versions of a declaration are read for the first that concerns an environment.
const FIRST: usize = 100;

/// What a release was declared to be, and the version that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The version.
    pub version: Version,
    /// What it says.
    pub declaration: Declaration,
}

impl Declared {
    fn read(version: Version, names: &Names) -> Result<Self, StoreError> {
        let declaration = Declaration::recorded(&version.document, names)
            .map_err(|errors| StoreError::unreadable("declaration", fields::one_line(&errors)))?;
        Ok(Self { version, declaration })
    }
}

impl<S: ReadItems> Reader<S> {
    /// The newest version of a release's declaration; none where it was never declared.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn newest_declaration(&self, release: &Label) -> Result<Option<Version>, StoreError> {
        let query = Query::of(Table::History, release_partition(release)).descending().limit(1).consistent();
        let page = self.store().query(&query).await?;
        let newest = page.items.into_iter().next().map(from_item::<VersionItem>).transpose()?;
        Ok(newest.map(Version::from))
    }

    /// All versions of a release's declaration, the first one first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn declarations(&self, release: &Label) -> Result<Vec<Version>, StoreError> {
        self.versions_in(&release_partition(release)).await
    }

    /// All versions of the document whose versions stand in this partition of the history, the first one first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn versions_in(&self, partition: &str) -> Result<Vec<Version>, StoreError> {
        let mut pages = self.pages(Query::of(Table::History, partition).consistent());
        let mut versions = Vec::new();
        while let Some(page) = pages.next().await? {
            for item in page.items {
                versions.push(from_item::<VersionItem>(item)?.into());
            }
        }
        Ok(versions)
    }

    /// What a release was declared to be at a time; none where it was not declared yet.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn declared(
        &self,
        release: &Label,
        at: Timestamp,
        names: &Names,
    ) -> Result<Option<Declared>, StoreError> {
        let newest = self.newest_declaration(release).await?;
        let version = in_force_at(newest, at, |number| async move {
            let item: Option<VersionItem> = self.get(Table::History, &declaration_key(release, number)).await?;
            Ok(item.map(Version::from))
        });
        version.await?.map(|version| Declared::read(version, names)).transpose()
    }

    /// When a release was first declared for an environment; none where no version says so, of the first hundred.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn first_declared_for(
        &self,
        release: &Label,
        environment: &Environment,
        names: &Names,
    ) -> Result<Option<Timestamp>, StoreError> {
        let query = Query::of(Table::History, release_partition(release)).consistent().limit(FIRST);
        for item in self.store().query(&query).await?.items {
            let declared = Declared::read(from_item::<VersionItem>(item)?.into(), names)?;
            if declared.declaration.concerns(environment) {
                return Ok(Some(declared.version.recorded_at));
            }
        }
        Ok(None)
    }
}
