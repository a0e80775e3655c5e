//! The function's settings, from environment variables.

use domain::Retention;
use lambda::settings::{Variables, WrongSettings};

/// Every variable.
pub const VARIABLES: [&str; 7] = [
    "HISTORY_TABLE",
    "ANCHORS_BUCKET",
    "SIGNING_KEY_ID",
    "METRICS_NAMESPACE",
    "TOPIC_ARN",
    "HISTORY_RETENTION_DAYS",
    "LOG_LEVEL",
];

/// The settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the history table.
    pub history: String,
    /// The bucket that anchors are put into.
    pub bucket: String,
    /// The key in KMS that signs them.
    pub key_id: String,
    /// The namespace of metrics.
    pub namespace: String,
    /// The topic of notifications.
    pub topic_arn: String,
    /// How long history is kept: what is removed by age is no modification.
    pub retention: Retention,
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
        let history = variables.required("HISTORY_TABLE", "the name of the history table");
        let bucket = variables.required("ANCHORS_BUCKET", "the bucket that anchors are put into");
        let key_id = variables.required("SIGNING_KEY_ID", "the key in KMS that signs anchors");
        let namespace = variables.required("METRICS_NAMESPACE", "the namespace of metrics");
        let topic_arn = variables.required("TOPIC_ARN", "the topic that notifications go to");
        if !topic_arn.is_empty() && !topic_arn.starts_with("arn:") {
            variables.wrong("TOPIC_ARN must be an ARN");
        }
        let (retention, log_level) = (variables.retention(), variables.log_level());
        variables.finish(Self { history, bucket, key_id, namespace, topic_arn, retention, log_level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let wrong = Settings::read(|name| match name {
            "HISTORY_RETENTION_DAYS" => Some("-1".to_owned()),
            "LOG_LEVEL" => Some("loud".to_owned()),
            _ => None,
        });
        let text = wrong.unwrap_err().to_string();
        for name in VARIABLES {
            assert!(text.contains(name), "{name} is missing in: {text}");
        }
        let right = Settings::read(|name| match name {
            "TOPIC_ARN" => Some("arn:aws:sns:eu-central-1:123456789012:t".to_owned()),
            "HISTORY_RETENTION_DAYS" | "LOG_LEVEL" => None,
            name => Some(name.to_lowercase()),
        });
        assert_eq!(right.unwrap().bucket, "anchors_bucket");
    }
}
