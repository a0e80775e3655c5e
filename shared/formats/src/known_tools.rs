//! What a payload looks like that can't be read where it came: an event that is for another door, or of a tool
//! that has none. Its sender gets the name of the tool and the way, and not the fields that another format
//! would have.
//!
//! It is a guess, for answers only: nothing is read by it, and what can be read is never taken for something
//! else. A tool that is read has its marks in [`SOURCES`](crate::SOURCES); here are those of others, as their references of
//! webhooks and notifications document them.

use domain::FieldError;
use serde_json::Value;

use crate::door::Door;
use crate::payload::Payload;
use crate::rejection::Rejection;
use crate::source::Mark::{self, Field, FieldBegins, Header};
use crate::webhook::Webhook;
use crate::{cloud_event, native, sources};

/// A tool that is not read, by its own name.
struct Known {
    /// What people call its payloads, with the article.
    what: &'static str,
    /// By what they are recognised: by all marks of one of these.
    marks: &'static [&'static [Mark]],
}

/// All of them.
static KNOWN: [Known; 11] = [
    Known {
        what: "an Azure DevOps service hook",
        marks: &[&[Field("/publisherId"), Field("/eventType"), Field("/resource")]],
    },
    Known {
        what: "a Bitbucket webhook",
        marks: &[
            &[Header("X-Event-Key")],
            &[Field("/commit_status"), Field("/repository/full_name")],
            &[Field("/push/changes"), Field("/repository/full_name")],
            &[Field("/eventKey"), Field("/repository/slug")],
        ],
    },
    Known {
        what: "a CircleCI webhook",
        marks: &[&[Header("Circleci-Event-Type")], &[Field("/happened_at"), Field("/webhook"), Field("/pipeline/id")]],
    },
    Known {
        what: "a notification of Jenkins' notification plugin",
        marks: &[&[Field("/name"), Field("/build/phase"), Field("/build/number")]],
    },
    Known {
        what: "an Octopus Deploy subscription",
        marks: &[
            &[FieldBegins("/EventType", "SubscriptionPayload")],
            &[Field("/Payload/Subscription"), Field("/Payload/Event")],
        ],
    },
    Known {
        what: "a Spinnaker event",
        marks: &[
            &[FieldBegins("/details/type", "orca:")],
            &[FieldBegins("/payload/details/type", "orca:")],
            &[FieldBegins("/eventName", "spinnaker_events")],
        ],
    },
    Known {
        what: "an HCP Terraform notification",
        marks: &[
            &[Header("X-TFE-Notification-Signature")],
            &[Field("/payload_version"), Field("/notification_configuration_id")],
        ],
    },
    Known {
        what: "a Harness notification",
        marks: &[
            &[Field("/eventType"), Field("/eventData/pipelineIdentifier")],
            &[Field("/eventType"), Field("/eventData/planExecutionId")],
            &[Field("/eventData/eventType"), Field("/eventData/pipelineIdentifier")],
        ],
    },
    Known {
        what: "a Vercel webhook",
        marks: &[&[Header("X-Vercel-Signature")], &[FieldBegins("/type", "deployment."), Field("/payload/deployment")]],
    },
    Known {
        what: "a Netlify deploy notification",
        marks: &[&[Field("/site_id"), Field("/build_id"), Field("/deploy_ssl_url")]],
    },
    Known {
        what: "a Coolify notification",
        marks: &[&[Field("/event"), Field("/application_uuid"), Field("/deployment_uuid")]],
    },
];

/// The answer to what could not be read at a door, if it looks like something that is not for this door: what,
/// and the way for it.
pub(crate) fn named(door: &Door, payload: &Payload<'_>, body: &Value) -> Option<Rejection> {
    if matches!(door, Door::Webhook(webhook) if webhook.recognises(payload, body)) {
        return None;
    }
    let (what, home) = looks_like(payload, body)?;
    let way = match home {
        Some(home) if home == *door => return None,
        Some(Door::Queue) => "let a rule of the bus send it to the queue: docs/sources/README.md".to_owned(),
        Some(Door::Events) if *door == Door::Queue => {
            "send it to /v1/events, or as the detail of an event of the bus".to_owned()
        }
        Some(Door::Events) => "send it to /v1/events".to_owned(),
        Some(Door::Webhook(webhook)) => format!("send it to /v1/webhooks/{}", webhook.name()),
        Some(Door::Custom(_)) | None => "map it with a custom source: docs/sources/custom.md".to_owned(),
    };
    Some(Rejection::Fields(vec![FieldError::new("", format!("this looks like {what}; {way}"))]))
}

/// What a payload looks like, and the door that it is for, if there is one.
fn looks_like(payload: &Payload<'_>, body: &Value) -> Option<(&'static str, Option<Door>)> {
    if native::is_native(body) {
        return Some(("an event in our own format", Some(Door::Events)));
    }
    if cloud_event::is_cloud_event(body) {
        return Some(("a CloudEvent", Some(Door::Events)));
    }
    if let Some(webhook) = Webhook::all().find(|webhook| webhook.recognises(payload, body)) {
        return Some((webhook.what(), Some(Door::Webhook(webhook))));
    }
    if let Some(known) = KNOWN.iter().find(|known| known.is(payload, body)) {
        return Some((known.what, None));
    }
    if let Some(what) = sources::posted_as(body) {
        return Some((what, Some(Door::Events)));
    }
    let is_enveloped = ["detail-type", "detailType"].iter().any(|name| body.get(name).is_some());
    (is_enveloped && body.get("detail").is_some()).then_some(("an event of an EventBridge bus", Some(Door::Queue)))
}

impl Known {
    fn is(&self, payload: &Payload<'_>, body: &Value) -> bool {
        self.marks.iter().any(|all| all.iter().all(|mark| mark.is_on(payload, body)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answered(door: &str, headers: &[(&'static str, &'static str)], body: &Value) -> Option<String> {
        let bytes = body.to_string();
        let payload = Payload::posted(headers.iter().copied(), bytes.as_bytes());
        Some(named(&Door::named(door).unwrap(), &payload, body)?.to_string())
    }

    /// A payload of each kind, cut down to what tells it.
    fn samples() -> Vec<(&'static str, Value)> {
        vec![
            (
                "a GitHub webhook",
                json!({"deployment": {"id": 1}, "repository": {"full_name": "a/b"}, "sender": {"login": "ada"}}),
            ),
            ("a GitLab webhook", json!({"object_kind": "deployment", "project": {"path_with_namespace": "a/b"}})),
            ("an Argo CD notification", json!({"app": {"metadata": {"name": "cart"}}})),
            (
                "a Flux notification",
                json!({"involvedObject": {"kind": "Kustomization"}, "severity": "info", "reportingController": "kustomize-controller"}),
            ),
            ("a CDEvent", json!({"context": {"type": "dev.cdevents.service.deployed.0.2.0"}, "subject": {}})),
            (
                "an Azure DevOps service hook",
                json!({"publisherId": "rm", "eventType": "ms.vss-release.deployment-completed-event", "resource": {}}),
            ),
            ("a Bitbucket webhook", json!({"commit_status": {}, "repository": {"full_name": "a/b"}, "actor": {}})),
            (
                "a CircleCI webhook",
                json!({"type": "workflow-completed", "happened_at": "2026-11-20T10:00:00Z", "webhook": {}, "pipeline": {"id": "1"}}),
            ),
            (
                "a notification of Jenkins' notification plugin",
                json!({"name": "cart", "build": {"phase": "FINALIZED", "number": 42}}),
            ),
            ("an Octopus Deploy subscription", json!({"EventType": "SubscriptionPayload", "Payload": {}})),
            ("a Spinnaker event", json!({"details": {"type": "orca:pipeline:complete"}, "content": {}})),
            ("an HCP Terraform notification", json!({"payload_version": 1, "notification_configuration_id": "nc-1"})),
            (
                "a Harness notification",
                json!({"eventType": "PipelineSuccess", "eventData": {"pipelineIdentifier": "deploy"}}),
            ),
            ("a Vercel webhook", json!({"type": "deployment.succeeded", "payload": {"deployment": {}}})),
            (
                "a Netlify deploy notification",
                json!({"site_id": "1", "build_id": "2", "state": "ready", "deploy_ssl_url": "https://x"}),
            ),
            (
                "a Coolify notification",
                json!({"event": "deployment_success", "application_uuid": "a", "deployment_uuid": "b"}),
            ),
            ("a pipeline's log entry", json!({"event_type": "deployment_complete", "status": "success"})),
            ("an event of an EventBridge bus", json!({"source": "ci", "detail-type": "Deployed", "detail": {}})),
        ]
    }

    #[test]
    fn each_tool_that_is_not_read_is_told_from_all_others() {
        let samples = samples();
        for known in &KNOWN {
            let (_, body) = samples.iter().find(|(what, _)| *what == known.what).expect(known.what);
            let payload = Payload::bare(b"");
            assert_eq!(looks_like(&payload, body), Some((known.what, None)), "a tool that is read has no row here");
            let found: Vec<_> = KNOWN.iter().filter(|other| other.is(&payload, body)).map(|other| other.what).collect();
            assert_eq!(found, [known.what], "{body}");
        }
    }

    #[test]
    fn a_payload_is_named_at_each_door_but_its_own_with_the_way() {
        for (what, body) in samples() {
            for door in Door::all() {
                let home = match what {
                    "a GitHub webhook" => Some("github"),
                    "a GitLab webhook" => Some("gitlab"),
                    "an Argo CD notification" => Some("argocd"),
                    "a Flux notification" => Some("flux"),
                    "a CDEvent" | "a pipeline's log entry" => Some("events"),
                    "an event of an EventBridge bus" => Some("queue"),
                    _ => None,
                };
                let headers: &[_] = if home == Some("github") { &[("X-GitHub-Event", "deployment")] } else { &[] };
                let way = match home {
                    Some("events") if door == Door::Queue => {
                        "send it to /v1/events, or as the detail of an event of the bus".to_owned()
                    }
                    Some("events") => "send it to /v1/events".to_owned(),
                    Some("queue") => "let a rule of the bus send it to the queue: docs/sources/README.md".to_owned(),
                    Some(webhook) => format!("send it to /v1/webhooks/{webhook}"),
                    None => "map it with a custom source: docs/sources/custom.md".to_owned(),
                };
                let expected = (home != Some(door.name())).then(|| format!("this looks like {what}; {way}"));
                assert_eq!(answered(door.name(), headers, &body), expected, "{body} at {door}");
            }
        }
    }

    #[test]
    fn our_own_events_are_never_taken_for_another_tools() {
        let own =
            json!({"deploymentId": "d-1", "status": "COMPLETED", "object_kind": "deployment", "app": {"metadata": {}}});
        assert_eq!(answered("events", &[("X-GitHub-Event", "push")], &own), None);
        let says = "this looks like an event in our own format; send it to /v1/events";
        assert_eq!(answered("github", &[], &own).as_deref(), Some(says));
        let enveloped = json!({"specversion": "1.0", "data": own});
        let says = "this looks like a CloudEvent; send it to /v1/events";
        assert_eq!(answered("gitlab", &[], &enveloped).as_deref(), Some(says));
        assert_eq!(answered("events", &[], &enveloped), None);
        for unknown in [json!({"app": {}}), json!({"status": "fine"}), json!([]), json!("x"), Value::Null] {
            assert_eq!(answered("events", &[], &unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_header_alone_tells() {
        let header = |name| answered("events", &[(name, "x")], &json!({}));
        assert!(header("x-github-event").unwrap().contains("GitHub"));
        assert!(header("x-event-key").unwrap().contains("Bitbucket"));
        assert!(header("circleci-event-type").unwrap().contains("CircleCI"));
        assert_eq!(header("content-type"), None);
    }
}
