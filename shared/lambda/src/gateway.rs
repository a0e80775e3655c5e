//! Requests and answers of API Gateway's HTTP APIs (payload format 2.0).

use api::{Problem, Request, Response};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::uri::Authority;
use aws_lambda_events::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use percent_encoding::percent_decode_str;

/// Decodes what API Gateway sent.
///
/// # Errors
/// The problem to answer when the path, the query or the body can't be decoded.
pub fn decode(event: ApiGatewayV2httpRequest) -> Result<Request, Problem> {
    let context = event.request_context;
    let path = percent_decode_str(event.raw_path.as_deref().unwrap_or("/")).decode_utf8();
    let path = path.map_err(|_| Problem::new(400, "the path must be UTF-8"))?.into_owned();
    let raw_query = event.raw_query_string.unwrap_or_default();
    if let Some((name, _)) = parameters(&raw_query).find(|pair| !is_utf8(*pair)) {
        let shown: String = name.chars().take(64).flat_map(char::escape_debug).collect();
        return Err(Problem::wrong_field(&shown, "must be UTF-8"));
    }
    let query = form_urlencoded::parse(raw_query.as_bytes());
    let body = event.body.unwrap_or_default();
    let body = if event.is_base64_encoded {
        base64::engine::general_purpose::STANDARD
            .decode(&body)
            .map_err(|_| Problem::new(400, "the body is marked as base64, but is not base64"))?
    } else {
        body.into_bytes()
    };
    let headers = event
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let (iam, jwt) = context.authorizer.map(|authorizer| (authorizer.iam, authorizer.jwt)).unwrap_or_default();
    let scheme = event.headers.get("x-forwarded-proto").filter(|scheme| *scheme == "https").map_or("http", |_| "https");
    let authority = context.domain_name.and_then(|name| name.parse::<Authority>().ok());
    let subject = jwt.map(|jwt| jwt.claims.get("sub").cloned().unwrap_or_default());
    let caller = iam.and_then(|iam| iam.user_arn).or_else(|| subject.clone());
    Ok(Request {
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

/// The parameters of a query, each with its value, as they were sent.
fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Whether a parameter is text: a name that was mangled on its way must not be looked for, nor found.
fn is_utf8((name, value): (&str, &str)) -> bool {
    [name, value].iter().all(|text| percent_decode_str(text).decode_utf8().is_ok())
}

/// In API Gateway's terms.
#[must_use]
pub fn encode(response: Response) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let mut encoded = ApiGatewayV2httpResponse::default();
    encoded.status_code = response.status.into();
    encoded.headers = headers;
    encoded.body = Some(Body::Text(response.body));
    encoded
}
