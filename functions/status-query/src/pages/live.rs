//! The matrix.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::{LiveCell, Problem};
use domain::identifiers::Identifier as _;
use domain::{Environment, Timestamp};
use pages::live::Live;
use pages::{Asked, Page};
use store::ReadItems;

use crate::answer::Unanswered;
use crate::handlers::at::When;
use crate::handlers::live::LiveQuestion;
use crate::memory::Matrix;
use crate::{SettingsInUse, StatusQuery};

impl<S: ReadItems> StatusQuery<S> {
    /// The matrix. What is answered from memory is of when it was read.
    pub(super) async fn live_page(&self, asked: &mut Asked, when: When, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let cells = if asked.is_past() {
            let question = LiveQuestion {
                when,
                with_difference: true,
                with_active: true,
                with_verdict: true,
                ..LiveQuestion::default()
            };
            Arc::new(self.all_live(question, &settings, now).await?)
        } else {
            let matrix = self.matrix_of_now(&settings, now).await?;
            asked.now = matrix.read_at;
            matrix.cells
        };
        let is_ephemeral = |name: &str| Environment::parse(name).is_ok_and(|name| settings.path.is_ephemeral(&name));
        let environments = cells.iter().map(|cell| &cell.environment).filter(|name| is_ephemeral(name));
        let ephemeral: BTreeSet<String> = environments.cloned().collect();
        let production = settings.settings.environments.iter().find(|environment| environment.production);
        let on_path = |cell: &&LiveCell| {
            Environment::parse(&cell.environment).is_ok_and(|name| settings.path.leads_through(&name))
        };
        let last = cells.iter().rfind(on_path).map(|cell| cell.environment.as_str());
        let main = production.map(|environment| environment.name.as_str()).or(last);
        // What was frozen then, the settings of then say.
        let then = self.settings_of(when.as_of, &settings).await?;
        let SettingsInUse { settings, names, .. } = &*then;
        let live = Live { cells: &cells, ephemeral: &ephemeral, main, settings, names };
        pages::live::page(asked, &live).map_err(|wrong| Problem::wrong_fields(vec![wrong]).into())
    }

    /// What runs everywhere now, with how it stands to the environment before and what is under way.
    async fn matrix_of_now(&self, settings: &Arc<SettingsInUse>, now: Timestamp) -> Result<Matrix, Unanswered> {
        if let Some(matrix) = self.memory.get(settings, now) {
            return Ok(matrix);
        }
        let question =
            LiveQuestion { with_difference: true, with_active: true, with_verdict: true, ..LiveQuestion::default() };
        let matrix = Matrix { cells: Arc::new(self.all_live(question, settings, now).await?), read_at: now };
        self.memory.keep(settings, &matrix);
        Ok(matrix)
    }
}
