use domain::json;
use serde_json::Value;

use crate::rejection::Rejection;

/// What was sent: its headers, where it was posted, and its bytes.
#[derive(Debug, Clone)]
pub struct Payload<'a> {
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

impl<'a> Payload<'a> {
    /// What was posted, with its headers.
    pub fn posted(headers: impl IntoIterator<Item = (&'a str, &'a str)>, body: &'a [u8]) -> Self {
        Self { headers: headers.into_iter().collect(), body }
    }

    /// What has no headers: a message of the queue.
    #[must_use]
    pub fn bare(body: &'a [u8]) -> Self {
        Self { headers: Vec::new(), body }
    }

    /// The value of a header, whose name is found in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Its bytes.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The media type that it says it is of, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let header = self.header("content-type").unwrap_or_default();
        header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Whether its headers say that it is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.media_type() == "application/json"
    }

    /// The body as JSON, when the headers say that it is.
    pub(crate) fn json(&self) -> Result<Value, Rejection> {
        if self.is_json() { self.value() } else { Err(Rejection::MediaType) }
    }

    /// The body as JSON, whatever the headers say.
    pub(crate) fn value(&self) -> Result<Value, Rejection> {
        json::parse(self.body).map_err(|error| Rejection::NotJson(error.to_string()))
    }
}
