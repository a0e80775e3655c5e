//! The table of what is read: each [source](crate::source) with its door, its reader, what rules see of it, and how
//! it proves itself. A new tool is a file below and a row here; nothing else in the system knows any of them.
//!
//! Our own events are no row: they name their source themselves, and no rule touches them. Nor are
//! the envelopes in which events come (EventBridge, CloudEvents), which have no facts of their own.

mod amplify;
mod app_config;
mod argo_cd;
mod argo_rollouts;
mod cd_events;
mod cloud_formation;
pub(crate) mod cloud_watch;
mod code_build;
mod code_deploy;
mod code_pipeline;
mod ecs;
mod elastic_beanstalk;
mod flux;
mod github;
mod gitlab;
mod pipeline_log;
mod tekton;

use domain::ledger::ownership::Owner;
use domain::{DeploymentId, Timestamp};
use serde_json::Value;

use crate::envelope::Envelope;
use crate::proof::Proof;
use crate::reading::Read;
use crate::source::{Intake, Mark, Source, WebhookIntake};

/// All sources. The order is that in which messages name them, and payloads are recognised.
pub static SOURCES: [Source; 17] = [
    Source {
        name: "aws.codepipeline",
        ids: &[],
        facts: &["pipeline", "stage", "account", "region"],
        intake: Intake::Bus { read: code_pipeline::read, envelope: None },
    },
    Source {
        name: "aws.codedeploy",
        ids: &[],
        facts: &["application", "deploymentGroup", "account", "region"],
        intake: Intake::Bus { read: code_deploy::read, envelope: Some(code_deploy::envelope) },
    },
    Source {
        name: "aws.ecs",
        ids: &[],
        facts: &["cluster", "service", "account", "region"],
        intake: Intake::Bus { read: ecs::read, envelope: None },
    },
    Source {
        name: "aws.cloudformation",
        ids: &["cloudformation:"],
        facts: &["stack", "account", "region"],
        intake: Intake::Bus { read: |envelope, _| cloud_formation::read(envelope), envelope: None },
    },
    Source {
        name: "aws.codebuild",
        ids: &[],
        facts: &["project", "account", "region"],
        intake: Intake::Bus { read: |envelope, _| code_build::read(envelope), envelope: None },
    },
    Source {
        name: "aws.appconfig",
        ids: &["appconfig:"],
        facts: &["application", "environment", "profile", "account", "region"],
        intake: Intake::Bus { read: |envelope, _| app_config::read(envelope), envelope: None },
    },
    Source {
        name: "aws.elasticbeanstalk",
        ids: &["elasticbeanstalk:"],
        facts: &["application", "environment", "account", "region"],
        intake: Intake::Bus { read: elastic_beanstalk::read, envelope: None },
    },
    Source {
        name: "aws.amplify",
        ids: &["amplify:"],
        facts: &["app", "branch", "account", "region"],
        intake: Intake::Bus { read: |envelope, _| amplify::read(envelope), envelope: None },
    },
    Source {
        name: cloud_watch::NAME,
        ids: &[],
        facts: &[cloud_watch::ALARM_NAME, "description", "namespace", "dimensions", "tags", "account", "region"],
        intake: Intake::Bus { read: cloud_watch::read, envelope: None },
    },
    Source {
        name: "github",
        ids: &["github:", "github-run:"],
        facts: &[
            "repository",
            "environment",
            "branch",
            "workflow",
            "job",
            "task",
            "transient",
            "production",
            "creator",
        ],
        intake: Intake::Webhook(WebhookIntake {
            summary: "Receives GitHub's webhooks about deployments, workflow runs and approvals, signed with a configured secret.",
            what: "a GitHub webhook",
            proof: Proof::Signature { header: "X-Hub-Signature-256", prefix: "sha256=" },
            whose: &[&["repository"]],
            marks: &[Mark::Header("X-GitHub-Event")],
            read: github::read,
        }),
    },
    Source {
        name: "gitlab",
        ids: &["gitlab:"],
        facts: &["project", "environment", "tier", "branch"],
        intake: Intake::Webhook(WebhookIntake {
            summary: "Receives GitLab's deployment webhooks, with a configured token or signed with a configured key.",
            what: "a GitLab webhook",
            proof: Proof::StandardWebhook { or_token: "X-Gitlab-Token" },
            whose: &[&["project"]],
            marks: &[Mark::Header("X-Gitlab-Event"), Mark::Field("/object_kind")],
            read: |payload, now| Ok(gitlab::read(&payload.json()?, now)),
        }),
    },
    Source {
        name: "argocd",
        ids: &["argocd:"],
        facts: &["application", "project", "namespace", "cluster", "repository"],
        intake: Intake::Webhook(WebhookIntake {
            summary: "Receives notifications of Argo CD and Argo Rollouts, with a configured token in `Authorization: Bearer` or `X-Webhook-Token`.",
            what: "an Argo CD notification",
            proof: Proof::BearerToken { or_token: "X-Webhook-Token" },
            whose: &[&["project", "namespace"], &["application", "rollout"]],
            marks: &[
                Mark::Field("/app/metadata"),
                Mark::Field("/rollout"),
                Mark::FieldBegins("/apiVersion", "argoproj.io/"),
            ],
            read: |payload, now| {
                let body = payload.json()?;
                let read = if argo_rollouts::is_rollout(&body) { argo_rollouts::read } else { argo_cd::read };
                Ok(read(&body, now))
            },
        }),
    },
    Source {
        name: "flux",
        ids: &["flux:"],
        facts: &["kind", "name", "namespace", "environment", "cluster"],
        intake: Intake::Webhook(WebhookIntake {
            summary: "Receives the events of Flux's notification controller, signed with a configured secret.",
            what: "a Flux notification",
            proof: Proof::Signature { header: "X-Signature", prefix: "sha256=" },
            whose: &[&["namespace"], &["name"]],
            marks: &[Mark::Header("Gotk-Component"), Mark::Field("/involvedObject")],
            read: |payload, now| Ok(flux::read(&payload.json()?, now)),
        }),
    },
    Source {
        name: "argo-rollouts",
        ids: &["argo-rollouts:"],
        facts: &["rollout", "namespace", "strategy", "image"],
        intake: Intake::Posted {
            what: "an Argo Rollouts notification",
            is: argo_rollouts::is_rollout,
            read: |rollout, _, now| argo_rollouts::read(rollout, now),
            in_detail: false,
        },
    },
    Source {
        name: "cdevents",
        ids: &["cdevents:", "cdevents-run:"],
        facts: &["source", "environment", "service", "pipeline"],
        intake: Intake::Posted {
            what: "a CDEvent",
            is: cd_events::is_cd_event,
            read: |event, _, now| cd_events::read(event, now),
            in_detail: true,
        },
    },
    Source {
        name: "tekton",
        ids: &["tekton:"],
        facts: &["pipeline", "task", "namespace", "service", "environment"],
        intake: Intake::Posted {
            what: "the data of a Tekton event",
            is: tekton::is_tekton,
            read: |data, _, now| tekton::read(data, now),
            in_detail: false,
        },
    },
    Source {
        name: "pipeline-log",
        ids: &["pipeline-log:"],
        facts: &["service", "environment"],
        intake: Intake::Posted {
            what: "a pipeline's log entry",
            is: pipeline_log::is_pipeline_log,
            read: pipeline_log::read,
            in_detail: false,
        },
    },
];

/// The source whose ids begin as this one does, if there is one other than `from`, which sent it.
pub(crate) fn owner(id: &DeploymentId, from: Option<&str>) -> Option<Owner> {
    let owned =
        |source: &'static Source| Some((source, *source.ids.iter().find(|own| id.as_str().starts_with(**own))?));
    let (source, prefix) = SOURCES.iter().find_map(owned).filter(|(source, _)| Some(source.name) != from)?;
    Some(Owner { tool: source.name, prefix, lacks_names: matches!(source.intake, Intake::Bus { .. }) })
}

/// What reads the events of a bus that have this source; none of a source that is not known.
pub(crate) fn on_bus(source: &str) -> Option<fn(&Envelope, Timestamp) -> Read> {
    SOURCES.iter().find_map(|row| match row.intake {
        Intake::Bus { read, .. } if row.name == source => Some(read),
        _ => None,
    })
}

/// The envelope of a message that comes to the queue without one, if it is of a source that is known.
pub(crate) fn envelope(message: &Value) -> Option<Value> {
    SOURCES.iter().find_map(|row| match row.intake {
        Intake::Bus { envelope, .. } => envelope?(message),
        _ => None,
    })
}

/// Reads a document that was posted, or stood in the data of a CloudEvent, if it is of a source that is
/// known.
pub(crate) fn posted(document: &Value, time: Option<Timestamp>, now: Timestamp) -> Option<Read> {
    SOURCES.iter().find_map(|row| match row.intake {
        Intake::Posted { is, read, .. } if is(document) => Some(read(document, time, now)),
        _ => None,
    })
}

/// What people call a document that is of a source that is posted, if it is of one.
pub(crate) fn posted_as(document: &Value) -> Option<&'static str> {
    SOURCES.iter().find_map(|row| match row.intake {
        Intake::Posted { what, is, .. } if is(document) => Some(what),
        _ => None,
    })
}

/// Reads the `detail` of an event of a bus, if it is of a source that is known there.
pub(crate) fn in_detail(detail: &Value, now: Timestamp) -> Option<Read> {
    SOURCES.iter().find_map(|row| match row.intake {
        Intake::Posted { is, read, in_detail: true, .. } if is(detail) => Some(read(detail, None, now)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_source_has_a_name_and_facts_of_its_own() {
        let names: BTreeSet<&str> = SOURCES.iter().map(|source| source.name).collect();
        assert_eq!(names.len(), SOURCES.len(), "each name once: {names:?}");
        for source in &SOURCES {
            let facts: BTreeSet<&str> = source.all_facts().collect();
            assert!(!source.facts.is_empty() && facts.len() == source.all_facts().count(), "{}", source.name);
        }
    }
}
