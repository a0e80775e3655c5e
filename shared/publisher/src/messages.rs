//! What a notification says to programs and in chats; its plain texts are the domain's.

use api::RecordedEvent;
use domain::follows::digest::{Digest, LISTED};
use domain::follows::drift::DriftNotice;
use domain::follows::notifications::{Notification, Transition};
use domain::follows::witnessed::{Modification, Witnessed};
use domain::one_line;
use domain::pages_url::{PagesUrl, open_command};
use serde_json::{Value, json};

/// A custom notification of Amazon Q Developer in chat applications (schema version 1.0).
struct Chat<'a> {
    /// The same for the same news: it recognises what it was sent twice.
    id: &'a str,
    /// In Markdown.
    title: &'a str,
    /// In Markdown.
    description: &'a str,
    /// Messages of one thread stand together.
    thread: &'a str,
    /// In plain text.
    summary: &'a str,
    /// What happened.
    event_type: &'a str,
}

impl Chat<'_> {
    fn message(&self) -> Value {
        json!({
            "version": "1.0",
            "source": "custom",
            "id": self.id,
            "content": {
                "textType": "client-markdown",
                "title": one_line(self.title, 250),
                "description": self.description,
            },
            "metadata": {
                "threadId": self.thread,
                "summary": escaped(self.summary),
                "eventType": self.event_type,
            },
        })
    }
}

/// A notification, in a chat. What senders wrote stands in code spans, where it can be no mark-up, no link and no
/// mention; what leads to its page is encoded. Without `pages` it is the command that opens it.
#[must_use]
pub fn chat(notification: &Notification, pages: Option<&PagesUrl>) -> Value {
    let Notification { deployment_id, attempt, at, .. } = notification;
    let mut description = format!("Deployment {} (attempt {attempt}), at {at}", code(deployment_id.as_str()));
    if let Some(stall) = &notification.stall {
        description.push_str("\nStalled: ");
        description.push_str(&code(&stall.in_words()));
    }
    for said in notification.said() {
        let (what, said) = said.split_once(": ").unwrap_or(("Because", &said));
        description.extend(["\n", what, ": ", &code(said.trim())]);
    }
    if let Some(failed) = &notification.failed_stage {
        description.push_str("\nFailed in: ");
        description.push_str(&code(failed.stage.as_str()));
        if let Some(error) = &failed.error {
            description.push_str(": ");
            description.push_str(&code(&error.in_words()));
        }
    }
    if let Some(message) = notification.error.as_ref().and_then(|error| error.message.as_deref()) {
        description.push_str("\nError: ");
        description.push_str(&code(message));
    }
    let page = notification.page();
    match pages {
        Some(pages) => description.extend(["\n[Open its page](", &pages.page(&page), ")"]),
        None => description.extend(["\nOpen its page: ", &code(&open_command(&page))]),
    }
    let (what, environment) = (escaped(&notification.what()), escaped(notification.environment.as_str()));
    let title = format!("{what} in {environment}: {}", escaped(&notification.outcome()));
    Chat {
        id: &notification.dedupe_id(),
        title: &title,
        description: &description,
        thread: deployment_id.as_str(),
        summary: &notification.sms(),
        event_type: notification.transition.as_str(),
    }
    .message()
}

/// Everything, for queues and functions. `recorded` is the event that brought it, as the audit trail
/// has it; null where nothing was recorded. `link` is the address of its page, and null without `pages`; `open` is the
/// command that opens it anyway.
#[must_use]
pub fn full(notification: &Notification, pages: Option<&PagesUrl>) -> Value {
    let page = notification.page();
    let mut full = json!({
        "type": notification.transition.as_str(),
        "severity": notification.severity(),
        "dedupeId": notification.dedupe_id(),
        "deploymentId": notification.deployment_id,
        "service": notification.service,
        "environment": notification.environment,
        "version": notification.version,
        "attempt": notification.attempt,
        "at": notification.at,
        "status": notification.status,
        "error": notification.error,
        "failedStage": notification.failed_stage,
        "recorded": notification.record.as_deref().map(RecordedEvent::from),
        "link": pages.map(|pages| pages.page(&page)),
        "open": open_command(&page),
    });
    // Only of what stalled, so that all other messages are as they were.
    if let Some(stall) = &notification.stall {
        full["stalled"] = json!(stall);
    }
    // Only of verdicts. Each reason without its evidence, of which there can be much: the deployment's answer has it.
    if let Some(judged) = notification.judged.as_deref() {
        let mut verdict = json!(judged.verdict);
        for reason in verdict["reasons"].as_array_mut().into_iter().flatten() {
            reason.as_object_mut().map(|reason| reason.remove("evidence"));
        }
        full["verdict"] = verdict;
        full["cleared"] = json!(judged.because);
    }
    full
}

/// A digest, in a chat.
#[must_use]
pub fn digest_in_chat(digest: &Digest) -> Value {
    let mut lines: Vec<String> = digest.lines().map(|line| code(&line)).collect();
    let more = digest.entries.len() - lines.len();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.push(format!("All of them: {}", code(&format!("GET {}", digest.list()))));
    Chat {
        id: &digest.dedupe_id(),
        title: &escaped(&digest.headline()),
        description: &lines.join("\n"),
        thread: &format!("digest-{}", digest.transition.as_str()),
        summary: &digest.sms(),
        event_type: digest.transition.as_str(),
    }
    .message()
}

/// A digest, for queues and functions: how many there are, and those that come first.
#[must_use]
pub fn full_digest(digest: &Digest) -> Value {
    let environments = digest.environments();
    let listed = digest.entries.iter().take(LISTED).map(|held| {
        json!({
            "deploymentId": held.deployment_id, "service": held.service, "environment": held.environment,
            "version": held.version, "attempt": held.attempt, "at": held.at, "status": held.status, "why": held.why,
            "dedupeId": held.dedupe_id,
        })
    });
    let some = environments.iter().take(LISTED);
    json!({
        "type": digest.transition.as_str(),
        "severity": digest.severity(),
        "dedupeId": digest.dedupe_id(),
        "environment": digest.environment(),
        "service": null,
        "at": digest.minute,
        "status": "DIGEST",
        "count": digest.entries.len(),
        "environments": {
            "count": environments.len(),
            "first": some.map(|(name, count)| json!({"environment": name, "count": count})).collect::<Vec<_>>(),
        },
        "deployments": listed.collect::<Vec<_>>(),
        "more": digest.more(),
        "list": digest.list(),
    })
}

/// What people are notified of drift, in a chat.
#[must_use]
pub fn drift_in_chat(notice: &DriftNotice) -> Value {
    let lines: Vec<String> = notice.text().lines().skip(2).filter(|line| !line.is_empty()).map(code).collect();
    Chat {
        id: &notice.dedupe_id(),
        title: &escaped(&notice.headline()),
        description: &lines.join("\n"),
        thread: "drift",
        summary: &notice.sms(),
        event_type: Transition::Drift.as_str(),
    }
    .message()
}

/// What people are notified of drift, for queues and functions: all of its findings, which are so few that it stays
/// within what SNS takes.
#[must_use]
pub fn full_drift(notice: &DriftNotice) -> Value {
    let only = notice.only();
    let ended = notice.ended.iter().map(|id| {
        json!({
            "kind": id.kind, "environment": id.environment, "service": id.service,
            "release": id.release.as_ref().map(domain::Label::as_str),
        })
    });
    let new = notice.new.iter().map(|finding| {
        json!({
            "kind": finding.kind, "severity": finding.severity, "environment": finding.environment,
            "service": finding.service, "release": finding.release, "since": finding.since, "what": finding.what,
            "suggestion": finding.suggestion,
        })
    });
    json!({
        "type": Transition::Drift.as_str(),
        "severity": notice.severity(),
        "dedupeId": notice.dedupe_id(),
        "environment": notice.environment(),
        "service": only.as_ref().and_then(|id| id.service.as_ref()),
        "at": notice.at,
        "status": notice.status(),
        "new": {"count": notice.new.len(), "findings": new.collect::<Vec<_>>()},
        "ended": {"count": notice.ended.len(), "findings": ended.collect::<Vec<_>>()},
    })
}

/// What the witness tells, in a chat.
#[must_use]
pub fn witnessed_in_chat(notice: &Witnessed) -> Value {
    let lines: Vec<String> = notice.text().lines().filter(|line| !line.is_empty()).map(code).collect();
    Chat {
        id: &notice.dedupe_id(),
        title: &escaped(&notice.subject()),
        description: &lines.join("\n"),
        thread: "witness",
        summary: &notice.sms(),
        event_type: notice.kind(),
    }
    .message()
}

/// What the witness tells, for queues and functions. Of modifications it has the first hundred: SNS takes no more.
#[must_use]
pub fn full_witnessed(notice: &Witnessed) -> Value {
    const MOST: usize = 100;
    let mut full = json!({
        "type": notice.kind(),
        "severity": notice.severity(),
        "dedupeId": notice.dedupe_id(),
    });
    match notice {
        Witnessed::Anchored { record, hash } => {
            full["record"] = json!(record);
            full["hash"] = json!(hash);
        }
        Witnessed::Modified(all) => {
            let some: Vec<&Modification> = all.iter().take(MOST).collect();
            full["count"] = json!(all.len());
            full["modifications"] = json!(some);
        }
    }
    full
}

/// Text without what a chat reads as mark-up, a link or a mention.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(['*', '_', '~', '`', '[', ']'], " ")
}

fn code(text: &str) -> String {
    let inner = one_line(text, 500).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('`', "'");
    format!("`{inner}`")
}
