//! Reads the fields of a payload of another tool: into what a format needs of it, with the path to
//! what is wrong.

use domain::identifiers::Identifier;
use domain::{FieldError, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a payload into what a format needs of it; the error names the path to what is wrong.
pub(crate) fn typed<T: DeserializeOwned>(value: &Value, path: &str) -> Result<T, Vec<FieldError>> {
    // An array would do for an object, its elements taken for fields in their order.
    if value.is_array() {
        return Err(vec![FieldError::new(path, "must be an object, not an array")]);
    }
    any(value, path)
}

/// Reads a part of a payload that need not be an object.
pub(crate) fn any<T: DeserializeOwned>(value: &Value, path: &str) -> Result<T, Vec<FieldError>> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let field = [path, inner.as_str()].into_iter().filter(|part| !part.is_empty() && *part != ".");
        vec![FieldError::new(field.collect::<Vec<_>>().join("."), error.inner().to_string())]
    })
}

/// The errors of what stands under `path` of a payload.
pub(crate) fn within(path: &str, errors: Vec<FieldError>) -> Vec<FieldError> {
    let below = |error: FieldError| match error.field.as_str() {
        "" => FieldError::new(path, error.detail),
        field => FieldError::new(format!("{path}.{field}"), error.detail),
    };
    errors.into_iter().map(below).collect()
}

/// An identifier out of a field.
pub(crate) fn identifier<T: Identifier>(field: &str, text: &str) -> Result<T, Vec<FieldError>> {
    T::parse(text).map_err(|invalid| vec![FieldError::new(field, invalid.to_string())])
}

/// The attempt in a field, which counts from 1.
pub(crate) fn attempt_number(field: &str, number: u32) -> Result<u32, Vec<FieldError>> {
    let most = domain::event::Limits::ATTEMPT;
    if number >= 1 && f64::from(number) <= most {
        return Ok(number);
    }
    Err(vec![FieldError::new(field, format!("must be a whole number from 1 to {most}"))])
}

/// Refuses a time in a field that has not come yet.
pub(crate) fn not_in_future(field: &str, time: Timestamp, now: Timestamp) -> Result<(), Vec<FieldError>> {
    domain::event::not_in_future(time, now).map_err(|detail| vec![FieldError::new(field, detail)])
}

/// Free text of a payload within our bound: cut, as its sender can't know of it.
pub(crate) fn bounded(text: &str) -> String {
    let most = domain::event::Limits::TEXT_BYTES;
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_no_object() {
        #[derive(Debug, serde::Deserialize)]
        struct Wanted {
            #[expect(dead_code, reason = "it is only read")]
            a: String,
        }
        let errors = typed::<Wanted>(&serde_json::json!(["b"]), "detail").unwrap_err();
        assert_eq!(errors, [FieldError::new("detail", "must be an object, not an array")]);
    }
}
