//! The matrix of now, as it was read last: whoever looks again within seconds gets the same one.

use std::sync::{Arc, Mutex, PoisonError};

use api::LiveCell;
use domain::Timestamp;

use crate::SettingsInUse;

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
    pub(crate) fn get(&self, settings: &Arc<SettingsInUse>, now: Timestamp) -> Option<Matrix> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (by, matrix) = held.as_ref()?;
        // A clock that was set back makes nothing young again.
        let is_young = matrix.read_at <= now && now < matrix.read_at.plus_millis(self.millis);
        (is_young && Arc::ptr_eq(by, settings)).then(|| matrix.clone())
    }

    pub(crate) fn keep(&self, settings: &Arc<SettingsInUse>, matrix: &Matrix) {
        if self.millis > 0 {
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((settings.clone(), matrix.clone()));
        }
    }
}
