//! Whose a deployment is: what one tool reports, nobody else ends, names or moves.
//!
//! The ids that a format makes are its own, so nobody else opens a deployment with one. And of a deployment that a
//! tool reports through its own door, others may say what they see, which is notes and stages. It is judged by what
//! an event would change, whatever it is called.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::event::{Event, Kind, OWN_SOURCE};
use crate::identifiers::DeploymentId;
use crate::ledger::heard::{is_tool, kind, lacks_names};
use crate::ledger::received::Received;
use crate::ledger::summary::Summary;
use crate::{Status, Subject};

/// The tool whose ids begin as the one of an event does, which somebody else sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The tool, as rules know it.
    pub tool: &'static str,
    /// How its ids begin.
    pub prefix: &'static str,
    /// Whether what it reports lacks names, which others then may add.
    pub lacks_names: bool,
}

/// An event speaks for a deployment that is another tool's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotYours {
    /// It would be the first of a deployment whose id is a tool's.
    #[error(
        "ids that begin with {prefix} are those of {tool}, and nothing of {id} came from it yet; give the deployment an id of its own, or send this once {tool} has reported it"
    )]
    Opens {
        /// The deployment.
        id: DeploymentId,
        /// The tool.
        tool: &'static str,
        /// How its ids begin.
        prefix: &'static str,
    },
    /// It would change what only its tool says.
    #[error(
        "{id} is reported by {by}; from elsewhere it takes notes, and stages that change neither its status nor its names. This event would change its {what}"
    )]
    Changes {
        /// The deployment.
        id: DeploymentId,
        /// Who reports it.
        by: String,
        /// What would change.
        what: &'static str,
        /// The field that would change it.
        field: &'static str,
    },
}

impl NotYours {
    /// The field that is to blame.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Opens { .. } => "deploymentId",
            Self::Changes { field, .. } => field,
        }
    }
}

/// Whether whoever sent `received` may say it of a deployment that stood so `before`, and would stand so `after` it.
///
/// # Errors
/// [`NotYours`] where the deployment is another tool's, and the event is more than a note or a stage.
pub fn judge(before: Option<&Summary>, received: &Received, after: &Summary) -> Result<(), NotYours> {
    let event = &received.event;
    if after.deployment_id.subject() != Subject::Deployment || event.source.as_str() == OWN_SOURCE {
        return Ok(());
    }
    let kinds = before.map(|before| before.heard.kinds()).unwrap_or_default();
    let tools: BTreeSet<&str> = kinds.iter().map(String::as_str).filter(|kind| is_tool(kind)).collect();
    let elsewhere = !tools.is_empty() && !tools.contains(kind(&received.producer).as_str());
    if received.owner.is_none() && !elsewhere {
        return Ok(());
    }
    let id = &after.deployment_id;
    let Some(before) = before else {
        let Some(Owner { tool, prefix, .. }) = received.owner else { return Ok(()) };
        return Err(NotYours::Opens { id: id.clone(), tool, prefix });
    };
    let may_name = received.owner.map_or_else(|| tools.iter().any(|kind| lacks_names(kind)), |owner| owner.lacks_names);
    let Some((what, field)) = changes(before, event, after, may_name) else { return Ok(()) };
    let by = received.owner.map_or_else(|| tools.into_iter().collect::<Vec<_>>().join(", "), |it| it.tool.to_owned());
    Err(NotYours::Changes { id: id.clone(), by, what, field })
}

/// What an event changes of a deployment that only its tool may, and by which field.
fn changes(before: &Summary, event: &Event, after: &Summary, may_name: bool) -> Option<(&'static str, &'static str)> {
    // What goes on is said of the whole too, to name what its tool can't.
    let progress = may_name && event.kind == Kind::Deployment && !event.status.is_terminal();
    if !matches!(event.kind, Kind::Stage | Kind::Note) && !progress {
        return Some(if event.kind == Kind::Deployment { ("status", "status") } else { ("status", "type") });
    }
    let stands = |summary: &Summary| (summary.status(), summary.attempt());
    let over: fn(&Summary) -> usize = |summary| summary.endings.len() + summary.teardowns.len();
    if stands(before) != stands(after) || over(before) != over(after) || begins(before, event) {
        return Some(("status", if event.attempt > before.attempt() { "attempt" } else { "status" }));
    }
    let (known, then) = (names(before), names(after));
    let changed = Name::ALL.into_iter().find(|name| match (known.get(name.0), then.get(name.0)) {
        (None, Some(_)) => !may_name,
        (one, other) => one != other,
    });
    changed.map(|name| ("names", name.0))
}

/// Whether an event of the whole begins an attempt that its tool has not begun: the end of the one before would no
/// longer be the last word.
fn begins(before: &Summary, event: &Event) -> bool {
    event.kind == Kind::Deployment && event.status != Status::Pending && event.attempt > before.attempt()
}

/// A name of a deployment, as its field is called.
struct Name(&'static str);

impl Name {
    const ALL: [Self; 7] = [
        Self("service"),
        Self("environment"),
        Self("version"),
        Self("commit"),
        Self("region"),
        Self("release"),
        Self("committedAt"),
    ];
}

/// The names of a deployment, by their fields.
fn names(summary: &Summary) -> Map<String, Value> {
    let mut names = match serde_json::to_value(summary.named()) {
        Ok(Value::Object(names)) => names,
        _ => Map::new(),
    };
    names.extend(summary.committed_at.map(|at| ("committedAt".to_owned(), at.to_string().into())));
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::recording::{NotRecorded, State, record};
    use crate::{Timestamp, event};

    const GITHUB: Owner = Owner { tool: "github", prefix: "github:", lacks_names: false };
    const STACKS: Owner = Owner { tool: "aws.cloudformation", prefix: "cloudformation:", lacks_names: true };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
    }

    fn received(producer: &str, owner: Option<Owner>, more: &Value) -> Received {
        let mut said = json!({"deploymentId": "x-1", "status": "IN_PROGRESS", "occurredAt": at(10)});
        said.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Received { owner, ..Received::new(&event::read(said, at(99)).unwrap(), at(10), producer).unwrap() }
    }

    fn opened(producer: &str) -> State {
        let first = json!({"service": "pay", "environment": "production", "occurredAt": at(0)});
        record(None, received(producer, None, &first), at(0)).unwrap().1
    }

    fn judged(state: Option<&State>, producer: &str, owner: Option<Owner>, more: &Value) -> Option<&'static str> {
        match record(state, received(producer, owner, more), at(20)) {
            Ok(_) => None,
            Err(NotRecorded::NotYours(why)) => Some(why.field()),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn of_what_a_tool_reports_others_say_only_what_changes_neither_status_nor_names() {
        let role = "arn:aws:sts::111122223333:assumed-role/ci/1";
        let by_github = opened("webhook:github:acme/shop");
        for (more, refused) in [
            (json!({"type": "stage", "stage": "TEST"}), None),
            (json!({"type": "stage", "stage": "TEST", "status": "FAILED"}), None),
            (json!({"type": "stage", "stage": "TEST", "service": "pay", "environment": "production"}), None),
            (json!({"type": "note", "status": "COMPLETED", "notes": "seen"}), None),
            (json!({"type": "stage", "stage": "TEST", "version": "9"}), Some("version")),
            (json!({"type": "stage", "stage": "TEST", "commit": "abc1234"}), Some("commit")),
            (json!({"type": "stage", "stage": "TEST", "region": "eu"}), Some("region")),
            (json!({"type": "stage", "stage": "TEST", "release": "7"}), Some("release")),
            (json!({"type": "note", "status": "COMPLETED", "notes": "x", "version": "9"}), Some("version")),
            (json!({"type": "stage", "stage": "TEST", "committedAt": at(-9)}), Some("committedAt")),
            (
                json!({"type": "stage", "stage": "TEST", "environment": "staging", "occurredAt": at(-9)}),
                Some("environment"),
            ),
            (json!({}), Some("status")),
            (json!({"status": "ROLLED_BACK"}), Some("status")),
            (json!({"status": "COMPLETED", "attempt": 2}), Some("status")),
            (json!({"type": "removal", "status": "COMPLETED"}), Some("type")),
            (json!({"type": "teardown", "status": "COMPLETED"}), Some("type")),
        ] {
            // By who reported it before, and by the prefix of its id where nobody knows that.
            let of_before = opened(role);
            assert_eq!(judged(Some(&by_github), role, None, &more), refused, "{more}");
            assert_eq!(judged(Some(&of_before), role, Some(GITHUB), &more), refused, "{more}");
            assert_eq!(judged(Some(&by_github), "webhook:github:acme/shop", None, &more), None, "its own: {more}");
            assert_eq!(judged(Some(&of_before), role, None, &more), None, "nobody's: {more}");
        }
    }

    #[test]
    fn only_its_tool_opens_a_deployment_with_an_id_of_its_own() {
        let stage = json!({"type": "stage", "stage": "TEST"});
        for owner in [GITHUB, STACKS] {
            assert_eq!(judged(None, "anonymous", Some(owner), &stage), Some("deploymentId"));
            assert_eq!(judged(None, "anonymous", Some(owner), &json!({})), Some("deploymentId"));
        }
        assert_eq!(judged(None, "anonymous", None, &json!({})), None);
    }

    #[test]
    fn where_a_tool_lacks_names_others_add_them_and_change_none() {
        let bus = "eventbridge:111122223333:aws.ecs";
        let state = opened(bus);
        let version = json!({"version": "2"});
        assert_eq!(judged(Some(&state), "anonymous", None, &version), None);
        assert_eq!(judged(Some(&opened("anonymous")), "anonymous", Some(STACKS), &version), None);
        let named = record(Some(&state), received("anonymous", None, &version), at(20)).unwrap().1;
        for (more, refused) in [
            (json!({"version": "2"}), None),
            (json!({"version": "3", "occurredAt": at(5)}), Some("version")),
            (json!({"status": "COMPLETED", "version": "2"}), Some("status")),
            (json!({"attempt": 2}), Some("attempt")),
            (json!({"status": "PENDING", "occurredAt": at(11)}), Some("status")),
        ] {
            assert_eq!(judged(Some(&named), "anonymous", None, &more), refused, "{more}");
            assert_eq!(judged(Some(&named), bus, None, &more), None, "{more}");
        }
    }

    #[test]
    fn what_this_system_concludes_is_nobodys_claim() {
        let state = opened("webhook:github:acme/shop");
        let why = crate::follows::silence::Silence::Abandoned;
        let conclusion = crate::follows::silence::conclusion(&state, &why, at(99)).unwrap();
        assert!(record(Some(&state), conclusion, at(99)).is_ok());
    }
}
