//! AWS CloudFormation's changes of stacks, as EventBridge delivers them.
//! Documented in the AWS CloudFormation user guide, "Stack Status Change event detail" and "Stack
//! status codes".
//!
//! * One operation on a stack is a deployment. The stack's name is its service; the id is made of the
//!   stack's id and the operation's token, and without a token of what is known all the same
//!   (`docs/decisions/0022-cloudformation-ids.md`).
//! * Deleting a stack is a removal.
//! * While old resources are cleaned up the operation has not ended: what ends it comes after.
//! * A nested stack is a stack to CloudFormation, and its events say nothing of its parent. A user's
//!   rule can leave such names out.
//! * Changes of resources, drift and stack sets are other detail types, and no deployment.

use domain::event::{Failure, Kind};
use domain::identifiers::{DeploymentId, Identifier as _, Service};
use domain::{Event, FieldError, StageName, Status, Timestamp};
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::fields::{bounded, identifier, typed};
use crate::ids::made_id;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    stack_id: String,
    status_details: StatusDetails,
    client_request_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct StatusDetails {
    status: String,
    status_reason: Option<String>,
}

/// Which operation of a stack a status belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// Happens once to a stack: its creation, and what undoes it.
    Create,
    /// Happens any number of times: an update or an import, and what undoes it.
    Change,
    /// Happens once to a stack, whether at the first attempt or not.
    Delete,
}

/// Reads a change of a stack's status.
pub(super) fn read(envelope: &Envelope) -> Read {
    if envelope.detail_type != "CloudFormation Stack Status Change" {
        return Ok(Reading::not_read(format!("{:?}", envelope.detail_type)));
    }
    let time = envelope.required_time()?;
    let Detail { stack_id, status_details, client_request_token } = typed(&envelope.detail, "detail")?;
    let Some((operation, status)) = meaning(&status_details.status)? else {
        return Ok(Reading::nothing_new("a change set for a new stack does not change anything yet"));
    };
    let Some((_, stack)) = stack_id.split_once(":stack/") else {
        return Err(vec![FieldError::new("detail.stack-id", "must be the ARN of a stack: …:stack/<name>/<id>")]);
    };
    let name = stack.split('/').next().unwrap_or(stack);
    let token = client_request_token.as_deref().filter(|token| !token.is_empty());
    let Some(id) = deployment_id(stack, operation, status, token, time)? else {
        return Ok(Reading::nothing_new("without a token the update is not known; only its end is recorded"));
    };
    let kind = if operation == Operation::Delete { Kind::Removal } else { Kind::Deployment };
    let mut event = envelope.event(id, kind, status)?;
    event.occurred_at = Some(time);
    event.named.service = Some(identifier::<Service>("detail.stack-id", name)?);
    event.named.region = envelope.region();
    event.stage = stage(&status_details.status);
    add_reason(&mut event, status_details.status_reason.as_deref().unwrap_or_default());
    Ok(Report::foreign(event, envelope.origin("aws.cloudformation").with("stack", Some(name))))
}

/// What a status code means; nothing for one that changes nothing.
fn meaning(code: &str) -> Result<Option<(Operation, Status)>, Vec<FieldError>> {
    use Operation::{Change, Create, Delete};
    Ok(Some(match code {
        "REVIEW_IN_PROGRESS" => return Ok(None),
        "CREATE_IN_PROGRESS" | "ROLLBACK_IN_PROGRESS" => (Create, Status::InProgress),
        "CREATE_COMPLETE" => (Create, Status::Completed),
        "CREATE_FAILED" | "ROLLBACK_FAILED" => (Create, Status::Failed),
        "ROLLBACK_COMPLETE" => (Create, Status::RolledBack),
        "UPDATE_IN_PROGRESS"
        | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
        | "UPDATE_ROLLBACK_IN_PROGRESS"
        | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
        | "IMPORT_IN_PROGRESS"
        | "IMPORT_ROLLBACK_IN_PROGRESS" => (Change, Status::InProgress),
        "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => (Change, Status::Completed),
        "UPDATE_FAILED" | "UPDATE_ROLLBACK_FAILED" | "IMPORT_ROLLBACK_FAILED" => (Change, Status::Failed),
        "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_ROLLBACK_COMPLETE" => (Change, Status::RolledBack),
        "DELETE_IN_PROGRESS" => (Delete, Status::InProgress),
        "DELETE_COMPLETE" => (Delete, Status::Completed),
        "DELETE_FAILED" => (Delete, Status::Failed),
        other => {
            let detail = format!("{other:?} is no status of a stack that CloudFormation documents");
            return Err(vec![FieldError::new("detail.status-details.status", detail)]);
        }
    }))
}

/// The deployment's id: `cloudformation:<stack>:<token>`, or `…@create`, `…@delete`, `…@<time of the
/// end>`. Nothing when no id can be known. One that is too long gives way to its SHA-256.
fn deployment_id(
    stack: &str,
    operation: Operation,
    status: Status,
    token: Option<&str>,
    time: Timestamp,
) -> Result<Option<DeploymentId>, Vec<FieldError>> {
    let which = match (operation, token) {
        // Also of a failed creation that deletes the stack under the creation's own token.
        (Operation::Delete, _) => "@delete".to_owned(),
        (_, Some(token)) => format!(":{token}"),
        (Operation::Create, None) => "@create".to_owned(),
        (Operation::Change, None) if status.is_terminal() => format!("@{time}"),
        (Operation::Change, None) => return Ok(None),
    };
    let field = if which.starts_with(':') { "detail.client-request-token" } else { "detail.stack-id" };
    made_id(field, &format!("cloudformation:{stack}{which}")).map(Some)
}

/// The stage that an operation is in, where its status says so.
fn stage(code: &str) -> Option<StageName> {
    let stage = match code {
        _ if code.ends_with("_CLEANUP_IN_PROGRESS") => "CLEANUP",
        _ if code.ends_with("ROLLBACK_IN_PROGRESS") => "ROLLBACK",
        _ => return None,
    };
    StageName::parse(stage).ok()
}

/// Adds the reason: as the error of a bad end, else as a note, so that what a rollback began with
/// still stands when its end says nothing.
fn add_reason(event: &mut Event, reason: &str) {
    if reason.is_empty() {
        return;
    }
    if matches!(event.status, Status::Failed | Status::RolledBack) {
        event.error = Some(Failure { message: Some(bounded(reason)), code: None });
    } else {
        event.notes = Some(bounded(reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(operation: Operation, status: Status, token: Option<&str>) -> Option<String> {
        let time = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let id = deployment_id("cart/51af3dc0", operation, status, token, time).unwrap();
        id.map(|id| id.as_str().to_owned())
    }

    #[test]
    fn every_documented_status_means_one_thing() {
        use Operation::{Change, Create, Delete};
        use Status::{Completed, Failed, InProgress, RolledBack};
        for (code, expected, stage_name) in [
            ("CREATE_IN_PROGRESS", Some((Create, InProgress)), None),
            ("CREATE_COMPLETE", Some((Create, Completed)), None),
            ("CREATE_FAILED", Some((Create, Failed)), None),
            ("ROLLBACK_IN_PROGRESS", Some((Create, InProgress)), Some("ROLLBACK")),
            ("ROLLBACK_COMPLETE", Some((Create, RolledBack)), None),
            ("ROLLBACK_FAILED", Some((Create, Failed)), None),
            ("UPDATE_IN_PROGRESS", Some((Change, InProgress)), None),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Some((Change, InProgress)), Some("CLEANUP")),
            ("UPDATE_COMPLETE", Some((Change, Completed)), None),
            ("UPDATE_FAILED", Some((Change, Failed)), None),
            ("UPDATE_ROLLBACK_IN_PROGRESS", Some((Change, InProgress)), Some("ROLLBACK")),
            ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Some((Change, InProgress)), Some("CLEANUP")),
            ("UPDATE_ROLLBACK_COMPLETE", Some((Change, RolledBack)), None),
            ("UPDATE_ROLLBACK_FAILED", Some((Change, Failed)), None),
            ("IMPORT_IN_PROGRESS", Some((Change, InProgress)), None),
            ("IMPORT_COMPLETE", Some((Change, Completed)), None),
            ("IMPORT_ROLLBACK_IN_PROGRESS", Some((Change, InProgress)), Some("ROLLBACK")),
            ("IMPORT_ROLLBACK_COMPLETE", Some((Change, RolledBack)), None),
            ("IMPORT_ROLLBACK_FAILED", Some((Change, Failed)), None),
            ("DELETE_IN_PROGRESS", Some((Delete, InProgress)), None),
            ("DELETE_COMPLETE", Some((Delete, Completed)), None),
            ("DELETE_FAILED", Some((Delete, Failed)), None),
            ("REVIEW_IN_PROGRESS", None, None),
        ] {
            assert_eq!(meaning(code).unwrap(), expected, "{code}");
            assert_eq!(stage(code).as_ref().map(StageName::as_str), stage_name, "{code}");
        }
        assert_eq!(meaning("COMPLETE").unwrap_err()[0].field, "detail.status-details.status");
    }

    #[test]
    fn events_of_one_operation_share_an_id_that_no_other_operation_has() {
        use Operation::{Change, Create, Delete};
        use Status::{Completed, InProgress};
        for status in [InProgress, Completed] {
            assert_eq!(id(Create, status, None).as_deref(), Some("cloudformation:cart/51af3dc0@create"));
            assert_eq!(id(Create, status, Some("t-1")).as_deref(), Some("cloudformation:cart/51af3dc0:t-1"));
            assert_eq!(id(Change, status, Some("t-2")).as_deref(), Some("cloudformation:cart/51af3dc0:t-2"));
            for token in [None, Some("t-1"), Some("delete")] {
                assert_eq!(id(Delete, status, token).as_deref(), Some("cloudformation:cart/51af3dc0@delete"));
            }
        }
        assert_eq!(id(Change, InProgress, None), None);
        let end = id(Change, Completed, None);
        assert_eq!(end.as_deref(), Some("cloudformation:cart/51af3dc0@2026-03-01T12:00:00.000Z"));
    }

    #[test]
    fn the_longest_names_and_tokens_still_make_an_id() {
        let time = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let stack = format!("{}/51af3dc0-da77-11e4-872e-1234567db123", "a".repeat(128));
        let of = |token: &str| deployment_id(&stack, Operation::Change, Status::InProgress, Some(token), time);
        let [one, other] = [of(&"b".repeat(128)).unwrap(), of(&"c".repeat(128)).unwrap()];
        assert!(one.is_some() && other.is_some() && one != other, "{one:?} {other:?}");
        let wrong = deployment_id("cart/1", Operation::Change, Status::InProgress, Some("a b"), time);
        assert_eq!(wrong.unwrap_err()[0].field, "detail.client-request-token");
    }
}
