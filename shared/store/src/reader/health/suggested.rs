//! What was suggested to whoever puts versions back by themselves.

use domain::DeploymentId;
use domain::follows::suggested::KeptSuggestion;

use super::super::Reader;
use crate::items::judged::SuggestedItem;
use crate::keys::suggested_key;
use crate::port::ReadItems;
use crate::tables::Table;
use crate::{StoreError, items};

impl<S: ReadItems> Reader<S> {
    /// What was suggested instead of what a deployment brought, to whoever puts versions back; none where it was not.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn suggested(&self, id: &DeploymentId) -> Result<Option<KeptSuggestion>, StoreError> {
        let item = self.store().get(Table::State, &suggested_key(id)).await?;
        Ok(item.map(items::from_item::<SuggestedItem>).transpose()?.map(|item| item.kept))
    }
}
