//! Contradictions in the events of a deployment.

use serde::{Deserialize, Serialize};

/// A contradiction in the events of a deployment. It is shown, and never resolved silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Flag {
    /// Its events name different services; the earliest counts.
    ServiceDisagrees,
    /// Its events name different environments; the earliest counts.
    EnvironmentDisagrees,
    /// Its events name different versions; the earliest counts.
    VersionDisagrees,
    /// A sender's clock is wrong: it finished before it started, and the duration is not known; or something
    /// was to happen more than 5 seconds after it was received, and counts as of its receipt.
    ClockSkew,
    /// No event names its service or its environment yet.
    PlaceUnknown,
    /// It has more stages than the summary keeps; the events have all of them.
    StagesTruncated,
    /// It has more metadata than the summary keeps; the events have all of it.
    MetadataTruncated,
    /// It has more links than the summary keeps; the events have all of them.
    LinksTruncated,
    /// Its events come from different kinds of producers: a tool and a caller of the API, for example.
    ProducerDisagrees,
}

impl Flag {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceDisagrees => "SERVICE_DISAGREES",
            Self::EnvironmentDisagrees => "ENVIRONMENT_DISAGREES",
            Self::VersionDisagrees => "VERSION_DISAGREES",
            Self::ClockSkew => "CLOCK_SKEW",
            Self::PlaceUnknown => "PLACE_UNKNOWN",
            Self::StagesTruncated => "STAGES_TRUNCATED",
            Self::MetadataTruncated => "METADATA_TRUNCATED",
            Self::LinksTruncated => "LINKS_TRUNCATED",
            Self::ProducerDisagrees => "PRODUCER_DISAGREES",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_called_as_it_stands_in_json() {
        for flag in [
            Flag::ServiceDisagrees,
            Flag::EnvironmentDisagrees,
            Flag::VersionDisagrees,
            Flag::ClockSkew,
            Flag::PlaceUnknown,
            Flag::StagesTruncated,
            Flag::MetadataTruncated,
            Flag::LinksTruncated,
            Flag::ProducerDisagrees,
        ] {
            assert_eq!(serde_json::to_value(flag).unwrap(), flag.as_str());
        }
    }
}
