//! The words of pipeline logs: what an `event_type` and a `status` mean, alone and together.

use domain::{FieldError, Status};
use serde::Deserialize;

use super::checks::check;

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Topic {
    Deployment,
    Stage,
    /// A rollback that has not changed what runs.
    Rollback,
    /// A health check, a test or a shift of traffic: the stage that it is.
    Check(String),
}

/// How something stands, in the words of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct StatusWord(Status);

impl TryFrom<String> for StatusWord {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let status = match normal(&text).as_str() {
            "pending" | "queued" | "created" => Status::Pending,
            "in_progress" | "started" | "running" | "deploying" => Status::InProgress,
            "validating" | "verifying" => Status::Validating,
            "success" | "succeeded" | "successful" | "complete" | "completed" | "passed" | "healthy" => {
                Status::Completed
            }
            "failed" | "failure" | "error" | "unhealthy" => Status::Failed,
            "rolled_back" => Status::RolledBack,
            "cancelled" | "canceled" | "aborted" | "skipped" => Status::Cancelled,
            _ => {
                return Err(format!(
                    "{text:?} is not known; known are pending, in_progress, validating, success, failed, \
                     rolled_back and cancelled"
                ));
            }
        };
        Ok(Self(status))
    }
}

impl StatusWord {
    /// How something went that went well or not.
    pub(super) fn of(well: bool) -> Self {
        Self(if well { Status::Completed } else { Status::Failed })
    }

    /// How a shift of traffic stands that has shifted all of it or not.
    pub(super) fn of_share(all: bool) -> Self {
        Self(if all { Status::Completed } else { Status::InProgress })
    }

    /// Whether it says otherwise than that something went well or not.
    pub(super) fn contradicts(self, well: bool) -> bool {
        match self.0 {
            Status::Completed => !well,
            Status::Failed | Status::Cancelled => well,
            _ => false,
        }
    }
}

/// What an `event_type` means by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meaning {
    topic: Topic,
    verb: Verb,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// This and nothing else.
    Is(Status),
    /// It ended: well, unless the status says otherwise.
    Completed,
    /// Nothing; only the status says how it stands.
    Finished,
}

impl Verb {
    /// What a word says of what it follows; nothing when it is not known.
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "created" | "queued" | "pending" => Self::Is(Status::Pending),
            "start" | "started" | "initiated" | "in_progress" | "progress" => Self::Is(Status::InProgress),
            "validating" => Self::Is(Status::Validating),
            "complete" | "completed" => Self::Completed,
            "success" | "succeeded" => Self::Is(Status::Completed),
            "fail" | "failed" | "failure" | "error" => Self::Is(Status::Failed),
            "cancelled" | "canceled" | "aborted" => Self::Is(Status::Cancelled),
            "finish" | "finished" | "end" | "ended" | "status" => Self::Finished,
            _ => return None,
        })
    }
}

impl Meaning {
    /// Reads an `event_type`; nothing of what is not about deployments.
    ///
    /// # Errors
    /// A word about deployments that is not known: to ignore it could lose one.
    pub(super) fn of(event_type: &str) -> Result<Option<Self>, FieldError> {
        let unknown = || {
            let detail = format!(
                "{event_type:?} is not known; known are deployment, stage and rollback, each with _started, \
                 _completed, _failed, _cancelled or _finished, deployment_rolled_back, and deployment with a status"
            );
            Err(FieldError::new("event_type", detail))
        };
        let name = normal(event_type);
        if let Some((stage, verb)) = check(&name) {
            let verb = match verb.as_str() {
                "" => Some(Verb::Finished),
                "passed" | "healthy" => Some(Verb::Is(Status::Completed)),
                "unhealthy" | "timeout" | "timed_out" => Some(Verb::Is(Status::Failed)),
                "skipped" => Some(Verb::Is(Status::Cancelled)),
                verb => Verb::of(verb),
            };
            // How else a check can stand is not ours to know: it changes nothing of the deployment.
            return Ok(verb.map(|verb| Self { topic: Topic::Check(stage), verb }));
        }
        let (about, verb) = match name.as_str() {
            "deployment_rollback" | "deploy_rollback" => ("rollback", ""),
            name => name.split_once('_').unwrap_or((name, "")),
        };
        let topic = match about {
            "deployment" | "deploy" => Topic::Deployment,
            "stage" if !verb.is_empty() => Topic::Stage,
            "rollback" => Topic::Rollback,
            _ if name.contains("deploy") || (name.contains("roll") && name.contains("back")) => return unknown(),
            _ => return Ok(None),
        };
        let verb = match verb {
            "" if topic == Topic::Deployment => Verb::Finished,
            "" => Verb::Completed,
            "rolled_back" if topic == Topic::Deployment => Verb::Is(Status::RolledBack),
            verb => match Verb::of(verb) {
                Some(verb) => verb,
                None => return unknown(),
            },
        };
        Ok(Some(Self { topic, verb }))
    }

    /// Whether it is about a health check, a test or a shift of traffic.
    pub(super) fn is_check(&self) -> bool {
        matches!(self.topic, Topic::Check(_))
    }

    /// Whether it says of traffic only that it is shifted.
    pub(super) fn is_bare_traffic(&self) -> bool {
        self.verb == Verb::Finished && self.topic == Topic::Check("TRAFFIC".to_owned())
    }

    /// What it means together with the entry's `status`.
    ///
    /// # Errors
    /// When they contradict each other, or neither says how it ended.
    pub(super) fn with(self, status: Option<StatusWord>) -> Result<(Topic, Status), FieldError> {
        let wrong = |detail: String| Err(FieldError::new("status", detail));
        let stated = status.map(|StatusWord(status)| status);
        let status = match (self.verb, stated) {
            (Verb::Is(status), None) => status,
            (Verb::Is(status), Some(stated)) if stated == status => status,
            // A rollback that succeeded.
            (Verb::Is(Status::RolledBack), Some(Status::Completed)) => Status::RolledBack,
            (Verb::Completed, None) => Status::Completed,
            (Verb::Completed, Some(stated)) if stated.is_terminal() => stated,
            (Verb::Finished, Some(stated)) => stated,
            (Verb::Finished, None) => {
                return wrong(
                    "is required: event_type does not say how it stands, such as success or failed".to_owned(),
                );
            }
            (_, Some(stated)) => return wrong(format!("{stated} contradicts event_type; leave one of them out")),
        };
        Ok(match (self.topic, status) {
            (Topic::Rollback, Status::Completed | Status::RolledBack) => (Topic::Deployment, Status::RolledBack),
            (topic, status) => (topic, status),
        })
    }
}

/// In lower case, with underscores for other separators.
fn normal(word: &str) -> String {
    word.trim().to_ascii_lowercase().replace(['-', ' ', '.'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(event_type: &str, status: &str) -> Result<Option<(Topic, Status)>, String> {
        let word = (!status.is_empty()).then(|| StatusWord::try_from(status.to_owned())).transpose()?;
        let meaning = Meaning::of(event_type).map_err(|error| error.field)?;
        meaning.map(|meaning| meaning.with(word)).transpose().map_err(|error| error.field)
    }

    #[test]
    fn an_event_type_and_a_status_mean_one_thing_or_are_refused() {
        use Topic::{Deployment as D, Rollback as R, Stage as T};
        let check = |stage: &str| Topic::Check(stage.to_owned());
        for (event_type, status, expected) in [
            ("deployment_queued", "", Ok(Some((D, Status::Pending)))),
            ("deployment_start", "", Ok(Some((D, Status::InProgress)))),
            ("DEPLOYMENT-STARTED", "running", Ok(Some((D, Status::InProgress)))),
            ("deployment_complete", "", Ok(Some((D, Status::Completed)))),
            ("deployment_complete", "success", Ok(Some((D, Status::Completed)))),
            ("deployment_complete", "failed", Ok(Some((D, Status::Failed)))),
            ("deployment_complete", "running", Err("status".to_owned())),
            ("deployment_finished", "aborted", Ok(Some((D, Status::Cancelled)))),
            ("deployment_finished", "", Err("status".to_owned())),
            ("deployment_failed", "", Ok(Some((D, Status::Failed)))),
            ("deployment_failed", "success", Err("status".to_owned())),
            ("deployment_succeeded", "failed", Err("status".to_owned())),
            ("deployment_started", "failed", Err("status".to_owned())),
            ("deployment_rolled_back", "", Ok(Some((D, Status::RolledBack)))),
            ("deployment_rolled_back", "success", Ok(Some((D, Status::RolledBack)))),
            ("deployment_rolled_back", "failed", Err("status".to_owned())),
            ("deployment_rollback", "", Ok(Some((D, Status::RolledBack)))),
            ("deployment_rollback", "success", Ok(Some((D, Status::RolledBack)))),
            ("deployment_rollback", "failed", Ok(Some((R, Status::Failed)))),
            ("deployment", "failed", Ok(Some((D, Status::Failed)))),
            ("Deploy", "running", Ok(Some((D, Status::InProgress)))),
            ("deployment", "", Err("status".to_owned())),
            ("DeploymentComplete", "", Err("event_type".to_owned())),
            ("deploymentFailed", "failed", Err("event_type".to_owned())),
            ("rolled_back", "", Err("event_type".to_owned())),
            ("app_deployed", "success", Err("event_type".to_owned())),
            ("deployment_exploded", "", Err("event_type".to_owned())),
            ("rollback", "", Ok(Some((D, Status::RolledBack)))),
            ("rollback_completed", "success", Ok(Some((D, Status::RolledBack)))),
            ("rollback_started", "", Ok(Some((R, Status::InProgress)))),
            ("rollback_failed", "", Ok(Some((R, Status::Failed)))),
            ("stage_started", "", Ok(Some((T, Status::InProgress)))),
            ("stage_complete", "failed", Ok(Some((T, Status::Failed)))),
            ("health_check", "failed", Ok(Some((check("HEALTH_CHECK"), Status::Failed)))),
            ("health_check", "", Err("status".to_owned())),
            ("health_check_passed", "", Ok(Some((check("HEALTH_CHECK"), Status::Completed)))),
            ("health_check_passed", "failed", Err("status".to_owned())),
            ("smoke-tests-started", "", Ok(Some((check("SMOKE_TEST"), Status::InProgress)))),
            ("tests_complete", "", Ok(Some((check("TEST"), Status::Completed)))),
            ("traffic_shift_completed", "", Ok(Some((check("TRAFFIC"), Status::Completed)))),
            ("test_results_published", "", Ok(None)),
            ("build", "", Ok(None)),
        ] {
            assert_eq!(meaning(event_type, status), expected, "{event_type} {status}");
        }
        assert!(meaning("deployment_complete", "fine").unwrap_err().contains("\"fine\" is not known"));
    }
}
