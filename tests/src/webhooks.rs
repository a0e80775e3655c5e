//! The tools whose webhooks are accepted, as the contract describes them.

use api::routes::WebhookTool;
use formats::Webhook;

/// All of them.
#[must_use]
pub fn webhooks() -> Vec<WebhookTool> {
    let described = |webhook: Webhook| WebhookTool { name: webhook.name(), summary: webhook.summary() };
    Webhook::all().map(described).collect()
}
