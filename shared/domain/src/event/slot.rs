//! How a field of the event is read and described, by the type that it has.
//!
//! The list of fields is in [`list`](super::list); a field of a type that has a [`Slot`] needs no more
//! than its line there.

use serde_json::{Map, Value, json};

use super::Kind;
use super::limits::{Limits, not_in_future};
use super::schema_pieces::text;
use crate::fields::Fields;
use crate::identifiers::{DeploymentId, Identifier, Source};
use crate::{Status, Timestamp, json};

/// A field of the event, described.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// What it is called in JSON.
    pub name: &'static str,
    /// What it may also be called.
    pub aliases: &'static [&'static str],
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What it holds when it is left out; empty where nothing is to be said.
    pub absent: &'static str,
    /// Which values it takes, for people.
    pub bounds: &'static str,
    /// Whether an event must have it.
    pub required: bool,
    /// Which values it takes, as a JSON Schema.
    pub schema: fn() -> Value,
}

/// What every event says.
#[derive(Debug)]
pub(super) struct Essentials {
    pub(super) source: Source,
    pub(super) deployment_id: DeploymentId,
    pub(super) kind: Kind,
    pub(super) status: Status,
}

/// What a field of the event can hold, present or absent.
pub(super) trait Slot: Sized {
    /// Whether an event must have the field.
    const REQUIRED: bool = false;
    /// Which values the field takes, for people.
    const BOUNDS: &'static str;

    /// Which values the field takes, as a JSON Schema.
    fn schema() -> Value;

    /// What it holds in an event that says no more than what is essential.
    fn initial(essentials: &Essentials) -> Self;

    /// Takes the value that stands under one of `names`. None when it is wrong, or missing and required:
    /// then an error is noted.
    fn take(from: &mut Fields<'_>, names: &[&'static str], now: Timestamp) -> Option<Self>;
}

/// A value that a field may have or not.
pub(super) trait Optional: Sized {
    /// Which values there are, for people.
    const BOUNDS: &'static str;

    /// Which values there are, as a JSON Schema.
    fn schema() -> Value;

    /// Takes the value under one of `names`. None when it is missing, and when it is wrong: then an error
    /// is noted.
    fn take(from: &mut Fields<'_>, names: &[&'static str], now: Timestamp) -> Option<Self>;
}

impl<T: Optional> Slot for Option<T> {
    const BOUNDS: &'static str = T::BOUNDS;

    fn schema() -> Value {
        T::schema()
    }

    fn initial(_: &Essentials) -> Self {
        None
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], now: Timestamp) -> Option<Self> {
        Some(T::take(from, names, now))
    }
}

impl<T: Identifier> Optional for T {
    const BOUNDS: &'static str = T::RULE.bounds;

    fn schema() -> Value {
        (T::RULE.schema)()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        from.identifier(names)
    }
}

impl Slot for DeploymentId {
    const REQUIRED: bool = true;
    const BOUNDS: &'static str = Self::RULE.bounds;

    fn schema() -> Value {
        (Self::RULE.schema)()
    }

    fn initial(essentials: &Essentials) -> Self {
        essentials.deployment_id.clone()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        required(from, names, |from| from.identifier(names))
    }
}

impl Slot for Source {
    const BOUNDS: &'static str = Self::RULE.bounds;

    fn schema() -> Value {
        (Self::RULE.schema)()
    }

    fn initial(essentials: &Essentials) -> Self {
        essentials.source.clone()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        from.identifier(names).or_else(|| Self::parse("native").ok())
    }
}

impl Slot for Status {
    const REQUIRED: bool = true;
    const BOUNDS: &'static str =
        "`PENDING`, `IN_PROGRESS`, `VALIDATING`, `COMPLETED`, `FAILED`, `ROLLED_BACK`, `CANCELLED`";

    fn schema() -> Value {
        json!({"enum": Self::ALL})
    }

    fn initial(essentials: &Essentials) -> Self {
        essentials.status
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let (name, text) = required(from, names, |from| from.text(names))?;
        let status = Self::parse(&text);
        if status.is_none() {
            from.wrong(name, format!("must be one of {}", Self::names()));
        }
        status
    }
}

/// The attempt.
impl Slot for u32 {
    const BOUNDS: &'static str = "a whole number from 1 to 1,000,000";

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": Limits::ATTEMPT, "default": 1})
    }

    fn initial(_: &Essentials) -> Self {
        1
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds, and whole")]
    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let number = from.whole_number(names, 1.0, Limits::ATTEMPT);
        Some(number.map_or(1, |number| number as Self))
    }
}

/// A time that has come, as far as clocks agree.
impl Optional for Timestamp {
    const BOUNDS: &'static str = "RFC 3339, 1970 to 2286, at most 5 minutes in the future";

    fn schema() -> Value {
        Self::schema()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], now: Timestamp) -> Option<Self> {
        let (name, time) = from.time(names)?;
        if let Err(detail) = not_in_future(time, now) {
            from.wrong(name, detail);
        }
        Some(time)
    }
}

/// Free text.
impl Optional for String {
    const BOUNDS: &'static str = "4096 bytes";

    fn schema() -> Value {
        text(Limits::TEXT_BYTES)
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        from.free_text(names, Limits::TEXT_BYTES)
    }
}

/// Metadata: any object.
impl Optional for Map<String, Value> {
    const BOUNDS: &'static str =
        "any object of at most 16 KB and 64 levels, with no number beyond 2⁵³, kept as it came";

    fn schema() -> Value {
        let says = "Anything, at most 16 KB and 64 levels deep, with no number beyond 2^53.";
        json!({"type": "object", "description": says, "x-maxBytes": Limits::METADATA_BYTES})
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let (name, object) = from.object(names)?;
        if json::canonical(&object).map_or(usize::MAX, |text| text.len()) > Limits::METADATA_BYTES {
            from.wrong(name, "must have at most 16 KB");
        }
        if depth(object.values()) > Limits::METADATA_DEPTH {
            from.wrong(name, format!("must be nested at most {} levels deep", Limits::METADATA_DEPTH));
        }
        if !object.values().all(is_exact) {
            from.wrong(
                name,
                "must not have numbers beyond 2^53, because not every JSON parser keeps them exactly: send them as strings",
            );
        }
        Some(object)
    }
}

fn required<T>(
    from: &mut Fields<'_>,
    names: &[&'static str],
    read: impl Fn(&mut Fields<'_>) -> Option<T>,
) -> Option<T> {
    let errors = from.error_count();
    let value = read(from);
    if value.is_none() && from.error_count() == errors {
        from.wrong(names[0], "is required");
    }
    value
}

/// How deep these values are nested, their own container included.
fn depth<'a>(values: impl Iterator<Item = &'a Value>) -> usize {
    let below = values.map(|value| match value {
        Value::Object(object) => depth(object.values()),
        Value::Array(array) => depth(array.iter()),
        _ => 0,
    });
    1 + below.max().unwrap_or(0)
}

/// Whether all numbers in a value are kept as they came: RFC 8785 and most readers take them for
/// doubles, which are exact up to 2^53 (RFC 7493, section 2.2).
fn is_exact(value: &Value) -> bool {
    const SAFE: f64 = 9_007_199_254_740_991.0;
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() <= SAFE),
        Value::Object(object) => object.values().all(is_exact),
        Value::Array(array) => array.iter().all(is_exact),
        _ => true,
    }
}
