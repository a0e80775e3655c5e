//! The ids under which the histories of environments, of the verdicts of services and of observations stand.

use super::{DeploymentId, Environment, Service};
use crate::{Subject, Timestamp, json};

impl DeploymentId {
    /// The id of the history of an environment: `environment:` and its name, in which each byte that an id
    /// can't have stands as `@` and two hexadecimal digits. A name that is too long is cut, and a `/` and a
    /// hash of it follow: no other id has a `/`, so each environment has an id of its own.
    #[must_use]
    pub fn of_environment(environment: &Environment) -> Self {
        Self::of_name(Subject::Environment, environment.as_str())
    }

    /// The id of the history of the verdicts of a service: `verdicts:` and its name, written as
    /// [that of an environment](Self::of_environment) is.
    #[must_use]
    pub fn of_verdicts(service: &Service) -> Self {
        Self::of_name(Subject::Verdicts, service.as_str())
    }

    /// The id of the history of what was observed of a deployment: `observations:` and its id, written as
    /// [that of an environment](Self::of_environment) is, and without a `:` of its own.
    #[must_use]
    pub fn of_observations_of(deployment: &Self) -> Self {
        Self::of_parts(Subject::Observations, &[deployment.as_str()])
    }

    /// The id of the history of what was observed in a place in one hour: `observations:production:cart:2026-02-02T08`.
    #[must_use]
    pub fn of_observations_in(environment: &Environment, service: &Service, at: Timestamp) -> Self {
        const HOUR: usize = "2026-02-02T08".len();
        let time = at.to_string();
        Self::of_parts(
            Subject::Observations,
            &[environment.as_str(), service.as_str(), time.get(..HOUR).unwrap_or(&time)],
        )
    }

    fn of_name(subject: Subject, name: &str) -> Self {
        Self::of_written(subject, &written(name, b":"), name)
    }

    /// Of several names, which stand in the id with a `:` between them, and so without one in them.
    fn of_parts(subject: Subject, names: &[&str]) -> Self {
        let parts: Vec<String> = names.iter().map(|name| written(name, b"")).collect();
        Self::of_written(subject, &parts.join(":"), &parts.join(":"))
    }

    fn of_written(subject: Subject, written: &str, name: &str) -> Self {
        const HASH: usize = 32;
        let mut id = format!("{}{written}", subject.id_prefix());
        if id.len() > Self::BYTES {
            id.truncate(Self::BYTES - HASH - 1);
            id = format!("{id}/{}", &json::sha256_hex(name)[..HASH]);
        }
        Self(id)
    }
}

/// A name as far as it can stand in an id, these bytes too.
fn written(name: &str, too: &[u8]) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => text.push(char::from(byte)),
            own if too.contains(&own) => text.push(char::from(own)),
            other => text.extend(["@", &hex::encode([other])]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifiers::Identifier as _;

    fn id(name: &str) -> DeploymentId {
        DeploymentId::of_environment(&Environment::parse(name).unwrap())
    }

    #[test]
    fn an_environment_is_read_in_its_id_as_far_as_it_can_be() {
        for (name, expected) in [
            ("production", "environment:production"),
            ("eu-1:blue", "environment:eu-1:blue"),
            ("PR #12", "environment:PR@20@2312"),
            ("a/events", "environment:a@2fevents"),
            ("a@2f", "environment:a@402f"),
            ("生产", "environment:@e7@94@9f@e4@ba@a7"),
        ] {
            assert_eq!(id(name).as_str(), expected);
        }
        let (long, other) = ("生".repeat(128), format!("{}产", "生".repeat(127)));
        assert!(id(&long).as_str().len() == DeploymentId::BYTES && id(&long) != id(&other), "{}", id(&long));
    }

    #[test]
    fn observations_stand_under_their_deployment_or_under_their_place_and_hour() {
        let at = Timestamp::parse("2026-02-02T08:59:59.999Z").unwrap();
        let of = |id: &str| DeploymentId::of_observations_of(&DeploymentId::parse(id).unwrap());
        let (one, other) = (Environment::parse("eu-1:blue").unwrap(), Service::parse("shop/cart").unwrap());
        let here = DeploymentId::of_observations_in(&one, &other, at);
        assert_eq!(here.as_str(), "observations:eu-1@3ablue:shop@2fcart:2026-02-02T08");
        assert_eq!(of("cart-7").as_str(), "observations:cart-7");
        assert_eq!(of("a:b/c@d").as_str(), "observations:a@3ab@2fc@40d");
        assert_ne!(
            of("a:b:2026-02-02T08"),
            DeploymentId::of_observations_in(&Environment::parse("a").unwrap(), &Service::parse("b").unwrap(), at)
        );
        let long = of(&"x".repeat(DeploymentId::BYTES));
        assert_eq!((long.as_str().len(), long.subject()), (DeploymentId::BYTES, Subject::Observations));
        assert_eq!(DeploymentId::parse(long.as_str()), Ok(long));
    }

    proptest! {
        #[test]
        fn each_environment_has_an_id_of_its_own(one in "[a-b@2f/ #生🚀:]{1,60}", other in "[a-b@2f/ #生🚀:]{1,60}") {
            let parsed = [&one, &other].map(|name| Environment::parse(name));
            if let [Ok(one), Ok(other)] = parsed {
                let ids = [&one, &other].map(DeploymentId::of_environment);
                prop_assert_eq!(ids[0] == ids[1], one == other);
                prop_assert_eq!(DeploymentId::parse(ids[0].as_str()), Ok(ids[0].clone()));
                prop_assert_eq!(ids[0].subject(), Subject::Environment);
            }
        }
    }
}
