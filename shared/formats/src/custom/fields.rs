//! The fields of our event that a mapping can give, by the kind of value that they take.

use super::value::Kind;

/// Fields that stand by themselves, or under the name of their group: `error.message`.
pub(super) const FIELDS: [(Option<&str>, &str, Kind); 31] = [
    (None, "deploymentId", Kind::Text),
    (None, "status", Kind::Text),
    (None, "type", Kind::Text),
    (None, "stage", Kind::Text),
    (None, "occurredAt", Kind::Time),
    (None, "attempt", Kind::Number),
    (None, "eventId", Kind::Text),
    (None, "service", Kind::Text),
    (None, "environment", Kind::Text),
    (None, "version", Kind::Text),
    (None, "commit", Kind::Text),
    (None, "artifact", Kind::Text),
    (None, "buildNumber", Kind::Text),
    (None, "region", Kind::Text),
    (None, "release", Kind::Text),
    (None, "rollbackTo", Kind::Text),
    (None, "committedAt", Kind::Time),
    (None, "notes", Kind::Prose),
    (Some("triggeredBy"), "kind", Kind::Text),
    (Some("triggeredBy"), "actor", Kind::Text),
    (Some("triggeredBy"), "reason", Kind::Text),
    (Some("error"), "message", Kind::Prose),
    (Some("error"), "code", Kind::Text),
    (Some("metrics"), "durationSeconds", Kind::Number),
    (Some("metrics"), "healthScore", Kind::Number),
    (Some("metrics"), "errorCount", Kind::Number),
    (Some("metrics"), "errorRate", Kind::Number),
    (Some("metrics"), "instanceCount", Kind::Number),
    (Some("metrics"), "successRate", Kind::Number),
    (Some("metrics"), "latencyP95Ms", Kind::Number),
    (Some("metrics"), "trafficPercent", Kind::Number),
];

/// Groups of fields that have names of the mapping's own: how many there may be.
pub(super) const NAMED: [(&str, Kind, usize); 2] = [("links", Kind::Link, 16), ("metadata", Kind::Any, 32)];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_field_of_the_event_can_be_mapped_but_seven() {
        let mapped = FIELDS.iter().map(|(group, name, _)| group.unwrap_or(name)).chain(NAMED.map(|(name, ..)| name));
        // The source is the mapping's name, and a mapping that can't be sure of a name leaves it out. A verdict is
        // what someone says, and not what a tool reports; a baseline and an alarm are an observation's, which none is.
        // A mapping finds one text for a field, and no list of commits.
        let others = ["source", "provisional", "outcome", "reason", "baseline", "alarm", "commits"];
        let mapped: BTreeSet<&str> = mapped.chain(others).collect();
        let all: BTreeSet<&str> = domain::Event::fields().iter().map(|field| field.name).collect();
        assert_eq!(mapped, all);
    }
}
