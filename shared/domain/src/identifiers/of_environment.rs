//! The ids under which the histories of environments, and of the verdicts of services, stand.

use super::{DeploymentId, Environment, Service};
use crate::{Subject, json};

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

    fn of_name(subject: Subject, name: &str) -> Self {
        const HASH: usize = 32;
        let mut id = subject.id_prefix().to_owned();
        for byte in name.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b':' | b'-' => id.push(char::from(byte)),
                other => id.extend(["@", &hex::encode([other])]),
            }
        }
        if id.len() > Self::BYTES {
            id.truncate(Self::BYTES - HASH - 1);
            id = format!("{id}/{}", &json::sha256_hex(name)[..HASH]);
        }
        Self(id)
    }
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
