//! The parameters of a route: of its path and of its query.

use domain::identifiers::{Commit, DeploymentId, Environment, Identifier as _, Label, Version};
use domain::questions::delivery::Hours;
use domain::questions::suspects::Window;
use serde_json::{Value, json};

use crate::TrailFormat;
use crate::routes::{Kind, MOST_VERSIONS, Operation, PAGE, Parameter, Route};

/// All parameters of a route.
pub(super) fn all(route: &Route) -> Vec<Value> {
    // The paths of webhooks are listed one by one.
    let path = route.parameter().filter(|_| route.operation != Operation::PostWebhook);
    let path = path.map(|name| {
        let schema = match route.operation {
            Operation::PostCustomWebhook => json!({"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}),
            Operation::GetRelease | Operation::PutRelease => (Label::RULE.schema)(),
            _ => (DeploymentId::RULE.schema)(),
        };
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    });
    path.into_iter().chain(route.query.iter().map(of_query)).collect()
}

fn of_query(Parameter { name, kind, meaning, required }: &Parameter) -> Value {
    let schema = match kind {
        Kind::Name => (Environment::RULE.schema)(),
        Kind::Version => (Version::RULE.schema)(),
        Kind::Commit => (Commit::RULE.schema)(),
        Kind::Label => (Label::RULE.schema)(),
        Kind::Deployment => (DeploymentId::RULE.schema)(),
        Kind::Cursor => json!({"type": "string", "minLength": 1}),
        Kind::Time => domain::Timestamp::schema(),
        Kind::Day => {
            let mut day = domain::Timestamp::schema();
            day["format"] = json!("date");
            day
        }
        Kind::Statuses => {
            json!({"type": "array", "items": {"enum": domain::Status::ALL}, "minItems": 1})
        }
        Kind::Finding => json!({"enum": domain::questions::drift::Kind::ALL}),
        Kind::Severity => json!({"enum": domain::questions::drift::Severity::ALL}),
        Kind::Window => json!({"type": "string", "pattern": Window::PATTERN, "default": Window::DEFAULT.to_string()}),
        Kind::Flag => json!({"enum": ["true", "false"], "default": "false"}),
        Kind::Format => {
            json!({"enum": TrailFormat::ALL.map(TrailFormat::as_str), "default": TrailFormat::ALL[0].as_str()})
        }
        Kind::OneOf(words) => json!({"enum": words}),
        Kind::Limit => json!({"type": "integer", "minimum": 1, "maximum": PAGE.1, "default": PAGE.0}),
        Kind::Number => json!({"type": "integer", "minimum": 1, "maximum": MOST_VERSIONS}),
        Kind::Hours => {
            json!({"type": "integer", "minimum": 1, "maximum": Hours::MOST, "default": Hours::DEFAULT.get()})
        }
    };
    let mut parameter = json!({"name": name, "in": "query", "description": meaning, "schema": schema});
    if *required {
        parameter["required"] = json!(true);
    }
    if matches!(kind, Kind::Statuses) {
        // One value, with commas in it.
        parameter["explode"] = json!(false);
    }
    parameter
}
