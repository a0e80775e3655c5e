//! Whether an event of our own format names the place that its deployment has.
//!
//! Two jobs that use one id would become one deployment without anybody noticing. So an event that names
//! another service or environment is not recorded. What other tools send is: they correct themselves.

use crate::event::{Event, Name};
use crate::ledger::received::SameNames;
use crate::ledger::summary::Summary;
use crate::{DeploymentId, Environment, Service, Subject};

/// An event names another place than its deployment has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{deployment_id} is a deployment of {service} to {environment}; give {other} an id of its own, such as {deployment_id}/{suffix}"
)]
pub struct OtherPlace {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// Its service.
    pub service: Service,
    /// Its environment.
    pub environment: Environment,
    /// The field that names another one.
    pub field: &'static str,
    /// What it names.
    pub other: String,
    /// What would make an id of its own.
    pub suffix: String,
}

/// What stands for a service or an environment that is not known: it is no name.
pub(super) const UNKNOWN: &str = "unknown";

/// Whether `event` may join what is known of its deployment.
///
/// # Errors
/// [`OtherPlace`] when it names another service or environment than is known, unless one of the two is
/// provisional, or both stand for the same.
pub fn agree(before: &Summary, event: &Event, same: &SameNames) -> Result<(), OtherPlace> {
    if before.deployment_id.subject() != Subject::Deployment {
        return Ok(());
    }
    for name in Name::ALL {
        let value = event.named.text(name);
        let Some(value) = value.filter(|value| *value != UNKNOWN && !event.provisional.contains(&name)) else {
            continue;
        };
        let known = before.replaced.get(name.as_str()).or_else(|| before.named.get(name.as_str()));
        let known = known.and_then(serde_json::Value::as_str);
        // State of before kept it as a name where a sender said so.
        let stands_for_it = |known: &str| same.get(&name).is_some_and(|same| same.contains(known));
        if known.is_some_and(|known| known != value && known != UNKNOWN && !stands_for_it(known)) {
            return Err(OtherPlace {
                deployment_id: before.deployment_id.clone(),
                service: before.service(),
                environment: before.environment(),
                field: name.as_str(),
                other: value.to_owned(),
                suffix: suffix(value),
            });
        }
    }
    Ok(())
}

/// A name as part of an id, which takes fewer characters.
fn suffix(name: &str) -> String {
    let kept: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    kept.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::order::Order;
    use crate::{EventKey, Timestamp, event};

    #[test]
    fn a_name_that_state_of_before_kept_for_unknown_is_none() {
        let read = |environment: &str| {
            let event = json!({"deploymentId": "d", "status": "IN_PROGRESS", "environment": environment});
            event::read(event, Timestamp::MAX).unwrap()
        };
        let none = SameNames::new();
        let mut before = Summary::empty(read("production").deployment_id);
        let order = |key: &str| Order::new(&read("production"), Timestamp::MIN.into(), EventKey::stored(key));
        before.named.keep_earliest(&order("1"), [("environment".to_owned(), json!(UNKNOWN))].into_iter().collect());
        assert_eq!(agree(&before, &read("production"), &none), Ok(()));
        let mut before = Summary::empty(read("production").deployment_id);
        before.named.keep_earliest(&order("1"), [("environment".to_owned(), json!("staging"))].into_iter().collect());
        assert_eq!(agree(&before, &read("production"), &none).unwrap_err().field, "environment");
        assert_eq!(agree(&before, &read(UNKNOWN), &none), Ok(()));
    }
}
