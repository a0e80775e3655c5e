//! Requests and answers of API Gateway's HTTP APIs (payload format 2.0).

use api::{Problem, Request, Response, target};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::header::{CONTENT_ENCODING, ETAG, VARY};
use aws_lambda_events::http::uri::Authority;
use aws_lambda_events::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;

mod gzip;

/// Decodes what API Gateway sent.
///
/// # Errors
/// The problem to answer when the path, the query or the body can't be decoded.
pub fn decode(event: ApiGatewayV2httpRequest) -> Result<Request, Problem> {
    let context = event.request_context;
    let path = event.raw_path.as_deref().unwrap_or("/");
    let (path, query) = target::decode(path, event.raw_query_string.as_deref().unwrap_or_default())?;
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
    // The gateway takes cookies out of the headers.
    let cookies = event.cookies.filter(|cookies| !cookies.is_empty());
    let headers = headers.chain(cookies.map(|cookies| ("cookie".to_owned(), cookies.join("; "))));
    let (iam, jwt) = context.authorizer.map(|authorizer| (authorizer.iam, authorizer.jwt)).unwrap_or_default();
    let scheme = event.headers.get("x-forwarded-proto").filter(|scheme| *scheme == "https").map_or("http", |_| "https");
    let authority = context.domain_name.and_then(|name| name.parse::<Authority>().ok());
    let subject = jwt.map(|jwt| jwt.claims.get("sub").cloned().unwrap_or_default());
    // Marked as what it is: no subject can pass for an ARN, or for anybody else that permissions name.
    let of_token = || subject.as_deref().map(|subject| format!("oidc:{subject}"));
    let caller = iam.and_then(|iam| iam.user_arn).or_else(of_token);
    Ok(Request {
        method: context.http.method.to_string(),
        path,
        query,
        headers: headers.collect(),
        body,
        id: context.request_id.unwrap_or_default(),
        address: authority.map(|authority| format!("{scheme}://{authority}")),
        caller: caller.unwrap_or_else(|| "anonymous".to_owned()),
        groups: Vec::new(),
        subject,
    })
}

/// In API Gateway's terms. Whoever takes gzip, by their `Accept-Encoding`, gets a long body so.
#[must_use]
pub fn encode(response: Response, accept_encoding: Option<&str>) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    let mut encoded = ApiGatewayV2httpResponse::default();
    for (name, value) in response.headers {
        // Each cookie is a header of its own to the gateway.
        if name == "set-cookie" {
            encoded.cookies.push(value);
        } else if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    encoded.status_code = response.status.into();
    let zipped = gzip::is_taken(accept_encoding).then(|| gzip::compressed(&response.body)).flatten();
    if let Some(body) = zipped {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        // Other bytes than without gzip, and the same answer: that is a weak tag.
        let weak = headers.get(ETAG).and_then(|tag| HeaderValue::from_str(&format!("W/{}", tag.to_str().ok()?)).ok());
        if let Some(weak) = weak {
            headers.insert(ETAG, weak);
        }
        encoded.is_base64_encoded = true;
        encoded.body = Some(Body::Binary(body));
    } else {
        encoded.body = Some(Body::Text(response.body));
    }
    encoded.headers = headers;
    encoded
}
