//! The doors that payloads of tools come through.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::custom::CustomSource;
use crate::payload::Payload;
use crate::webhook::Webhook;

/// A way in.
#[derive(Debug, Clone, PartialEq)]
pub enum Door {
    /// Events of an EventBridge bus, through the queue.
    Queue,
    /// `POST /v1/events`.
    Events,
    /// `POST /v1/webhooks/…`.
    Webhook(Webhook),
    /// `POST /v1/webhooks/custom/…`.
    Custom(Arc<CustomSource>),
}

impl Door {
    /// All of them but those of custom sources, which a user's settings name.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Queue, Self::Events].into_iter().chain(Webhook::all().map(Self::Webhook))
    }

    /// Its name: `queue`, `events`, the webhook's, or `custom/` and the custom source's.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Queue => "queue",
            Self::Events => "events",
            Self::Webhook(webhook) => webhook.name(),
            Self::Custom(source) => source.door(),
        }
    }

    /// The door with this name, other than of a custom source; `eventbridge` is what the queue was once called.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "eventbridge" { "queue" } else { name };
        Self::all().find(|door| door.name() == name)
    }

    /// The door that a payload is most likely meant for, by what tools send: for explaining only, where
    /// nobody says which.
    #[must_use]
    pub fn guess(payload: &Payload<'_>) -> Self {
        let body = payload.value().unwrap_or_default();
        if let Some(webhook) = Webhook::all().find(|webhook| webhook.recognises(payload, &body)) {
            return Self::Webhook(webhook);
        }
        let enveloped = ["detail-type", "detailType", "CodePipeline.job"];
        if enveloped.iter().any(|name| body.get(name).is_some()) { Self::Queue } else { Self::Events }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Door {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_door_has_one_name_that_finds_it_and_the_queue_is_still_found_by_its_former_one() {
        let names: Vec<String> = Door::all().map(|door| door.name().to_owned()).collect();
        assert_eq!(names, ["queue", "events", "github", "gitlab", "argocd", "flux"]);
        assert!(Door::all().all(|door| Door::named(door.name()).as_ref() == Some(&door)));
        assert_eq!((Door::named("eventbridge"), Door::named("sqs")), (Some(Door::Queue), None));
    }

    #[test]
    fn a_payload_shows_by_a_header_or_a_field_which_door_it_is_for() {
        for (headers, body, expected) in [
            (&[("x-github-event", "deployment")][..], r#"{"object_kind": "deployment"}"#, "github"),
            (&[("x-gitlab-event", "Deployment Hook")], "{}", "gitlab"),
            (&[], r#"{"object_kind": "deployment"}"#, "gitlab"),
            (&[], r#"{"app": {"metadata": {}}}"#, "argocd"),
            (&[], r#"{"app": "cart"}"#, "events"),
            (&[], r#"{"rollout": {}}"#, "argocd"),
            (&[("gotk-component", "helm-controller")], "{}", "flux"),
            (&[], r#"{"involvedObject": {}}"#, "flux"),
            (&[], r#"{"apiVersion": "argoproj.io/v1alpha1"}"#, "argocd"),
            (&[], r#"{"apiVersion": "apps/v1"}"#, "events"),
            (&[], r#"{"detail-type": "Deployment Event"}"#, "queue"),
            (&[], r#"{"CodePipeline.job": {}}"#, "queue"),
            (&[], r#"{"deploymentId": "d-1"}"#, "events"),
            (&[], "[", "events"),
        ] {
            let payload = Payload::posted(headers.iter().copied(), body.as_bytes());
            assert_eq!(Door::guess(&payload).name(), expected, "{body}");
        }
    }
}
