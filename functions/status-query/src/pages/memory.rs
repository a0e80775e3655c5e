//! The matrix of now, as it was read last: whoever looks again within seconds gets the same one.

use std::sync::{Arc, Mutex, PoisonError};

use api::LiveCell;
use domain::Timestamp;
use store::ReadItems;

use crate::answer::Unanswered;
use crate::handlers::live::LiveQuestion;
use crate::{SettingsInUse, StatusQuery};

/// What was read of all environments, with what is under way.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    pub(crate) cells: Arc<Vec<LiveCell>>,
    /// When it was read.
    pub(crate) read_at: Timestamp,
}

/// The last matrix, with the settings that it was read by.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// For how long it is answered, in milliseconds; by default not at all.
    pub(crate) millis: i64,
    held: Mutex<Option<(Arc<SettingsInUse>, Matrix)>>,
}

impl Memory {
    fn get(&self, settings: &Arc<SettingsInUse>, now: Timestamp) -> Option<Matrix> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (by, matrix) = held.as_ref()?;
        // A clock that was set back makes nothing young again.
        let is_young = matrix.read_at <= now && now < matrix.read_at.plus_millis(self.millis);
        (is_young && Arc::ptr_eq(by, settings)).then(|| matrix.clone())
    }

    fn keep(&self, settings: &Arc<SettingsInUse>, matrix: &Matrix) {
        if self.millis > 0 {
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((settings.clone(), matrix.clone()));
        }
    }
}

impl<S: ReadItems> StatusQuery<S> {
    /// What runs everywhere now, with how it stands to the environment before and what is under way.
    pub(crate) async fn matrix_of_now(
        &self,
        settings: &Arc<SettingsInUse>,
        now: Timestamp,
    ) -> Result<Matrix, Unanswered> {
        if let Some(matrix) = self.memory.get(settings, now) {
            return Ok(matrix);
        }
        let question = LiveQuestion { with_difference: true, with_active: true, ..LiveQuestion::default() };
        let matrix = Matrix { cells: Arc::new(self.all_live(question, settings, now).await?), read_at: now };
        self.memory.keep(settings, &matrix);
        Ok(matrix)
    }
}
