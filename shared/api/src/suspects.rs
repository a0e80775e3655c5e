//! What a question for the cause of something answers.

use std::collections::BTreeMap;

use domain::questions::suspects;
use domain::{Environment, Region, Service, Timestamp};
use serde::{Deserialize, Serialize};

/// What changed before something went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspects {
    /// The service that went wrong, by the name that the settings have.
    #[schemars(with = "String")]
    pub service: Service,
    /// The environments in which changes were looked for.
    #[schemars(with = "Vec<String>")]
    pub environments: Vec<Environment>,
    /// Changes after this time were looked for; RFC 3339.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// Changes up to this time were looked for: when it went wrong; RFC 3339.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The number of the version of the settings that say what depends on what; 0 where none was ever applied.
    pub settings: u64,
    /// What changed, the likeliest cause first.
    pub items: Vec<Suspect>,
    /// The `cursor` of the next page; absent on the last page only.
    pub next_cursor: Option<String>,
}

/// A change that may be the cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspect {
    /// The deployment.
    pub deployment_id: String,
    /// Its service.
    #[schemars(with = "String")]
    pub service: Service,
    /// Its environment.
    #[schemars(with = "String")]
    pub environment: Environment,
    /// Its region, where it names one.
    #[schemars(with = "Option<String>")]
    pub region: Option<Region>,
    /// Its version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// When it landed last within the window; RFC 3339; null where it had not, and was under way at its end.
    #[schemars(with = "Option<String>")]
    pub landed_at: Option<Timestamp>,
    /// How likely it is, among the suspects of one question: 100 to 390. It is no probability.
    pub score: u32,
    /// What the score is made of, in words.
    pub reasons: Vec<String>,
    /// Named https links of the deployment.
    pub links: BTreeMap<String, String>,
}

impl From<suspects::Suspect> for Suspect {
    fn from(suspects::Suspect { changed, score, reasons }: suspects::Suspect) -> Self {
        let suspects::Changed { place, summary, landed, .. } = changed;
        Self {
            deployment_id: summary.deployment_id.to_string(),
            service: place.service,
            environment: place.environment,
            region: summary.region(),
            version: summary.version().map(String::from),
            commit: summary.commit().map(String::from),
            landed_at: landed.map(|entry| entry.at),
            score,
            reasons,
            links: summary.latest.links(),
        }
    }
}
