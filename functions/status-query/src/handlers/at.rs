//! Places as they are, and as they were at a time.

use std::sync::Arc;

use domain::Timestamp;
use domain::live::{Cell, Place};
use futures_util::future::try_join_all;
use store::ReadItems;
use store::reader::retirements::Retirements;
pub(crate) use store::reader::when::When;

use crate::StatusQuery;
use crate::answer::Unanswered;

/// The cell of a place as it is now, and as it was at the time of a question: mostly the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) now: Arc<Cell>,
    pub(super) then: Arc<Cell>,
}

impl<S: ReadItems> StatusQuery<S> {
    /// These places as they are, and as they were at a time, in their order.
    pub(super) async fn standings(
        &self,
        cells: Vec<(Place, Cell)>,
        retirements: &Retirements,
        when: When,
    ) -> Result<Vec<(Place, Standing)>, Unanswered> {
        let of_now = |(place, cell): (Place, Cell)| {
            let now = Arc::new(cell);
            (place, Standing { then: Arc::clone(&now), now })
        };
        let mut standings: Vec<(Place, Standing)> = cells.into_iter().map(of_now).collect();
        // What runs in a matrix of a thousand places is known without reading: only the others are waited for.
        let is_now = when.is_now();
        let others = standings.iter_mut().filter_map(|(place, standing)| {
            let retirements = retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
            (!is_now || !standing.now.knows_of(retirements)).then_some((place, standing, retirements))
        });
        let then = others.map(async |(place, standing, retirements)| {
            let now = &*standing.now;
            let then = match when {
                When { as_of: None, known_at: None } => self.reader.cell_now(place, now.clone(), retirements).await?,
                When { as_of, known_at } => {
                    let as_of = as_of.unwrap_or(Timestamp::MAX);
                    self.reader.cell_at(place, (now, retirements), as_of, known_at).await?
                }
            };
            standing.then = Arc::new(then);
            Ok::<_, Unanswered>(())
        });
        try_join_all(then).await?;
        Ok(standings)
    }
}
