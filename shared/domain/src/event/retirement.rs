//! An event that an environment is given up. It is of no deployment: its history is the environment's own.

use serde_json::Value;

use super::{Event, Kind};
use crate::fields::Fields;
use crate::identifiers::{DeploymentId, Environment, Identifier as _, Source};
use crate::{Status, json};

/// The fields that a retirement can't have, as it is of no deployment.
pub(super) const OF_DEPLOYMENTS: [&str; 15] = [
    "deploymentId",
    "service",
    "application",
    "applicationName",
    "version",
    "commit",
    "artifact",
    "buildNumber",
    "region",
    "release",
    "stage",
    "attempt",
    "metrics",
    "error",
    "rollbackTo",
];

impl Event {
    /// An event that this environment is given up.
    #[must_use]
    pub fn retirement(source: Source, environment: Environment) -> Self {
        let id = DeploymentId::of_environment(&environment);
        let mut event = Self::new(source, id, Kind::Retirement, Status::Completed);
        event.named.environment = Some(environment);
        event
    }
}

/// Puts into an object that is a retirement what all events have: an id, which is the environment's, and a
/// status. Notes what it must not have.
pub(super) fn complete(from: &mut Fields<'_>) {
    if from.peek("type").and_then(Value::as_str) != Some(Kind::Retirement.as_str()) {
        return;
    }
    for name in OF_DEPLOYMENTS {
        if from.take(&[name]).is_some() {
            from.wrong(name, "must be left out of a retirement, which is of an environment and of no deployment");
        }
    }
    let environment = from.peek("environment").and_then(Value::as_str).map(Environment::parse);
    match environment {
        Some(Ok(environment)) if environment != Environment::unknown() => {
            from.put("deploymentId", DeploymentId::of_environment(&environment).to_string().into());
        }
        Some(Err(_)) => from.put("deploymentId", "environment:wrong".into()),
        _ => {
            from.wrong("environment", "is required on a retirement: the environment that is given up");
            from.put("deploymentId", "environment:wrong".into());
        }
    }
    match from.take(&["status"]) {
        Some((_, Value::String(status))) if status != Status::Completed.as_str() => {
            from.wrong("status", "must be COMPLETED on a retirement, or left out");
        }
        _ => {}
    }
    from.put("status", Status::Completed.as_str().into());
}

impl DeploymentId {
    /// Under which id the history of an environment stands: `environment:` and its name, with each byte that
    /// an id can't have as `@` and two hexadecimal digits. A name that is too long is cut, and told apart by
    /// its hash.
    #[must_use]
    pub fn of_environment(environment: &Environment) -> Self {
        const HASH: usize = 16;
        let mut id = crate::Subject::Environment.id_prefix().to_owned();
        for byte in environment.as_str().bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b':' | b'-' => id.push(char::from(byte)),
                other => id += &format!("@{other:02x}"),
            }
        }
        if id.len() > Self::BYTES {
            id.truncate(Self::BYTES - HASH - 1);
            id += &format!("/{}", &json::sha256_hex(environment.as_str())[..HASH]);
        }
        Self::known(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_environment_has_an_id_of_its_own() {
        let id = |name: &str| DeploymentId::of_environment(&Environment::parse(name).unwrap()).to_string();
        assert_eq!(id("production"), "environment:production");
        assert_eq!(id("preview/pr 1@2"), "environment:preview@2fpr@201@402");
        let long = "x".repeat(128);
        assert_ne!(id(&long), id(&format!("{}y", &long[1..])));
        for name in ["production", "a/events", "active", &long] {
            assert!(DeploymentId::parse(&id(name)).is_ok(), "{name}");
        }
    }
}
