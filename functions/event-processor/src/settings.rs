//! The settings of event-processor, from environment variables.

use std::time::Duration;

use api::TokenSubjects;
use domain::Retention;
use domain::follows::notifications::NotifyRules;
use domain::pages_url::PagesUrl;
use domain::settings::SettingsAdmins;
use lambda::settings::{Variables, WrongSettings};
use store::TableNames;

/// The variables that event-processor reads; the template sets these and no other.
pub const VARIABLES: [&str; 13] = [
    "HISTORY_TABLE",
    "STATE_TABLE",
    "METRICS_NAMESPACE",
    "TOPIC_ARN",
    "NOTIFY",
    "STUCK_AFTER_MINUTES",
    "HISTORY_RETENTION_DAYS",
    "WEBHOOK_SECRET_ID",
    "JWT_SUBJECTS",
    "SETTINGS_ADMINS",
    "LOGIN_SECRET_ID",
    "PAGES_URL",
    "LOG_LEVEL",
];

/// The settings of event-processor.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tables.
    pub tables: TableNames,
    /// How long history is kept.
    pub retention: Retention,
    /// The namespace of metrics.
    pub namespace: String,
    /// The topic of notifications.
    pub topic_arn: String,
    /// Where people find the web pages, if it is said.
    pub pages_url: Option<PagesUrl>,
    /// The secret in Secrets Manager that webhooks are proven with, if there is one.
    pub webhook_secret_id: Option<String>,
    /// The secret in Secrets Manager that seals the sessions of people, where they log in.
    pub login_secret_id: Option<String>,
    /// How it works.
    pub processing: Processing,
    /// How much is logged.
    pub log_level: String,
}

/// How events are processed, wherever that is.
#[derive(Debug, Clone)]
pub struct Processing {
    /// Which transitions are notified.
    pub notify: NotifyRules,
    /// After how long without news a deployment that has not ended is stuck.
    pub stuck_after: Duration,
    /// Whose tokens are accepted.
    pub subjects: TokenSubjects,
    /// Who may apply settings whatever they say.
    pub settings_admins: SettingsAdmins,
    /// What the names of the installation's own alarms begin with, before a hyphen; none where it has none.
    pub own_alarms: Option<String>,
    /// Whether webhooks without a signature are accepted while there is no secret: only on one's own machine.
    pub allow_unsigned: bool,
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
        let topic_arn = variables.required("TOPIC_ARN", "the topic that notifications go to");
        if !topic_arn.is_empty() && !topic_arn.starts_with("arn:") {
            variables.wrong("TOPIC_ARN must be an ARN".to_owned());
        }
        let namespace = variables.optional("METRICS_NAMESPACE").unwrap_or_else(|| "DeploymentStatus".to_owned());
        if namespace.starts_with("AWS/") || namespace.len() > 255 {
            variables.wrong("METRICS_NAMESPACE must not begin with AWS/ and have at most 255 characters".to_owned());
        }
        let notify = variables.optional("NOTIFY").unwrap_or_else(|| NotifyRules::DEFAULT.to_owned());
        let notify = NotifyRules::parse(&notify).map_err(|wrong| variables.wrong(format!("NOTIFY: {wrong}")));
        let stuck_after = variables.stuck_after();
        let webhook_secret_id = variables.optional("WEBHOOK_SECRET_ID");
        let login_secret_id = variables.optional("LOGIN_SECRET_ID");
        let (subjects, log_level) = (variables.subjects(), variables.log_level());
        let settings_admins = variables.optional("SETTINGS_ADMINS").unwrap_or_default();
        let settings_admins = SettingsAdmins::parse(&settings_admins).unwrap_or_else(|wrong| {
            variables.wrong(format!("SETTINGS_ADMINS: {wrong}"));
            SettingsAdmins::default()
        });
        let pages_url = variables.optional("PAGES_URL").and_then(|text| {
            PagesUrl::parse_secure(&text).map_err(|wrong| variables.wrong(format!("PAGES_URL {wrong}"))).ok()
        });
        let Ok(notify) = notify else {
            return Err(variables.refuse());
        };
        // The topic and the alarms are named after the stack.
        let own_alarms = topic_arn.rsplit(':').next().filter(|name| !name.is_empty()).map(str::to_owned);
        let processing =
            Processing { notify, stuck_after, subjects, settings_admins, own_alarms, allow_unsigned: false };
        variables.finish(Self {
            tables,
            retention,
            namespace,
            topic_arn,
            pages_url,
            webhook_secret_id,
            login_secret_id,
            processing,
            log_level,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_installations_own_alarms_are_named_after_its_topic() {
        let settings = Settings::read(|name| {
            let value = match name {
                "HISTORY_TABLE" | "STATE_TABLE" => "table",
                "TOPIC_ARN" => "arn:aws:sns:eu-west-1:111122223333:deployment-status",
                "JWT_SUBJECTS" => "",
                _ => return None,
            };
            Some(value.to_owned())
        });
        assert_eq!(settings.unwrap().processing.own_alarms.as_deref(), Some("deployment-status"));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let wrong = Settings::read(|name| {
            let value = match name {
                "TOPIC_ARN" => "topic",
                "NOTIFY" => "production:EXPLODED",
                "STUCK_AFTER_MINUTES" => "0",
                "HISTORY_RETENTION_DAYS" => "-1",
                "JWT_SUBJECTS" => "repo with spaces",
                "SETTINGS_ADMINS" => "some role",
                "PAGES_URL" => "http://pages.example",
                "LOG_LEVEL" => "loud",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let text = wrong.unwrap_err().to_string();
        for name in VARIABLES
            .iter()
            .filter(|name| !["METRICS_NAMESPACE", "WEBHOOK_SECRET_ID", "LOGIN_SECRET_ID"].contains(name))
        {
            assert!(text.contains(name), "{name} is missing in: {text}");
        }
    }
}
