/// Where a payload comes from: its source, and what it has of that source's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What rules know the source by: a name in the table of [`SOURCES`](crate::SOURCES).
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
