use serde::{Deserialize, Serialize};

use domain::FieldError;

/// An error as RFC 9457 problem details (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    /// The kind of problem: `about:blank`, so that `title` is the status code's own phrase.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status code's phrase.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What is wrong with this request, and what is expected.
    pub detail: String,
    /// The request's id, to find it in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Each wrong field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem with this status code.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: title(status).to_owned(),
            status,
            detail: detail.into(),
            instance: None,
            errors: Vec::new(),
        }
    }

    /// Wrong input: 400, with what is wrong field by field.
    #[must_use]
    pub fn wrong_fields(errors: Vec<FieldError>) -> Self {
        let named: Vec<&str> =
            errors.iter().map(|error| error.field.as_str()).filter(|field| !field.is_empty()).collect();
        let detail = match (named.as_slice(), errors.as_slice()) {
            ([], [only, ..]) => only.detail.clone(),
            ([], []) => "the request is wrong".to_owned(),
            ([field], _) => format!("{field} is wrong; see `errors`"),
            (fields, _) => format!("{} are wrong; see `errors`", fields.join(", ")),
        };
        Self { errors, ..Self::new(400, detail) }
    }

    /// One wrong field: 400.
    #[must_use]
    pub fn wrong_field(field: &str, detail: impl Into<String>) -> Self {
        Self::wrong_fields(vec![FieldError::new(field, detail)])
    }
}

/// The phrases of RFC 9110, section 15, for the codes that we answer.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
