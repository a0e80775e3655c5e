//! What is read of a `PipelineRun` or a `TaskRun`.

use std::collections::BTreeMap;

use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct Run {
    pub(super) metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: RunStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) uid: Option<String>,
    labels: Option<BTreeMap<String, Option<String>>>,
    owner_references: Option<Vec<Owner>>,
}

#[derive(Deserialize)]
struct Owner {
    kind: Option<String>,
    name: String,
    uid: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    params: Option<Vec<Parameter>>,
    pipeline_ref: Option<Reference>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    /// A text, an array or an object.
    value: Option<Value>,
}

#[derive(Deserialize)]
struct Reference {
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunStatus {
    conditions: Option<Vec<Condition>>,
    start_time: Option<Timestamp>,
    completion_time: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    name: String,
    status: String,
    reason: Option<String>,
    message: Option<String>,
    last_transition_time: Option<Timestamp>,
}

impl Run {
    /// How it stands.
    pub(super) fn status(&self) -> Result<Status, Vec<FieldError>> {
        let Some(condition) = self.condition() else {
            if self.status.completion_time.is_some() {
                let detail = "is required of a run that has ended: the condition Succeeded";
                return Err(vec![FieldError::new("status.conditions", detail)]);
            }
            let waits = self.status.start_time.is_none();
            return Ok(if waits { Status::Pending } else { Status::InProgress });
        };
        let reason = condition.reason.as_deref().unwrap_or_default();
        match condition.status.as_str() {
            "True" => Ok(Status::Completed),
            // Cancelled, PipelineRunCancelled, CancelledRunFinally, TaskRunCancelled, StoppedRunFinally.
            "False" if reason.contains("Cancelled") || reason.contains("Stopped") => Ok(Status::Cancelled),
            "False" => Ok(Status::Failed),
            "Unknown" if reason.ends_with("Pending") || self.spec.status.as_deref() == Some("PipelineRunPending") => {
                Ok(Status::Pending)
            }
            "Unknown" => Ok(Status::InProgress),
            other => {
                let detail = format!("{other:?} is no status of a condition: True, False or Unknown");
                Err(vec![FieldError::new("status.conditions", detail)])
            }
        }
    }

    fn condition(&self) -> Option<&Condition> {
        self.status.conditions.iter().flatten().find(|condition| condition.name == "Succeeded")
    }

    /// When it came to stand so, where it says so, and in which field.
    pub(super) fn came_to_stand_so(&self, status: Status) -> Option<(&'static str, Timestamp)> {
        let ended = self.status.completion_time.filter(|_| status.is_terminal());
        let changed = || self.condition()?.last_transition_time.map(|time| ("status.conditions", time));
        let began = || self.status.start_time.map(|time| ("status.startTime", time));
        ended.map(|time| ("status.completionTime", time)).or_else(changed).or_else(began)
    }

    /// From its start to its end, in seconds.
    pub(super) fn duration(&self) -> Option<f64> {
        let (start, end) = self.status.start_time.zip(self.status.completion_time)?;
        Some(end.seconds_since(start)).filter(|seconds| *seconds >= 0.0)
    }

    /// The reason and the message of how it stands.
    pub(super) fn explained(&self) -> (Option<&str>, Option<&str>) {
        let Some(condition) = self.condition() else { return (None, None) };
        let (reason, message) = (condition.reason.as_deref(), condition.message.as_deref());
        (reason.filter(|text| !text.is_empty()), message.filter(|text| !text.is_empty()))
    }

    /// The name and the uid of the pipeline run that a task run belongs to.
    pub(super) fn owner(&self) -> Option<(&str, Option<&str>)> {
        let mut owners = self.metadata.owner_references.iter().flatten();
        let owner = owners.find(|owner| owner.kind.as_deref() == Some("PipelineRun"));
        let by_label = || Some((self.label("tekton.dev/pipelineRun")?, self.label("tekton.dev/pipelineRunUID")));
        owner.map(|owner| (owner.name.as_str(), owner.uid.as_deref())).or_else(by_label)
    }

    /// The pipeline, where it has a name.
    pub(super) fn pipeline(&self) -> Option<&str> {
        let referred = self.spec.pipeline_ref.as_ref().and_then(|pipeline| pipeline.name.as_deref());
        self.label("tekton.dev/pipeline").or(referred).filter(|name| !name.is_empty())
    }

    /// A label, by its whole name.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.metadata.labels.as_ref()?.get(name)?.as_deref().filter(|text| !text.is_empty())
    }

    /// The text of the first of these parameters that is given; `_` in a name is as good as `-`.
    pub(super) fn parameter(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let mut given = self.spec.params.iter().flatten();
            let given = given.find(|given| given.name.to_ascii_lowercase().replace('_', "-") == *name)?;
            given.value.as_ref()?.as_str().filter(|text| !text.is_empty())
        })
    }

    /// What a parameter, or else a label, of one of these names says.
    pub(super) fn called(&self, names: &[&str]) -> Option<&str> {
        self.parameter(names).or_else(|| names.iter().find_map(|name| self.label(name)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_stands_as_its_condition_says_and_a_missing_result_is_no_success() {
        let of = |status: Value| {
            let run: Run = serde_json::from_value(json!({"metadata": {"name": "r"}, "status": status})).unwrap();
            run.status().map_err(|errors| errors[0].field.clone())
        };
        let with = |status: &str, reason: &str| json!({"conditions": [{"type": "Succeeded", "status": status, "reason": reason}]});
        for (status, expected) in [
            (json!({}), Ok(Status::Pending)),
            (json!({"startTime": "2026-02-20T09:00:00Z"}), Ok(Status::InProgress)),
            (with("Unknown", "PipelineRunPending"), Ok(Status::Pending)),
            (with("Unknown", "Started"), Ok(Status::InProgress)),
            (with("Unknown", "Running"), Ok(Status::InProgress)),
            (with("True", "Succeeded"), Ok(Status::Completed)),
            (with("True", "Completed"), Ok(Status::Completed)),
            (with("False", "Failed"), Ok(Status::Failed)),
            (with("False", "PipelineRunTimeout"), Ok(Status::Failed)),
            (with("False", "Cancelled"), Ok(Status::Cancelled)),
            (with("False", "CancelledRunFinally"), Ok(Status::Cancelled)),
            (with("False", "TaskRunCancelled"), Ok(Status::Cancelled)),
            (with("Perhaps", ""), Err("status.conditions".to_owned())),
            (json!({"completionTime": "2026-02-20T09:00:00Z"}), Err("status.conditions".to_owned())),
        ] {
            assert_eq!(of(status.clone()), expected, "{status}");
        }
    }
}
