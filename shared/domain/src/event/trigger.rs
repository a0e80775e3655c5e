//! Who or what triggered a deployment.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::schema_pieces::{or_null, text};
use super::slot::Optional;
use crate::Timestamp;
use crate::fields::{Fields, kind};

/// The longest `actor`, in bytes.
const ACTOR_BYTES: usize = 256;
/// The longest `reason`, in bytes.
const REASON_BYTES: usize = 1024;

/// What triggered a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TriggerKind {
    /// A person.
    Manual,
    /// A change, such as a push.
    Automatic,
    /// A schedule.
    Scheduled,
}

/// Who or what triggered a deployment, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Trigger {
    /// The kind of trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TriggerKind>,
    /// The person or program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Optional for Trigger {
    const BOUNDS: &'static str = "`MANUAL`, `AUTOMATIC`, `SCHEDULED`; or an object with `kind` (one of these), `actor` \
                                  (256 bytes), `reason` (1024 bytes)";

    fn schema() -> Value {
        let kind = json!({"enum": [TriggerKind::Manual, TriggerKind::Automatic, TriggerKind::Scheduled]});
        json!({"oneOf": [kind, {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "kind": or_null(kind.clone()),
                "actor": or_null(text(ACTOR_BYTES)),
                "reason": or_null(text(REASON_BYTES)),
            },
        }]})
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        match from.take(names)? {
            (name, Value::String(kind)) => Some(Self { kind: trigger_kind(from, name, &kind), ..Self::default() }),
            (name, Value::Object(object)) => {
                let mut inner = from.nested(name, object);
                let kind = inner.text(&["kind"]).and_then(|(name, text)| trigger_kind(&mut inner, name, &text));
                let actor = inner.free_text(&["actor"], ACTOR_BYTES);
                let trigger = Self { kind, actor, reason: inner.free_text(&["reason"], REASON_BYTES) };
                inner.finish("known are `kind`, `actor` and `reason`");
                Some(trigger)
            }
            (name, other) => {
                from.wrong(name, format!("must be a text or an object, not {}", kind(&other)));
                None
            }
        }
    }
}

fn trigger_kind(from: &mut Fields<'_>, name: &str, text: &str) -> Option<TriggerKind> {
    match text {
        "MANUAL" => Some(TriggerKind::Manual),
        "AUTOMATIC" => Some(TriggerKind::Automatic),
        "SCHEDULED" => Some(TriggerKind::Scheduled),
        _ => {
            from.wrong(name, "must be MANUAL, AUTOMATIC or SCHEDULED; a person's name goes into `triggeredBy.actor`");
            None
        }
    }
}
