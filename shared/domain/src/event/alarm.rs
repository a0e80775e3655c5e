//! What an alarm says, in an observation: that it went off, or that it is well again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::Limits;
use super::schema_pieces::{or_null, text};
use super::slot::Optional;
use crate::Timestamp;
use crate::fields::{Fields, kind};

/// What an alarm says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// Its name: 1 to [1024 bytes](Alarm::NAME_BYTES).
    pub name: String,
    /// What it says.
    pub state: AlarmState,
    /// Why it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether what runs is bad when it goes off, and not only suspected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decisive: bool,
}

/// What an alarm can say. That it lacks data says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AlarmState {
    /// It went off.
    Alarm,
    /// All is well.
    Ok,
}

impl AlarmState {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Alarm, Self::Ok];

    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
        }
    }

    /// The state that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl Alarm {
    /// The longest name, in bytes.
    pub const NAME_BYTES: usize = 1024;
}

impl Optional for Alarm {
    const BOUNDS: &'static str = "an object with `name` (1024 bytes, not empty), `state` (`ALARM`, `OK`), `reason` \
                                  (4096 bytes), `decisive` (true or false)";

    fn schema() -> Value {
        let mut name = text(Self::NAME_BYTES);
        name["pattern"] = json!(r"[^\s\u0085]");
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "state"],
            "properties": {
                "name": name,
                "state": {"enum": AlarmState::ALL},
                "reason": or_null(text(Limits::TEXT_BYTES)),
                "decisive": or_null(json!({"type": "boolean"})),
            },
        })
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let (field, object) = from.object(names)?;
        let mut inner = from.nested(field, object);
        let errors = inner.error_count();
        let name = inner.free_text(&["name"], Self::NAME_BYTES).filter(|name| !name.trim().is_empty());
        if name.is_none() && inner.error_count() == errors {
            inner.wrong("name", "is required: a text of 1 to 1024 bytes");
        }
        let before_state = inner.error_count();
        let state = inner.text(&["state"]).and_then(|(_, text)| AlarmState::parse(&text));
        if state.is_none() && inner.error_count() == before_state {
            inner.wrong("state", "must be ALARM or OK; an alarm without data says nothing");
        }
        let reason = inner.free_text(&["reason"], Limits::TEXT_BYTES);
        let decisive = match inner.take(&["decisive"]) {
            None => false,
            Some((_, Value::Bool(decisive))) => decisive,
            Some((name, other)) => {
                inner.wrong(name, format!("must be true or false, not {}", kind(&other)));
                false
            }
        };
        inner.finish("known are `name`, `state`, `reason` and `decisive`");
        Some(Self { name: name?, state: state?, reason, decisive })
    }
}
