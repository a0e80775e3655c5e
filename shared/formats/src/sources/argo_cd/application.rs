//! What is read of an Argo CD `Application`. Documented in Argo CD's "Application Specification
//! Reference", and in the descriptions of its custom resource definition.

use domain::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
pub(super) struct Application {
    pub(super) kind: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) spec: Option<Spec>,
    pub(super) status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) uid: Option<String>,
    pub(super) deletion_timestamp: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
pub(super) struct Spec {
    pub(super) project: Option<String>,
    pub(super) destination: Option<Destination>,
    source: Option<Source>,
    sources: Option<Vec<Source>>,
}

/// Where the application is deployed: a cluster, by address or by name, and a namespace of it.
#[derive(Deserialize)]
pub(super) struct Destination {
    pub(super) server: Option<String>,
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Source {
    #[serde(rename = "repoURL")]
    pub(super) repository: Option<String>,
    pub(super) chart: Option<String>,
    path: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) health: Option<Health>,
    pub(super) operation_state: Option<OperationState>,
    pub(super) reconciled_at: Option<Timestamp>,
    pub(super) summary: Option<Summary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    pub(super) status: Option<HealthStatus>,
    pub(super) message: Option<String>,
    pub(super) last_transition_time: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum HealthStatus {
    Healthy,
    Progressing,
    Suspended,
    Degraded,
    Missing,
    Unknown,
}

/// The last operation, under way or ended.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OperationState {
    pub(super) phase: Phase,
    pub(super) message: Option<String>,
    pub(super) started_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) operation: Option<Operation>,
    sync_result: Option<Sync>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Phase {
    Running,
    Terminating,
    Succeeded,
    Failed,
    Error,
}

/// What was requested.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) initiated_by: Option<Initiator>,
    pub(super) sync: Option<Sync>,
}

#[derive(Deserialize)]
pub(super) struct Initiator {
    pub(super) username: Option<String>,
    pub(super) automated: Option<bool>,
}

/// What is to be synced, and what was: the same fields say both.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sync {
    revision: Option<String>,
    revisions: Option<Vec<String>>,
    pub(super) source: Option<Source>,
    pub(super) sources: Option<Vec<Source>>,
    pub(super) dry_run: Option<bool>,
    pub(super) resources: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
pub(super) struct Summary {
    pub(super) images: Option<Vec<String>>,
}

impl Source {
    /// Whether it only lends files to another source: it has a name and makes no resources.
    fn lends_files(&self) -> bool {
        let none = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
        !none(&self.reference) && none(&self.path) && none(&self.chart)
    }
}

impl Spec {
    /// The source that makes resources, if there is one and only one.
    pub(super) fn source(&self) -> Option<&Source> {
        let several = self.sources.as_deref().unwrap_or_default();
        if several.is_empty() { self.source.as_ref() } else { only(several.iter().filter(|one| !one.lends_files())) }
    }
}

impl OperationState {
    /// The revision that the operation deploys: as its result says, else as it was requested, when
    /// that is exact already. None where several sources make resources: no one revision says what
    /// is deployed then.
    pub(super) fn revision(&self, spec: Option<&Spec>) -> Option<&str> {
        let sources = spec.and_then(|spec| spec.sources.as_deref()).unwrap_or_default();
        if let Some(sync) = self.sync_result.as_ref().filter(|sync| sync.has_revision()) {
            return sync.only_revision(sources);
        }
        let operation = self.operation.as_ref()?;
        let automated = operation.initiated_by.as_ref().is_some_and(|by| by.automated == Some(true));
        // A person may request a branch or a range of versions; Argo CD itself requests what it found.
        operation.sync.as_ref()?.only_revision(sources).filter(|revision| automated || is_commit(revision))
    }
}

impl Sync {
    fn has_revision(&self) -> bool {
        self.revision.as_ref().is_some_and(|text| !text.is_empty()) || self.revisions.is_some()
    }

    /// The revision of the source that makes resources; of `sources`, where it names none itself.
    fn only_revision(&self, sources: &[Source]) -> Option<&str> {
        let revisions = self.revisions.as_deref().unwrap_or_default();
        let several = self.sources.as_deref().filter(|own| !own.is_empty()).unwrap_or(sources);
        let one = if revisions.is_empty() {
            self.revision.as_deref()
        } else if several.len() == revisions.len() {
            let paired = several.iter().zip(revisions).filter(|(source, _)| !source.lends_files());
            only(paired.map(|(_, revision)| revision.as_str()))
        } else {
            only(revisions.iter().map(String::as_str))
        };
        one.filter(|revision| !revision.is_empty())
    }
}

/// Whether a revision is the SHA of a Git commit.
pub(super) fn is_commit(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    if all.next().is_some() { None } else { first }
}
