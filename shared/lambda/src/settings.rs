//! Settings from environment variables, checked all at once: a function with a wrong setting does not
//! start, and says everything that is wrong with it. Which settings there are, each function says.

use std::time::Duration;

use api::TokenSubjects;
use domain::Retention;

/// All that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("wrong settings: {}", .0.join("; "))]
pub struct WrongSettings(pub Vec<String>);

/// Reads settings from environment variables, and keeps all that is wrong with them.
#[derive(Debug)]
pub struct Variables<V> {
    variable: V,
    wrong: Vec<String>,
}

impl<V: Fn(&str) -> Option<String>> Variables<V> {
    /// Reads with `variable`, which gives an environment variable's value.
    #[must_use]
    pub fn new(variable: V) -> Self {
        Self { variable, wrong: Vec::new() }
    }

    /// Notes something that is wrong.
    pub fn wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(what.into());
    }

    /// The value of a variable that may be missing or empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// The value of a variable that must be there; `what` says what it is.
    pub fn required(&mut self, name: &str, what: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.wrong.push(format!("{name} is required: {what}"));
            String::new()
        })
    }

    /// The names of the history table and of the state table.
    pub fn tables(&mut self) -> (String, String) {
        let history = self.required("HISTORY_TABLE", "the name of the history table");
        (history, self.required("STATE_TABLE", "the name of the state table"))
    }

    /// How long history is kept.
    pub fn retention(&mut self) -> Retention {
        let days = self.optional("HISTORY_RETENTION_DAYS").unwrap_or_else(|| "0".to_owned());
        days.parse().ok().and_then(Retention::of_days).unwrap_or_else(|| {
            let wrong = "HISTORY_RETENTION_DAYS must be a whole number from 1 to 36500 (a hundred years), or 0 to keep \
                         history for ever";
            self.wrong.push(wrong.to_owned());
            Retention::FOREVER
        })
    }

    /// After how long without news a deployment that has not ended is stuck: an hour where nothing is said.
    pub fn stuck_after(&mut self) -> Duration {
        let minutes = self.optional("STUCK_AFTER_MINUTES").unwrap_or_else(|| "60".to_owned());
        let minutes = minutes.parse::<u32>().ok().filter(|minutes| (1..=10_080).contains(minutes));
        let minutes = minutes.unwrap_or_else(|| {
            self.wrong.push("STUCK_AFTER_MINUTES must be a whole number from 1 to 10080 (a week)".to_owned());
            60
        });
        Duration::from_secs(u64::from(minutes) * 60)
    }

    /// Whose tokens are accepted.
    pub fn subjects(&mut self) -> TokenSubjects {
        let patterns = self.optional("JWT_SUBJECTS").unwrap_or_default();
        TokenSubjects::parse(&patterns).unwrap_or_else(|wrong| {
            self.wrong.push(format!("JWT_SUBJECTS: {wrong}"));
            TokenSubjects::default()
        })
    }

    /// How much is logged.
    pub fn log_level(&mut self) -> String {
        let level = self.optional("LOG_LEVEL").unwrap_or_else(|| "info".to_owned()).to_lowercase();
        if !["error", "warn", "info", "debug"].contains(&level.as_str()) {
            self.wrong.push("LOG_LEVEL must be error, warn, info or debug".to_owned());
        }
        level
    }

    /// All that is wrong, for settings that can't even be put together.
    #[must_use]
    pub fn refuse(self) -> WrongSettings {
        WrongSettings(self.wrong)
    }

    /// The settings, when nothing was wrong.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn finish<T>(self, settings: T) -> Result<T, WrongSettings> {
        if self.wrong.is_empty() { Ok(settings) } else { Err(WrongSettings(self.wrong)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_kept_for_ever_or_for_whole_days() {
        let read = |days: Option<&str>| {
            let mut variables = Variables::new(|_: &str| days.map(str::to_owned));
            let retention = variables.retention();
            variables.finish(retention)
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
