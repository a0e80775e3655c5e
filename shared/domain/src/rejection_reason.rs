//! Why an event that came through the queue is not recorded.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an event was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum RejectionReason {
    /// It could not be read, or there was no room for it.
    Invalid,
    /// Its id was used with other content.
    Conflict,
    /// Its sender has no permission for it.
    Forbidden,
    /// What is stored is neither: another version of this program wrote it. It is kept as it is.
    Unknown(String),
}

impl RejectionReason {
    /// As it is stored and answered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::Forbidden => "forbidden",
            Self::Unknown(text) => text,
        }
    }
}

impl From<String> for RejectionReason {
    fn from(text: String) -> Self {
        let known = [Self::Invalid, Self::Conflict, Self::Forbidden].into_iter().find(|reason| reason.as_str() == text);
        known.unwrap_or(Self::Unknown(text))
    }
}

impl From<RejectionReason> for String {
    fn from(reason: RejectionReason) -> Self {
        reason.as_str().to_owned()
    }
}

impl fmt::Display for RejectionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_stored_as_its_name_and_one_that_is_not_known_is_kept() {
        for (text, reason) in [
            ("invalid", RejectionReason::Invalid),
            ("conflict", RejectionReason::Conflict),
            ("forbidden", RejectionReason::Forbidden),
            ("Invalid", RejectionReason::Unknown("Invalid".to_owned())),
            ("", RejectionReason::Unknown(String::new())),
        ] {
            let json = serde_json::Value::from(text);
            assert_eq!(serde_json::from_value::<RejectionReason>(json.clone()).unwrap(), reason);
            assert_eq!(serde_json::to_value(&reason).unwrap(), json);
        }
    }
}
