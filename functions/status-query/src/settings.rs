//! The settings of status-query, from environment variables.

use std::time::Duration;

use api::TokenSubjects;
use domain::Retention;
use lambda::settings::{Variables, WrongSettings};
use login::Issuer;
use store::TableNames;

/// The variables that status-query reads; the template sets these and no other.
pub const VARIABLES: [&str; 9] = [
    "HISTORY_TABLE",
    "STATE_TABLE",
    "HISTORY_RETENTION_DAYS",
    "STUCK_AFTER_MINUTES",
    "JWT_SUBJECTS",
    "LOGIN_ISSUER",
    "LOGIN_CLIENT_ID",
    "LOGIN_SECRET_ID",
    "LOG_LEVEL",
];

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
    /// Where people log in who want to see pages, if they do.
    pub login: Option<LoginSettings>,
    /// How much is logged.
    pub log_level: String,
}

/// Where people log in.
#[derive(Debug, Clone)]
pub struct LoginSettings {
    /// The issuer, and what this installation is to it.
    pub issuer: login::Settings,
    /// The secret in Secrets Manager.
    pub secret_id: String,
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
        let (subjects, login) = (variables.subjects(), login(&mut variables));
        let log_level = variables.log_level();
        variables.finish(Self { tables, retention, stuck_after, subjects, login, log_level })
    }
}

/// All three of them, or none: with a part of them, nobody could log in, and nobody would know why.
fn login<V: Fn(&str) -> Option<String>>(variables: &mut Variables<V>) -> Option<LoginSettings> {
    let names = ["LOGIN_ISSUER", "LOGIN_CLIENT_ID", "LOGIN_SECRET_ID"];
    let [issuer, client_id, secret_id] = names.map(|name| variables.optional(name));
    if issuer.is_none() && client_id.is_none() && secret_id.is_none() {
        return None;
    }
    let (Some(issuer), Some(client_id), Some(secret_id)) = (issuer, client_id, secret_id) else {
        variables.wrong(format!("{} are required together", names.join(", ")));
        return None;
    };
    match Issuer::parse(&issuer) {
        Ok(issuer) => Some(LoginSettings { issuer: login::Settings { issuer, client_id }, secret_id }),
        Err(wrong) => {
            variables.wrong(format!("LOGIN_ISSUER {wrong}"));
            None
        }
    }
}
