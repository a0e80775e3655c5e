//! Flux's events, as its notification controller posts them to a generic webhook. Documented in Flux's
//! "Events" and "Providers", and in the descriptions of the two controllers that deploy:
//!
//! * A revision that a Kustomization applies is a deployment. It is applied again at each reconciliation: what
//!   is said of it again is nothing new, whenever it is said.
//! * What a `HelmRelease` installs, upgrades, rolls back or uninstalls is a deployment each time, numbered by
//!   Helm where the message names the release with its number, and else known by its time.
//! * Sources, images and alerts are no deployments, nor is that something could not begin yet.
//! * The namespace is that of Flux's own object, which is not where it deploys to: the environment stays
//!   unknown, unless the alert's metadata or a user's rule name it.

mod helm;

use std::collections::BTreeMap;

use domain::event::{Failure, Kind};
use domain::identifiers::{Commit, Identifier as _, Region, Source, StageName, Version};
use domain::{DeploymentId, Event, FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::digest;
use crate::origin::Origin;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FluxEvent {
    involved_object: Object,
    severity: Option<String>,
    timestamp: Option<Timestamp>,
    message: Option<String>,
    reason: String,
    metadata: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize)]
struct Object {
    kind: String,
    name: String,
    namespace: Option<String>,
    uid: Option<String>,
}

/// What an event says of a deployment, and of which.
struct Said {
    which: Which,
    kind: Kind,
    status: Status,
}

/// Which of an object's deployments an event is about.
enum Which {
    /// The one of its revision.
    Revision,
    /// The release with this number.
    Release(u64),
    /// One of its own.
    AtItsTime,
}

/// Reads an event.
pub(super) fn read(body: &Value, now: Timestamp) -> Read {
    let event: FluxEvent = typed(body, "")?;
    if event.said("commit_status") == Some("update") {
        return Ok(Reading::nothing_new("it repeats how the revision stands, for the status of its commit"));
    }
    let kind = event.involved_object.kind.as_str();
    let said = match kind {
        "Kustomization" => event.of_kustomization(),
        "HelmRelease" => helm::said(&event.reason, event.message.as_deref().unwrap_or_default()),
        _ => return Ok(Reading::no_deployment(format!("{kind:?} deploys nothing itself"))),
    };
    let Some(said) = said else {
        return Ok(Reading::nothing_new(format!("{:?} of a {kind} is nothing new of a deployment", event.reason)));
    };
    let Some(id) = event.deployment_id(&said)? else {
        return Ok(Reading::nothing_new("without a revision it is not known which deployment it is of"));
    };
    if let Some(time) = event.timestamp {
        not_in_future("timestamp", time, now)?;
    }
    let time = event.timestamp;
    let repeats = matches!(said.which, Which::Revision);
    let (read, origin) = (event.read(&said, id)?, event.origin());
    Ok(if repeats { Report::said_again(read, origin, time) } else { Report::foreign(read, origin) })
}

impl FluxEvent {
    /// A field of its metadata: the notification controller leaves out whose it is, and others keep that
    /// (`helm.toolkit.fluxcd.io/revision`).
    fn said(&self, name: &str) -> Option<&str> {
        let all = self.metadata.as_ref()?;
        let own = all.iter().find(|(key, _)| key.as_str() == name);
        let longer =
            || all.iter().find(|(key, _)| key.split_once("toolkit.fluxcd.io/").is_some_and(|(_, end)| end == name));
        own.or_else(longer).and_then(|(_, value)| value.as_deref()).filter(|text| !text.is_empty())
    }

    fn is_error(&self) -> bool {
        self.severity.as_deref() == Some("error")
    }

    fn of_kustomization(&self) -> Option<Said> {
        let status = match self.reason.as_str() {
            "ReconciliationSucceeded" => Status::Completed,
            "Progressing" | "ProgressingWithRetry" if !self.is_error() => Status::InProgress,
            // It waits for its source or for another object: nothing of it was applied.
            "ArtifactFailed" | "DependencyNotReady" => return None,
            _ if self.is_error() => Status::Failed,
            _ => return None,
        };
        Some(Said { which: Which::Revision, kind: Kind::Deployment, status })
    }

    /// `flux:HelmRelease/shop/cart:5f0c1a9e:v7`; with a digest in place of a revision that can't stand in an id.
    fn deployment_id(&self, said: &Said) -> Result<Option<DeploymentId>, Vec<FieldError>> {
        let object = &self.involved_object;
        let uid = object.uid.as_deref().and_then(|uid| uid.split('-').next()).filter(|part| !part.is_empty());
        let namespace = object.namespace.as_deref().filter(|name| !name.is_empty());
        let namespace = namespace.map(|name| format!("{name}/")).unwrap_or_default();
        let uid = uid.map(|part| format!(":{part}")).unwrap_or_default();
        let object = format!("flux:{}/{namespace}{}{uid}", object.kind, object.name);
        let which = match (&said.which, self.said("revision"), self.timestamp) {
            (Which::Release(number), ..) => format!("v{number}"),
            (Which::Revision, Some(revision), _) => match self.said("token") {
                Some(token) => format!("{revision}:{token}"),
                None => revision.to_owned(),
            },
            (Which::AtItsTime, _, Some(time)) => format!("@{time}"),
            (Which::Revision, None, _) => return Ok(None),
            (Which::AtItsTime, _, None) => {
                return Err(vec![FieldError::new("timestamp", "is required of an event whose release has no number")]);
            }
        };
        let plain = DeploymentId::parse(&format!("{object}:{which}"));
        plain.or_else(|_| identifier("involvedObject.name", &format!("flux:{}", digest(&[&object, &which])))).map(Some)
    }

    fn read(&self, said: &Said, id: DeploymentId) -> Result<Event, Vec<FieldError>> {
        let mut event = Event::new(identifier::<Source>("source", "flux")?, id, said.kind, said.status);
        let repeats = matches!(said.which, Which::Revision);
        event.occurred_at = self.timestamp.filter(|_| !repeats);
        if said.kind == Kind::Stage {
            event.stage = Some(identifier::<StageName>("reason", "TEST")?);
        }
        let revision = self.said("revision");
        let version = revision.and_then(|revision| Version::parse(revision).ok());
        if said.status == Status::RolledBack {
            // Of a rollback it is what was gone back to.
            event.rollback_to = version;
        } else {
            event.named.version = version;
            event.named.commit = revision.and_then(commit);
        }
        event.named.region = self.said("region").and_then(|region| Region::parse(region).ok());
        let message = self.message.as_deref().filter(|text| !text.is_empty()).map(bounded);
        if matches!(said.status, Status::Failed | Status::RolledBack) {
            event.error = Some(Failure { message, code: Some(self.reason.clone()).filter(|code| code.len() <= 256) });
        } else {
            // Of a reconciliation it says how long that took, which differs each time.
            event.notes = message.filter(|_| !repeats);
        }
        Ok(event)
    }

    fn origin(&self) -> Origin {
        let object = &self.involved_object;
        let environment = self.said("environment").map(|name| ("metadata.environment", name));
        let environment = environment.or_else(|| self.said("env").map(|name| ("metadata.env", name)));
        let (field, environment) = environment.unzip();
        Origin::of("flux")
            .service("involvedObject.name", Some(&object.name))
            .environment(field.unwrap_or_default(), environment)
            .with("kind", Some(&object.kind))
            .with("name", Some(&object.name))
            .with("namespace", object.namespace.as_deref())
            .with("environment", environment)
            .with("cluster", self.said("cluster"))
    }
}

/// The commit in `main@sha1:731f7eaddf…`, or in the older `main/731f7eaddf…`.
fn commit(revision: &str) -> Option<Commit> {
    let sha = revision.rsplit_once("sha1:").or_else(|| revision.rsplit_once('/')).map(|(_, sha)| sha)?;
    let is_sha = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    Commit::parse(sha).ok().filter(|_| is_sha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_that_of_a_git_revision() {
        let sha = "731f7eaddfb6af01cb2173e18f0f75b0ba780ef1";
        for revision in [format!("main@sha1:{sha}"), format!("main/{sha}"), format!("sha1:{sha}")] {
            assert_eq!(commit(&revision).unwrap().as_str(), sha, "{revision}");
        }
        for revision in
            ["6.5.0", "latest@sha256:3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de", "main/x", ""]
        {
            assert_eq!(commit(revision), None, "{revision}");
        }
    }
}
