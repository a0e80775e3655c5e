//! The doors that payloads of tools come through.

use api::Request;
use aws::secrets::Webhook;
use domain::json;
use serde_json::Value;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// EventBridge events, through the queue.
    EventBridge,
    /// `POST /v1/events`.
    Events,
    /// `POST /v1/webhooks/…`.
    Webhook(Webhook),
}

impl Door {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::EventBridge,
        Self::Events,
        Self::Webhook(Webhook::GitHub),
        Self::Webhook(Webhook::GitLab),
        Self::Webhook(Webhook::ArgoCd),
    ];

    /// Its name: `eventbridge`, `events`, or the webhook's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EventBridge => "eventbridge",
            Self::Events => "events",
            Self::Webhook(webhook) => webhook.name(),
        }
    }

    /// The door at a path of the HTTP API.
    pub(crate) fn at(path: &str) -> Option<Self> {
        let webhook = |name| Webhook::ALL.into_iter().find(|webhook| webhook.name() == name);
        match path {
            "/v1/events" => Some(Self::Events),
            path => path.strip_prefix("/v1/webhooks/").and_then(webhook).map(Self::Webhook),
        }
    }

    /// The door that such a request is most likely meant for, by what tools send: for explaining
    /// only, where nobody says which.
    pub(crate) fn guess(request: &Request) -> Self {
        if request.header("x-github-event").is_some() {
            return Self::Webhook(Webhook::GitHub);
        }
        let body = json::parse(&request.body).unwrap_or_default();
        let has = |names: &[&str]| names.iter().any(|name| body.get(name).is_some());
        let is = |name: &str, begins: &str| {
            body.get(name).and_then(Value::as_str).is_some_and(|text| text.starts_with(begins))
        };
        if request.header("x-gitlab-event").is_some() || has(&["object_kind"]) {
            Self::Webhook(Webhook::GitLab)
        } else if has(&["app"]) || is("apiVersion", "argoproj.io/") {
            Self::Webhook(Webhook::ArgoCd)
        } else if has(&["detail-type", "detailType", "CodePipeline.job"]) {
            Self::EventBridge
        } else {
            Self::Events
        }
    }
}
