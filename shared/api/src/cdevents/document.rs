//! The shape of a CDEvent, as far as we give them out.

use serde::Serialize;

use crate::RecordedEvent;

/// A CDEvent, with the recorded event that it was made from.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CDEvent")]
pub struct CdEvent {
    /// Identifies the event.
    pub context: Context,
    /// The subject of the event.
    pub subject: Subject,
    /// The entry of the audit trail that it was made from.
    pub custom_data: RecordedEvent,
    /// `application/json`.
    pub custom_data_content_type: String,
}

/// Identifies a CDEvent.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CDEventContext")]
pub struct Context {
    /// The release of the specification.
    pub specversion: String,
    /// The id: the hash of the recorded event, and the type. It is the same at every request.
    pub id: String,
    /// The source of the event; a URI reference.
    pub source: String,
    /// `dev.cdevents.<subject>.<predicate>.<version>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened; RFC 3339.
    pub timestamp: String,
}

/// The subject of a CDEvent.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CDEventSubject")]
pub struct Subject {
    /// The deployment's id for a run, the name for a service.
    pub id: String,
    /// The fields of the subject.
    pub content: Content,
}

/// The fields of a subject that its type allows.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
#[schemars(rename = "CDEventContent")]
pub enum Content {
    /// `pipelinerun.finished`.
    Finished {
        /// The service that it deploys.
        #[serde(skip_serializing_if = "Option::is_none")]
        pipeline_name: Option<String>,
        /// The address of the deployment in this API.
        #[serde(skip_serializing_if = "Option::is_none")]
        uri: Option<String>,
        /// The outcome.
        outcome: Outcome,
        /// What went wrong.
        #[serde(skip_serializing_if = "Option::is_none")]
        errors: Option<String>,
    },
    /// `pipelinerun.started`.
    Started {
        /// The service that it deploys.
        pipeline_name: String,
        /// The address of the deployment in this API.
        uri: String,
    },
    /// `taskrun.finished`.
    TaskFinished {
        /// The stage.
        #[serde(skip_serializing_if = "Option::is_none")]
        task_name: Option<String>,
        /// The deployment.
        pipeline_run: Reference,
        /// The outcome.
        outcome: Outcome,
        /// What went wrong.
        #[serde(skip_serializing_if = "Option::is_none")]
        errors: Option<String>,
    },
    /// `taskrun.started`.
    TaskStarted {
        /// The stage.
        #[serde(skip_serializing_if = "Option::is_none")]
        task_name: Option<String>,
        /// The deployment.
        pipeline_run: Reference,
    },
    /// `service.deployed`, `service.rolledback`, `service.removed`.
    Service {
        /// The environment.
        environment: Reference,
        /// The live version as a package URL; absent when nothing is live.
        #[serde(skip_serializing_if = "Option::is_none")]
        artifact_id: Option<String>,
    },
    /// `pipelinerun.queued`.
    Queued {
        /// The service that it deploys.
        #[serde(skip_serializing_if = "Option::is_none")]
        pipeline_name: Option<String>,
        /// The address of the deployment in this API.
        #[serde(skip_serializing_if = "Option::is_none")]
        uri: Option<String>,
    },
}

/// A reference to another subject.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CDEventReference")]
pub struct Reference {
    /// Its id.
    pub id: String,
}

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CDEventOutcome")]
pub enum Outcome {
    /// It succeeded.
    Success,
    /// It failed or was rolled back.
    Failure,
    /// It was cancelled.
    Cancel,
}
