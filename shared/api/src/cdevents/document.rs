//! The shape of a CDEvent, as far as we give them out.

use serde::Serialize;

use crate::RecordedEvent;

/// A CDEvent: what happened to what, and the record that says so.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CDEvent")]
pub struct CdEvent {
    /// Which occurrence this is.
    pub context: Context,
    /// What it happened to.
    pub subject: Subject,
    /// The entry of the audit trail that it was made from, so that nothing is lost.
    pub custom_data: RecordedEvent,
    /// `application/json`.
    pub custom_data_content_type: String,
}

/// Which occurrence a CDEvent is about.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CDEventContext")]
pub struct Context {
    /// The release of the specification.
    pub specversion: String,
    /// Its id: the hash of the record, and the type of the event. It is the same at every request.
    pub id: String,
    /// Who sends it; a URI reference.
    pub source: String,
    /// `dev.cdevents.<subject>.<predicate>.<version>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened; RFC 3339.
    pub timestamp: String,
}

/// What a CDEvent happened to.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CDEventSubject")]
pub struct Subject {
    /// Of a run the deployment's id, of a service its name.
    pub id: String,
    /// What is said of it.
    pub content: Content,
}

/// What is said of a subject: the fields that its type allows, and no others.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
#[schemars(rename = "CDEventContent")]
pub enum Content {
    /// `pipelinerun.finished`.
    Finished {
        /// The service that it deploys.
        #[serde(skip_serializing_if = "Option::is_none")]
        pipeline_name: Option<String>,
        /// Where the deployment can be looked up.
        #[serde(skip_serializing_if = "Option::is_none")]
        uri: Option<String>,
        /// How it went.
        outcome: Outcome,
        /// What went wrong.
        #[serde(skip_serializing_if = "Option::is_none")]
        errors: Option<String>,
    },
    /// `pipelinerun.started`.
    Started {
        /// The service that it deploys.
        pipeline_name: String,
        /// Where the deployment can be looked up.
        uri: String,
    },
    /// `taskrun.finished`.
    TaskFinished {
        /// The stage.
        #[serde(skip_serializing_if = "Option::is_none")]
        task_name: Option<String>,
        /// The deployment.
        pipeline_run: Reference,
        /// How it went.
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
        /// Where.
        environment: Reference,
        /// What runs there now, as a package URL; absent when nothing does.
        #[serde(skip_serializing_if = "Option::is_none")]
        artifact_id: Option<String>,
    },
    /// `pipelinerun.queued`.
    Queued {
        /// The service that it deploys.
        #[serde(skip_serializing_if = "Option::is_none")]
        pipeline_name: Option<String>,
        /// Where the deployment can be looked up.
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

/// How a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CDEventOutcome")]
pub enum Outcome {
    /// It did what it was to do.
    Success,
    /// It did not, or it was undone.
    Failure,
    /// It was given up from outside.
    Cancel,
}
