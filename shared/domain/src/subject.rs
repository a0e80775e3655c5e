//! What a history is about.
//!
//! Whatever can be recorded has a history and a state of its own, under an id that says what it is. What
//! follows from an event depends on that, so each such place matches on the [`Subject`]: one that joins
//! later (a release, settings) is then missed nowhere.

use serde::Deserialize;

use crate::DeploymentId;

/// What a history is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A deployment: a version of a service on its way to an environment.
    #[default]
    Deployment,
    /// An incident: what goes wrong in an environment. It deploys nothing, so it is in no list, count,
    /// metric or notification of deployments.
    Incident,
    /// An environment: that it is retired. It is in no list, count, metric or notification of deployments.
    Environment,
    /// The versions of a service: which of them are bad. It is in no list, count, metric or notification of
    /// deployments.
    Verdicts,
    /// Observations: what was measured in a place in one hour, or of one deployment. It is in no list, count, metric
    /// or notification of deployments.
    Observations,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Deployment, Self::Incident, Self::Environment, Self::Verdicts, Self::Observations];

    /// How the ids of its kind begin. The id alone says what it is about, so that no order of arrival can
    /// change it.
    #[must_use]
    pub fn id_prefix(self) -> &'static str {
        match self {
            Self::Deployment => "",
            Self::Incident => "incident:",
            Self::Environment => "environment:",
            Self::Verdicts => "verdicts:",
            Self::Observations => "observations:",
        }
    }

    /// How the partition keys of its histories begin; the id, without its own prefix, follows. That of
    /// incidents begins with that of deployments: they were stored so from the beginning.
    #[must_use]
    pub fn partition_prefix(self) -> &'static str {
        match self {
            Self::Deployment => "DEPLOYMENT#",
            Self::Incident => "DEPLOYMENT#incident:",
            Self::Environment => "ENVIRONMENT#",
            Self::Verdicts => "VERDICT#",
            Self::Observations => "OBSERVATION#",
        }
    }

    /// How the partition keys of its lists begin, so that no list of one comes upon another: in a
    /// key, no name has a `#`.
    #[must_use]
    pub fn list_prefix(self) -> &'static str {
        match self {
            Self::Deployment => "",
            Self::Incident => "incident#",
            Self::Environment => "environment#",
            Self::Verdicts => "verdicts#",
            Self::Observations => "observations#",
        }
    }

    /// Whether it is one: how it stands beside a deployment's figures, where it is stored.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    pub(crate) fn is_deployment(&self) -> bool {
        *self == Self::Deployment
    }
}

impl DeploymentId {
    /// What the history under this id is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        // The longest prefix that fits: that of deployments is empty.
        let fitting = Subject::ALL.into_iter().filter(|subject| self.as_str().starts_with(subject.id_prefix()));
        fitting.max_by_key(|subject| subject.id_prefix().len()).unwrap_or_default()
    }
}

/// Stored as whether it is an incident, and left out where it is a deployment.
pub(crate) mod as_incident {
    use super::{Deserialize, Subject};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    pub(crate) fn serialize<S: serde::Serializer>(subject: &Subject, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(match subject {
            Subject::Incident => true,
            // Neither an environment nor verdicts nor observations have figures.
            Subject::Deployment | Subject::Environment | Subject::Verdicts | Subject::Observations => false,
        })
    }

    pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Subject, D::Error> {
        Ok(if bool::deserialize(deserializer)? { Subject::Incident } else { Subject::Deployment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::Identifier as _;

    #[test]
    fn an_id_says_what_it_is_about_and_its_partition_is_that_of_the_id() {
        for (id, subject) in [
            ("d-1", Subject::Deployment),
            ("incidents:1", Subject::Deployment),
            ("x/incident:1", Subject::Deployment),
            ("incident:INC-42", Subject::Incident),
            ("environment:staging", Subject::Environment),
            ("verdicts:cart", Subject::Verdicts),
            ("observations:d-1", Subject::Observations),
        ] {
            let id = DeploymentId::parse(id).unwrap();
            assert_eq!(id.subject(), subject);
            let name = id.as_str().strip_prefix(subject.id_prefix()).unwrap();
            let partition = format!("{}{name}", subject.partition_prefix());
            match subject {
                Subject::Deployment | Subject::Incident => assert_eq!(partition, format!("DEPLOYMENT#{id}")),
                Subject::Environment => assert_eq!(partition, "ENVIRONMENT#staging"),
                Subject::Verdicts => assert_eq!(partition, "VERDICT#cart"),
                Subject::Observations => assert_eq!(partition, "OBSERVATION#d-1"),
            }
        }
    }
}
