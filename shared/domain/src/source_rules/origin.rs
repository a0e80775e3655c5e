//! What rules see of a payload.

/// A source, and the facts that a rule may ask of its payloads. A payload need not have each.
pub const FACTS: &[(&str, &[&str])] = &[
    ("aws.codepipeline", &["pipeline", "account", "region"]),
    ("aws.codedeploy", &["application", "deploymentGroup", "account", "region"]),
    ("aws.ecs", &["cluster", "service", "account", "region"]),
    ("aws.cloudformation", &["stack", "account", "region"]),
    ("aws.codebuild", &["project", "account", "region"]),
    ("github", &["repository", "environment", "branch", "workflow", "job", "task"]),
    ("gitlab", &["project", "environment", "tier", "branch"]),
    ("argocd", &["application", "project", "namespace", "cluster", "repository"]),
    ("cdevents", &["source", "environment", "service", "pipeline"]),
    ("pipeline-log", &["service", "environment"]),
];

/// Where a payload comes from: its source, and what it has of that source's [`FACTS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// One of the sources in [`FACTS`].
    pub source: &'static str,
    facts: Vec<(&'static str, String)>,
}

impl Origin {
    /// A payload of this source, of which nothing is known yet.
    #[must_use]
    pub fn of(source: &'static str) -> Self {
        Self { source, facts: Vec::new() }
    }

    /// The same with one more fact, where the payload has it: an empty text is none.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: Option<&str>) -> Self {
        debug_assert!(names(self.source).contains(&name), "{} has no fact {name}", self.source);
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.facts.push((name, text.to_owned()));
        }
        self
    }

    /// What the payload has under this name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    }

    /// All that the payload has.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.facts.iter().map(|(name, text)| (*name, text.as_str()))
    }
}

/// The facts of a source.
pub(super) fn names(source: &str) -> &'static [&'static str] {
    FACTS.iter().find(|(known, _)| *known == source).map_or(&[], |(_, names)| names)
}
