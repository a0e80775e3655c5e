//! Notes of what people were told of verdicts, of what was suggested to whoever puts versions back, and of what is to be
//! looked at again.

use domain::follows::judged::{LookAgain, Noted};
use domain::follows::notifications::Transition;
use domain::follows::suggested::KeptSuggestion;
use domain::live::Place;
use domain::{DeploymentId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::keys::{look_again_key, noted_key, suggested_key, told_key};

/// The note that people were told of a verdict, as it is stored for as long as the deployment's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldItem {
    pk: String,
    sk: String,
    /// The record that brought it; empty where it was a look.
    pub record: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl ToldItem {
    /// The note that this was told of a deployment.
    #[must_use]
    pub fn of(id: &DeploymentId, news: Transition, record: &str, at: Timestamp) -> Self {
        let key = told_key(id, news);
        Self { pk: key.partition, sk: key.sort, record: record.to_owned(), at: at.millis() }
    }
}

/// What was suggested to whoever puts versions back, as it is stored for as long as the deployment's state: before it is
/// sent, and again once it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuggestedItem {
    pk: String,
    sk: String,
    /// What is kept.
    #[serde(flatten)]
    pub kept: KeptSuggestion,
}

impl SuggestedItem {
    /// The item of a suggestion.
    #[must_use]
    pub fn of(kept: KeptSuggestion) -> Self {
        let key = suggested_key(&kept.detail.deployment_id);
        Self { pk: key.partition, sk: key.sort, kept }
    }
}

/// The note of what speaks against what runs, as it is stored until nothing does, or until it can't run any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotedItem {
    pk: String,
    sk: String,
    /// Of which deployment.
    pub id: DeploymentId,
    /// What speaks against it.
    pub verdict: Noted,
}

impl NotedItem {
    /// The note that this speaks against a deployment that landed in a place.
    #[must_use]
    pub fn of(place: &Place, id: &DeploymentId, verdict: Noted) -> Self {
        let key = noted_key(place, id);
        Self { pk: key.partition, sk: key.sort, id: id.clone(), verdict }
    }
}

/// The note that something is to be looked at again, as it is stored until it was, or until it is too old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookAgainItem {
    pk: String,
    sk: String,
    /// What is looked at.
    #[serde(flatten)]
    pub look: LookAgain,
}

impl LookAgainItem {
    /// The item of a note.
    #[must_use]
    pub fn of(look: LookAgain) -> Self {
        let key = look_again_key(&look);
        Self { pk: key.partition, sk: key.sort, look }
    }
}
