//! The tools whose webhooks are accepted, as the contract describes them.

use api::routes::WebhookTool;

/// All of them.
pub const WEBHOOKS: [WebhookTool; 3] = [
    WebhookTool {
        name: "github",
        operation: "postGithubWebhook",
        summary: "Takes GitHub's webhooks about deployments, workflow runs and approvals, signed with a configured secret.",
    },
    WebhookTool {
        name: "gitlab",
        operation: "postGitlabWebhook",
        summary: "Takes GitLab's deployment webhooks, with a configured token or signed with a configured key.",
    },
    WebhookTool {
        name: "argocd",
        operation: "postArgocdWebhook",
        summary: "Takes Argo CD's notifications, with a configured token in `Authorization: Bearer` or `X-Webhook-Token`.",
    },
];
