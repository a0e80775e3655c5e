//! GitLab's deployment hook. Documented in GitLab's "Webhook events", "Deployment events".
//!
//! * A deployment is `gitlab:<path of the project>:<deployment_id>`; the last part of the path is its
//!   service, as a project's name is free text. GitLab counts deployments over all projects.
//! * `status_changed_at` is Ruby's text of a time, `2021-04-28 21:50:00 +0200`, and its offset counts.
//! * The whole commit stands in `commit_url` alone; `short_sha` has its first digits.
//! * `environment_tier` is a fact for rules; it is not taken for the environment.
//! * Approvals of a blocked deployment have no hook of their own: they can be requested and given
//!   through the API alone. A blocked deployment waits.
//! * A rollback is a new deployment of an older commit, and nothing in it says so.

use domain::event::{Kind, Trigger};
use domain::identifiers::{Commit, Identifier as _, Source, Version};
use domain::{Event, FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::made_id;
use crate::origin::Origin;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
struct Kinds {
    object_kind: Option<String>,
    event_name: Option<String>,
}

#[derive(Deserialize)]
struct Deployment {
    #[serde(rename = "deployment_id")]
    id: u64,
    status: String,
    status_changed_at: String,
    environment: Option<String>,
    environment_tier: Option<String>,
    environment_external_url: Option<String>,
    deployable_url: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    short_sha: Option<String>,
    commit_url: Option<String>,
    commit_title: Option<String>,
    user: Option<User>,
    project: Project,
}

#[derive(Deserialize)]
struct User {
    username: Option<String>,
}

#[derive(Deserialize)]
struct Project {
    path_with_namespace: String,
}

/// Reads the payload of a webhook; its `object_kind` says what it is about.
pub(super) fn read(payload: &Value, now: Timestamp) -> Read {
    let kinds: Kinds = typed(payload, "")?;
    match (kinds.object_kind.as_deref(), kinds.event_name) {
        (Some("deployment"), _) => deployment(typed(payload, "")?, now),
        (Some(other), _) => Ok(Reading::not_read(format!("{other:?}"))),
        // Events of members and groups.
        (None, Some(other)) => Ok(Reading::not_read(format!("{other:?}"))),
        (None, None) => Err(vec![FieldError::new("object_kind", "is required: what the payload is about")]),
    }
}

fn deployment(payload: Deployment, now: Timestamp) -> Read {
    let path = &payload.project.path_with_namespace;
    let id = format!("gitlab:{path}:{}", payload.id);
    let id = made_id("project.path_with_namespace", &id)?;
    let mut event = Event::new(identifier::<Source>("source", "gitlab")?, id, Kind::Deployment, status(&payload)?);
    let name = path.rsplit('/').next().unwrap_or_default();
    event.named.commit = commit(payload.short_sha.as_deref(), payload.commit_url.as_deref())?;
    event.named.version = version(payload.reference.as_deref(), event.named.commit.as_ref());
    event.named.triggered_by = payload
        .user
        .and_then(|user| user.username)
        .filter(|name| !name.is_empty() && name.len() <= 256)
        .map(|name| Trigger { actor: Some(name), ..Trigger::default() });
    event.notes = payload.commit_title.as_deref().filter(|title| !title.is_empty()).map(bounded);
    let occurred_at = changed_at(&payload.status_changed_at)?;
    not_in_future("status_changed_at", occurred_at, now)?;
    event.occurred_at = Some(occurred_at);
    let links = [("job", payload.deployable_url), ("environment", payload.environment_external_url)];
    let links = links.into_iter().filter_map(|(name, url)| Some((name.to_owned(), url?)));
    event.links = links.filter(|(_, url)| domain::event::is_https(url)).collect();
    let origin = Origin::of("gitlab")
        .service("project.path_with_namespace", Some(name))
        .environment("environment", payload.environment.as_deref().filter(|name| !name.is_empty()))
        .with("project", Some(path))
        .with("environment", payload.environment.as_deref())
        .with("tier", payload.environment_tier.as_deref())
        .with("branch", payload.reference.as_deref());
    Ok(Report::foreign(event, origin))
}

fn status(payload: &Deployment) -> Result<Status, Vec<FieldError>> {
    match payload.status.as_str() {
        "created" | "blocked" => Ok(Status::Pending),
        "running" => Ok(Status::InProgress),
        "success" => Ok(Status::Completed),
        "failed" => Ok(Status::Failed),
        "canceled" | "skipped" => Ok(Status::Cancelled),
        other => Err(vec![FieldError::new("status", format!("{other:?} is none that GitLab documents"))]),
    }
}

/// The whole commit where `commit_url` ends in one that begins with `short_sha`, else what there is.
fn commit(short: Option<&str>, url: Option<&str>) -> Result<Option<Commit>, Vec<FieldError>> {
    let short = short.filter(|short| !short.is_empty());
    let whole = url.and_then(|url| Some(url.rsplit_once("/commit/")?.1)).filter(|sha| {
        // SHA-1, or SHA-256.
        matches!(sha.len(), 40 | 64) && sha.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    let whole = whole.filter(|sha| short.is_none_or(|short| sha.starts_with(short)));
    whole.or(short).map(|sha| identifier("short_sha", sha)).transpose()
}

/// The deployed branch or tag. It may have a name that a version can't have; the commit always can.
/// Older servers say neither, and then the version is not known.
fn version(reference: Option<&str>, commit: Option<&Commit>) -> Option<Version> {
    let reference = reference.filter(|reference| !reference.is_empty())?;
    Version::parse(reference).ok().or_else(|| Version::parse(commit?.as_str()).ok())
}

/// `2021-04-28 21:50:00 +0200`, `2021-04-28 19:50:00 UTC`, or RFC 3339.
fn changed_at(text: &str) -> Result<Timestamp, Vec<FieldError>> {
    let parts: Vec<&str> = text.split(' ').collect();
    let time = match parts[..] {
        [day, time, "UTC"] => Timestamp::parse(&format!("{day}T{time}Z")),
        [day, time, offset] if offset.len() == 5 && offset.is_ascii() => {
            let (hours, minutes) = offset.split_at(3);
            Timestamp::parse(&format!("{day}T{time}{hours}:{minutes}"))
        }
        _ => Timestamp::parse(text),
    };
    time.map_err(|_| {
        let right = "must be a time with its offset, such as 2026-03-01 12:00:00 +0100 or 2026-03-01T11:00:00Z";
        vec![FieldError::new("status_changed_at", right)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_time_keeps_its_offset_and_none_is_guessed() {
        for text in [
            "2021-04-28 21:50:00 +0200",
            "2021-04-28 15:20:00 -0430",
            "2021-04-28 19:50:00 UTC",
            "2021-04-28T19:50:00Z",
            "2021-04-28T21:50:00.000+02:00",
        ] {
            assert_eq!(changed_at(text).unwrap(), Timestamp::parse("2021-04-28T19:50:00Z").unwrap(), "{text}");
        }
        let ä = "2021-04-28 21:50:00 +0ä0";
        for text in ["2021-04-28 21:50:00", "2021-04-28 21:50:00 CEST", "2021-04-28 21:50:00 +02", "", "   ", ä] {
            let errors = changed_at(text).unwrap_err();
            assert_eq!(errors[0].field, "status_changed_at", "{text}");
        }
    }

    #[test]
    fn the_whole_commit_is_taken_only_where_it_is_one_and_that_of_the_short_one() {
        let sha = "279484c09fbe69ededfced8c1bb6e6d24616b468";
        let url = format!("https://git.example/shop/cart/-/commit/{sha}");
        let read = |short, url| commit(short, url).unwrap().map(String::from);
        assert_eq!(read(Some("279484c0"), Some(url.as_str())).as_deref(), Some(sha));
        assert_eq!(read(None, Some(url.as_str())).as_deref(), Some(sha));
        assert_eq!(read(Some("279484c0"), None).as_deref(), Some("279484c0"));
        assert_eq!(read(Some("f95f852b"), Some(url.as_str())).as_deref(), Some("f95f852b"));
        for wrong in [&url[..url.len() - 1], &url[..url.len() - 40], "https://git.example/", sha] {
            assert_eq!(read(Some("279484c0"), Some(wrong)).as_deref(), Some("279484c0"), "{wrong}");
        }
        assert_eq!(read(None, None), None);
        assert_eq!(commit(Some("279 "), None).unwrap_err()[0].field, "short_sha");
    }

    #[test]
    fn each_status_of_gitlab_is_one_of_ours_and_no_other_is_taken() {
        let read = |status: &str| {
            let payload = serde_json::json!({
                "object_kind": "deployment", "deployment_id": 1, "status": status,
                "status_changed_at": "2026-03-01 12:00:00 UTC", "project": {"path_with_namespace": "shop/cart"},
            });
            super::status(&typed(&payload, "").unwrap()).ok()
        };
        for (status, expected) in [
            ("created", Some(Status::Pending)),
            ("blocked", Some(Status::Pending)),
            ("running", Some(Status::InProgress)),
            ("success", Some(Status::Completed)),
            ("failed", Some(Status::Failed)),
            ("canceled", Some(Status::Cancelled)),
            ("skipped", Some(Status::Cancelled)),
            ("SUCCESS", None),
            ("", None),
        ] {
            assert_eq!(read(status), expected, "{status}");
        }
    }
}
