//! Settings from environment variables, checked all at once: a function with a wrong setting does
//! not start, and says everything that is wrong with it.

use std::time::Duration;

use domain::follows::notifications::NotifyRules;
use domain::{Retention, SourceRules};

use crate::Subjects;
use crate::store::Tables;

/// The variables that event-processor reads; the template sets these and no other.
pub const EVENT_PROCESSOR_VARIABLES: [&str; 11] = [
    "HISTORY_TABLE",
    "STATE_TABLE",
    "METRICS_NAMESPACE",
    "TOPIC_ARN",
    "NOTIFY",
    "STUCK_AFTER_MINUTES",
    "HISTORY_RETENTION_DAYS",
    "ENVIRONMENT_RULES",
    "WEBHOOK_SECRET_ID",
    "JWT_SUBJECTS",
    "LOG_LEVEL",
];
/// The variables that status-query reads; the template sets these and no other.
pub const STATUS_QUERY_VARIABLES: [&str; 5] =
    ["HISTORY_TABLE", "STATE_TABLE", "HISTORY_RETENTION_DAYS", "JWT_SUBJECTS", "LOG_LEVEL"];

/// What event-processor is told.
#[derive(Debug, Clone)]
pub struct EventProcessorSettings {
    /// The tables.
    pub tables: Tables,
    /// How long history is kept.
    pub retention: Retention,
    /// The namespace of metrics.
    pub namespace: String,
    /// The topic of notifications.
    pub topic_arn: String,
    /// The secret in Secrets Manager that webhooks are proven with, if there is one.
    pub webhook_secret_id: Option<String>,
    /// How it works.
    pub processing: Processing,
    /// How much is logged.
    pub log_level: String,
}

/// How events are processed, wherever that is.
#[derive(Debug, Clone)]
pub struct Processing {
    /// Which transitions are told.
    pub notify: NotifyRules,
    /// After how long without news a deployment that has not ended is stuck.
    pub stuck_after: Duration,
    /// What events of other tools are about.
    pub rules: SourceRules,
    /// Whose tokens are taken.
    pub subjects: Subjects,
    /// Whether webhooks without a signature are taken while there is no secret: only on one's own machine.
    pub allow_unsigned: bool,
}

/// What status-query is told.
#[derive(Debug, Clone)]
pub struct StatusQuerySettings {
    /// The tables.
    pub tables: Tables,
    /// How long history is kept.
    pub retention: Retention,
    /// Whose tokens are taken.
    pub subjects: Subjects,
    /// How much is logged.
    pub log_level: String,
}

/// All that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("wrong settings: {}", .0.join("; "))]
pub struct WrongSettings(pub Vec<String>);

struct Reader<V> {
    variable: V,
    wrong: Vec<String>,
}

impl<V: Fn(&str) -> Option<String>> Reader<V> {
    fn optional(&mut self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &str, what: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.wrong.push(format!("{name} is required: {what}"));
            String::new()
        })
    }

    fn tables(&mut self) -> Tables {
        Tables {
            history: self.required("HISTORY_TABLE", "the name of the history table"),
            state: self.required("STATE_TABLE", "the name of the state table"),
        }
    }

    fn retention(&mut self) -> Retention {
        let days = self.optional("HISTORY_RETENTION_DAYS").unwrap_or_else(|| "0".to_owned());
        days.parse().ok().and_then(Retention::of_days).unwrap_or_else(|| {
            let wrong = "HISTORY_RETENTION_DAYS must be a whole number from 1 to 36500 (a hundred years), or 0 to keep \
                         history for ever";
            self.wrong.push(wrong.to_owned());
            Retention::FOREVER
        })
    }

    fn subjects(&mut self) -> Subjects {
        let patterns = self.optional("JWT_SUBJECTS").unwrap_or_default();
        Subjects::parse(&patterns).unwrap_or_else(|wrong| {
            self.wrong.push(format!("JWT_SUBJECTS: {wrong}"));
            Subjects::default()
        })
    }

    fn log_level(&mut self) -> String {
        let level = self.optional("LOG_LEVEL").unwrap_or_else(|| "info".to_owned()).to_lowercase();
        if !["error", "warn", "info", "debug"].contains(&level.as_str()) {
            self.wrong.push("LOG_LEVEL must be error, warn, info or debug".to_owned());
        }
        level
    }

    fn finish<T>(self, settings: T) -> Result<T, WrongSettings> {
        if self.wrong.is_empty() { Ok(settings) } else { Err(WrongSettings(self.wrong)) }
    }
}

impl EventProcessorSettings {
    /// Reads the settings; `variable` gives an environment variable's value.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, WrongSettings> {
        let mut reader = Reader { variable, wrong: Vec::new() };
        let (tables, retention) = (reader.tables(), reader.retention());
        let topic_arn = reader.required("TOPIC_ARN", "the topic that notifications go to");
        if !topic_arn.is_empty() && !topic_arn.starts_with("arn:") {
            reader.wrong.push("TOPIC_ARN must be an ARN".to_owned());
        }
        let namespace = reader.optional("METRICS_NAMESPACE").unwrap_or_else(|| "DeploymentStatus".to_owned());
        if namespace.starts_with("AWS/") || namespace.len() > 255 {
            reader.wrong.push("METRICS_NAMESPACE must not begin with AWS/ and have at most 255 characters".to_owned());
        }
        let notify = reader.optional("NOTIFY").unwrap_or_else(|| NotifyRules::DEFAULT.to_owned());
        let notify = NotifyRules::parse(&notify).map_err(|wrong| reader.wrong.push(format!("NOTIFY: {wrong}")));
        let minutes = reader.optional("STUCK_AFTER_MINUTES").unwrap_or_else(|| "60".to_owned());
        let minutes = minutes.parse::<u32>().ok().filter(|minutes| (1..=10_080).contains(minutes));
        if minutes.is_none() {
            reader.wrong.push("STUCK_AFTER_MINUTES must be a whole number from 1 to 10080 (a week)".to_owned());
        }
        let rules = SourceRules::parse(&reader.optional("ENVIRONMENT_RULES").unwrap_or_default());
        let rules = rules.map_err(|wrong| reader.wrong.push(format!("ENVIRONMENT_RULES: {wrong}")));
        let webhook_secret_id = reader.optional("WEBHOOK_SECRET_ID");
        let (subjects, log_level) = (reader.subjects(), reader.log_level());
        let (Ok(notify), Some(minutes), Ok(rules)) = (notify, minutes, rules) else {
            return Err(WrongSettings(reader.wrong));
        };
        let stuck_after = Duration::from_secs(u64::from(minutes) * 60);
        let processing = Processing { notify, stuck_after, rules, subjects, allow_unsigned: false };
        reader.finish(Self { tables, retention, namespace, topic_arn, webhook_secret_id, processing, log_level })
    }
}

impl StatusQuerySettings {
    /// Reads the settings; `variable` gives an environment variable's value.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, WrongSettings> {
        let mut reader = Reader { variable, wrong: Vec::new() };
        let (tables, retention) = (reader.tables(), reader.retention());
        let (subjects, log_level) = (reader.subjects(), reader.log_level());
        reader.finish(Self { tables, retention, subjects, log_level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let wrong = EventProcessorSettings::read(|name| {
            let value = match name {
                "TOPIC_ARN" => "topic",
                "NOTIFY" => "production:EXPLODED",
                "STUCK_AFTER_MINUTES" => "0",
                "HISTORY_RETENTION_DAYS" => "-1",
                "ENVIRONMENT_RULES" => r#"[{"name": "clusters", "source": "aws.ecs"}]"#,
                "JWT_SUBJECTS" => "repo with spaces",
                "LOG_LEVEL" => "loud",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let text = wrong.unwrap_err().to_string();
        assert!(text.contains("rule 1 (clusters)"), "{text}");
        for name in
            EVENT_PROCESSOR_VARIABLES.iter().filter(|name| !["METRICS_NAMESPACE", "WEBHOOK_SECRET_ID"].contains(name))
        {
            assert!(text.contains(name), "{name} is missing in: {text}");
        }
    }

    #[test]
    fn both_functions_keep_history_for_ever_or_for_whole_days() {
        let read = |days: Option<&str>| {
            let variable = |name: &str| match name {
                "HISTORY_TABLE" | "STATE_TABLE" => Some(name.to_owned()),
                "TOPIC_ARN" => Some("arn:aws:sns:eu-west-1:1:t".to_owned()),
                "HISTORY_RETENTION_DAYS" => days.map(str::to_owned),
                _ => None,
            };
            let processor = EventProcessorSettings::read(variable).map(|settings| settings.retention);
            assert_eq!(processor, StatusQuerySettings::read(variable).map(|settings| settings.retention), "{days:?}");
            processor
        };
        for forever in [None, Some(""), Some("0")] {
            assert_eq!(read(forever), Ok(Retention::FOREVER), "{forever:?}");
        }
        for days in [1, 90, 36_500] {
            assert_eq!(read(Some(&days.to_string())).ok(), Retention::of_days(days), "{days}");
        }
        for wrong in ["36501", "-1", "1.5", "30d", " 30", "ever"] {
            let said = read(Some(wrong)).unwrap_err().to_string();
            assert!(said.contains("HISTORY_RETENTION_DAYS must be a whole number from 1 to 36500"), "{wrong}: {said}");
        }
    }
}
