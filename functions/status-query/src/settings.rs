//! The settings of status-query, from environment variables.

use std::time::Duration;

use api::TokenSubjects;
use domain::Retention;
use lambda::settings::{Variables, WrongSettings};
use store::TableNames;

/// The variables that status-query reads; the template sets these and no other.
pub const VARIABLES: [&str; 6] =
    ["HISTORY_TABLE", "STATE_TABLE", "HISTORY_RETENTION_DAYS", "STUCK_AFTER_MINUTES", "JWT_SUBJECTS", "LOG_LEVEL"];

/// The settings of status-query.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tables.
    pub tables: TableNames,
    /// How long history is kept.
    pub retention: Retention,
    /// After how long without news a deployment that has not ended is stuck.
    pub stuck_after: Duration,
    /// Whose tokens are accepted.
    pub subjects: TokenSubjects,
    /// How much is logged.
    pub log_level: String,
}

impl Settings {
    /// Reads the settings; `variable` gives an environment variable's value.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, WrongSettings> {
        let mut variables = Variables::new(variable);
        let ((history, state), retention) = (variables.tables(), variables.retention());
        let tables = TableNames { history, state };
        let stuck_after = variables.stuck_after();
        let (subjects, log_level) = (variables.subjects(), variables.log_level());
        variables.finish(Self { tables, retention, stuck_after, subjects, log_level })
    }
}
