//! Direct invocation, for those who call the function without the API: the same questions, through
//! the same routes.

use api::Problem;
use api::Request;
use domain::identifiers::Identifier as _;
use domain::{DeploymentId, FieldError, Timestamp};
use serde_json::{Map, Value, json};
use store::ReadItems;

use crate::{Failed, StatusQuery};

impl<S: ReadItems> StatusQuery<S> {
    /// Answers `{operation, deploymentId, environment, limit}` with `{statusCode, body}`.
    pub(crate) async fn direct(&self, value: &Value, now: Timestamp) -> Result<Value, Failed> {
        let response = match request(value) {
            Ok(request) => self.respond(&request, now).await?,
            Err(problem) => api::Response::problem(&problem, ""),
        };
        Ok(json!({"statusCode": response.status, "body": response.body}))
    }
}

fn request(value: &Value) -> Result<Request, Problem> {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    let mut errors = Vec::new();
    let mut text = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) => {
            errors.push(FieldError::new(name, "must be a string or a number"));
            None
        }
    };
    let (operation, id) = (text("operation").unwrap_or_default(), text("deploymentId"));
    let (environment, limit) = (text("environment"), text("limit"));
    for name in
        fields.keys().filter(|name| !["operation", "deploymentId", "environment", "limit"].contains(&name.as_str()))
    {
        errors.push(FieldError::new(name, "unknown field; known are operation, deploymentId, environment and limit"));
    }
    let mut query = Vec::new();
    let path = match (operation.as_str(), id) {
        // Checked here: in a path, an id such as `active` would be another question.
        ("getStatus" | "getDeploymentSummary", Some(id)) => {
            let invalid = DeploymentId::parse(&id).err();
            errors.extend(invalid.map(|invalid| FieldError::new("deploymentId", invalid.to_string())));
            format!("/v1/deployments/{id}")
        }
        ("getStatus", None) => {
            errors.push(FieldError::new("deploymentId", "is required"));
            String::new()
        }
        ("getDeploymentSummary", None) => "/v1/live".to_owned(),
        ("getHistory" | "getActiveDeployments", Some(_)) => {
            errors.push(FieldError::new(
                "deploymentId",
                format!("is not a parameter of {operation}; use getStatus for one deployment"),
            ));
            String::new()
        }
        ("getHistory", None) => "/v1/deployments".to_owned(),
        ("getActiveDeployments", None) => "/v1/deployments/active".to_owned(),
        _ => {
            let known = "must be getStatus, getHistory, getActiveDeployments or getDeploymentSummary";
            errors.push(FieldError::new("operation", known));
            String::new()
        }
    };
    if !errors.is_empty() {
        return Err(Problem::wrong_fields(errors));
    }
    // A route that does not know one of these says so.
    query.extend(environment.map(|environment| ("environment".to_owned(), environment)));
    query.extend(limit.map(|limit| ("limit".to_owned(), limit)));
    Ok(Request { method: "GET".to_owned(), path, query, ..Request::default() })
}
