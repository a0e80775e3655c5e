//! JSON as it comes in and as it is hashed.
//!
//! Reading is stricter than `serde_json`'s own: a key given twice is an error, because two readers
//! of such a document can disagree about what it says. Depth (128) and numbers outside a double are
//! refused by `serde_json` itself.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// Why bytes are not the JSON document that we accept; the text names the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// Reads one JSON document.
///
/// # Errors
/// [`Malformed`] for invalid UTF-8, invalid or truncated JSON, a key given twice, nesting deeper
/// than 128, or a number that a double can't hold.
pub fn parse(bytes: &[u8]) -> Result<Value, Malformed> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Malformed(format!("not UTF-8: invalid byte at offset {}", error.valid_up_to())))?;
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| Malformed(error.to_string()))
}

/// The canonical text of a value after RFC 8785 (JCS): equal content gives equal bytes.
///
/// # Errors
/// Only when `value` cannot be serialised at all, such as a map with keys that are no strings.
pub fn canonical<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json_canonicalizer::to_string(value)
}

/// SHA-256 of a text, as 64 hexadecimal digits.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("key {key:?} is given twice")));
            }
            let Strict(value) = entries.next_value()?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        for (bad, says) in [
            (r#"{"a":1,"a":2}"#, "given twice"),
            (r#"{"a":{"b":1,"\u0062":2}}"#, "given twice"),
            ("{\"a\":", "EOF"),
            ("{} {}", "trailing"),
            ("1e400", "out of range"),
            (deep.as_str(), "recursion limit"),
            ("NaN", "expected"),
        ] {
            let error = parse(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").unwrap_err().to_string().contains("not UTF-8"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "\\PC*", number in any::<f64>(), whole in any::<u64>()) {
            let value = serde_json::json!({"text": text, "n": [number, whole, -1, null, true]});
            prop_assert_eq!(parse(value.to_string().as_bytes()).unwrap(), value);
        }
    }
}
