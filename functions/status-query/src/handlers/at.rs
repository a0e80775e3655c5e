//! A place as it is, or was at a time.

use domain::Timestamp;
use domain::live::{Cell, Place};
use store::ReadItems;
use store::reader::retirements::Retirements;
pub(crate) use store::reader::when::When;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    /// The cell of a place as it is, or was at that time.
    pub(super) async fn at(
        &self,
        place: Place,
        cell: Cell,
        retirements: &Retirements,
        When { as_of, known_at }: When,
    ) -> Result<(Place, Cell), Unanswered> {
        let retirements = retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
        let cell = if as_of.is_none() && known_at.is_none() {
            self.reader.cell_now(&place, cell, retirements).await?
        } else {
            self.reader.cell_at(&place, (&cell, retirements), as_of.unwrap_or(Timestamp::MAX), known_at).await?
        };
        Ok((place, cell))
    }
}
