//! A request and its answer in the few terms that our routes need, wherever they come from: the
//! gateway's JSON is decoded into these (`lambda::gateway`).

use std::collections::BTreeMap;

use domain::FieldError;
use serde::Serialize;

use crate::{Problem, TokenSubjects};

/// A request to the HTTP API.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, decoded.
    pub path: String,
    /// The parameters in the order given, decoded.
    pub query: Vec<(String, String)>,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// The request's id, to find it in the log.
    pub id: String,
    /// Where the caller reached the API, without a path: `https://abc.execute-api.….amazonaws.com`.
    pub address: Option<String>,
    /// Who sent it, as the gateway's authorizer has established.
    pub caller: String,
    /// The groups that they are in, as permissions name them.
    pub groups: Vec<String>,
    /// The subject of the token that it came with; empty when the token has none.
    pub subject: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The body, in UTF-8.
    pub body: String,
}

impl Request {
    /// Whether its token, when it came with one, is of a subject that is taken.
    ///
    /// # Errors
    /// The problem to answer when it is not.
    pub fn admit(&self, subjects: &TokenSubjects) -> Result<(), Problem> {
        match &self.subject {
            Some(subject) if !subjects.accept(subject) => {
                Err(Problem::new(403, "tokens with this subject are not accepted; see JwtSubjects of the installation"))
            }
            _ => Ok(()),
        }
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The parameters as a map of the `known` ones.
    ///
    /// # Errors
    /// An unknown parameter or one given twice is an error: `?enviroment=` must not answer everything.
    pub fn parameters(&self, known: &[&str]) -> Result<BTreeMap<String, String>, Vec<FieldError>> {
        let mut parameters = BTreeMap::new();
        let mut errors = Vec::new();
        for (name, value) in &self.query {
            if !known.contains(&name.as_str()) {
                let advice = match known {
                    [] => "unknown parameter; there are none here".to_owned(),
                    known => format!("unknown parameter; known are {}", known.join(", ")),
                };
                let shown: String = name.chars().take(64).flat_map(char::escape_debug).collect();
                errors.push(FieldError::new(shown, advice));
            } else if parameters.insert(name.clone(), value.clone()).is_some() {
                errors.push(FieldError::new(name, "is given twice"));
            }
        }
        if errors.is_empty() { Ok(parameters) } else { Err(errors) }
    }
}

impl Response {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json<T: Serialize>(status: u16, body: &T) -> Self {
        // The API's types always serialise; an empty body would show if one did not.
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body }
    }

    /// A problem, with the request's id in it.
    #[must_use]
    pub fn problem(problem: &Problem, request_id: &str) -> Self {
        let mut problem = problem.clone();
        problem.instance = (!request_id.is_empty()).then(|| request_id.to_owned());
        let mut response = Self::json(problem.status, &problem);
        response.headers = vec![("content-type", "application/problem+json".to_owned())];
        if matches!(problem.status, 429 | 503) {
            response = response.with("retry-after", "1");
        }
        response
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
