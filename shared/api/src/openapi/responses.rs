//! Every status that a route answers.

use serde_json::{Map, Value, json};

use crate::routes::{Method, Operation, Route};

/// The problems that routes share: the name of the response, its status, when it is answered, and a
/// header that comes with it.
const PROBLEMS: [(&str, u16, &str, Option<&str>); 10] = [
    ("Wrong", 400, "The request is wrong; `errors` names each wrong field.", None),
    ("Unauthenticated", 401, "The authentication is missing or wrong.", None),
    ("Forbidden", 403, "The sender is not allowed to do this.", None),
    ("NotFound", 404, "Not found.", None),
    ("MethodNotAllowed", 405, "The method is not allowed for this path.", Some("Allow")),
    ("Conflict", 409, "An event with this idempotency key and other content is recorded.", None),
    ("NotExpected", 412, "What is in force is not what `If-Match` expects.", None),
    ("TooLarge", 413, "The body is too large.", None),
    ("UnsupportedMediaType", 415, "The body is not JSON, or `Content-Type` is not a JSON type.", None),
    ("Unavailable", 503, "Too busy now. Repeat the request later.", Some("Retry-After")),
];

/// The problems as components of the document.
pub(super) fn problems(schema: &Value) -> Value {
    let response = |(name, _, description, header): &(&str, u16, &str, Option<&str>)| {
        let mut response = json!({
            "description": description,
            "content": {"application/problem+json": {"schema": schema}},
        });
        if let Some(header) = header {
            response["headers"] = json!({*header: {"required": true, "schema": {"type": "string"}}});
        }
        ((*name).to_owned(), response)
    };
    PROBLEMS.iter().map(response).collect::<Map<String, Value>>().into()
}

/// The responses of a route; `answer` is the schema of its answer.
pub(super) fn of(route: &Route, answer: &Value) -> Value {
    let mut content = json!({"application/json": {"schema": answer}});
    if route.operation == Operation::GetMetrics {
        content["text/csv"] = json!({"schema": {"type": "string"}});
    }
    let mut responses = Map::new();
    match route.method {
        Method::Post => {
            let known = "A duplicate, or ignored; or one result per element.";
            responses.insert("200".to_owned(), json!({"description": known, "content": content}));
            responses.insert("201".to_owned(), json!({"description": "Recorded.", "content": content}));
            if route.operation == Operation::PostCustomWebhook {
                let any = "Any of these, where the mapping has an `answer` of its own.";
                responses.insert("2XX".to_owned(), json!({"description": any, "content": content}));
            }
        }
        Method::Put => {
            let tag = json!({"ETag": {"required": true, "schema": {"type": "string"}}});
            for (status, description) in [("200", "Unchanged: the newest version is the same."), ("201", "Recorded.")] {
                let answered = json!({"description": description, "headers": tag, "content": content});
                responses.insert(status.to_owned(), answered);
            }
        }
        Method::Get => {
            let tag = json!({"ETag": {"required": true, "schema": {"type": "string"}}});
            let answered = json!({"description": "The answer.", "headers": tag, "content": content});
            responses.insert("200".to_owned(), answered);
            let unchanged = "Not changed: the `ETag` in `If-None-Match` is still valid.";
            responses.insert("304".to_owned(), json!({"description": unchanged, "headers": tag}));
        }
    }
    for (name, status, ..) in PROBLEMS.iter().filter(|(_, status, ..)| answers(route, *status)) {
        responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{name}")}));
    }
    responses.into()
}

/// Whether a route can answer this status.
fn answers(route: &Route, status: u16) -> bool {
    let of_one_deployment = route.parameter().is_some() && route.method == Method::Get;
    match status {
        401 | 403 => route.operation != Operation::GetHealth,
        404 => of_one_deployment || route.operation == Operation::GetSettings,
        409 => route.method == Method::Post,
        412 => route.method == Method::Put,
        413 | 415 => route.method != Method::Get,
        _ => true,
    }
}
