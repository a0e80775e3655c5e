//! Requests and answers of API Gateway's HTTP APIs (payload format 2.0), in the few terms that our
//! routes need.

use std::collections::BTreeMap;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::uri::Authority;
use aws_lambda_events::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use domain::FieldError;
use domain::api::Problem;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::Subjects;

/// A request, decoded.
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
    /// Decodes what API Gateway sent.
    ///
    /// # Errors
    /// The problem to answer when the path or the body can't be decoded.
    pub fn decode(event: ApiGatewayV2httpRequest) -> Result<Self, Problem> {
        let context = event.request_context;
        let path = percent_decode_str(event.raw_path.as_deref().unwrap_or("/")).decode_utf8();
        let path = path.map_err(|_| Problem::new(400, "the path is not UTF-8"))?.into_owned();
        let query = form_urlencoded::parse(event.raw_query_string.as_deref().unwrap_or_default().as_bytes());
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded {
            base64::engine::general_purpose::STANDARD
                .decode(&body)
                .map_err(|_| Problem::new(400, "the body is flagged as base64 and is not"))?
        } else {
            body.into_bytes()
        };
        let headers = event
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let (iam, jwt) = context.authorizer.map(|authorizer| (authorizer.iam, authorizer.jwt)).unwrap_or_default();
        let scheme =
            event.headers.get("x-forwarded-proto").filter(|scheme| *scheme == "https").map_or("http", |_| "https");
        let authority = context.domain_name.and_then(|name| name.parse::<Authority>().ok());
        let subject = jwt.map(|jwt| jwt.claims.get("sub").cloned().unwrap_or_default());
        let caller = iam.and_then(|iam| iam.user_arn).or_else(|| subject.clone());
        Ok(Self {
            method: context.http.method.to_string(),
            path,
            query: query.into_owned().collect(),
            headers: headers.collect(),
            body,
            id: context.request_id.unwrap_or_default(),
            address: authority.map(|authority| format!("{scheme}://{authority}")),
            caller: caller.unwrap_or_else(|| "anonymous".to_owned()),
            subject,
        })
    }

    /// Whether its token, when it came with one, is of a subject that is taken.
    ///
    /// # Errors
    /// The problem to answer when it is not.
    pub fn admit(&self, subjects: &Subjects) -> Result<(), Problem> {
        match &self.subject {
            Some(subject) if !subjects.take(subject) => {
                tracing::warn!(subject, "a token of this subject is not taken");
                Err(Problem::new(403, "tokens of this subject are not taken here; see JwtSubjects of the installation"))
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

    /// In API Gateway's terms.
    #[must_use]
    pub fn encode(self) -> ApiGatewayV2httpResponse {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = self.status.into();
        response.headers = headers;
        response.body = Some(Body::Text(self.body));
        response
    }
}
