//! Patterns: a text in which `*` stands for any text, and names in braces too, which also take what they
//! stood for.

use domain::identifiers::normalised;

/// A pattern, as its parts from left to right, with names of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern<N = Name>(Vec<Part<N>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<N> {
    /// This text.
    Text(String),
    /// Any text.
    Any,
    /// Any text but none, which is then the name of this.
    Name(N),
}

/// A name that a pattern of a rule can take out of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Environment,
    Service,
    Region,
}

impl Name {
    pub(super) const ALL: [Self; 3] = [Self::Environment, Self::Service, Self::Region];

    /// How a rule calls it.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Service => "service",
            Self::Region => "region",
        }
    }
}

/// The names that a pattern of a rule took out of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Captured {
    pub(super) environment: Option<String>,
    pub(super) service: Option<String>,
    pub(super) region: Option<String>,
}

impl Captured {
    /// These, and what `other` has besides.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            environment: self.environment.or(other.environment),
            service: self.service.or(other.service),
            region: self.region.or(other.region),
        }
    }
}

impl Pattern {
    /// Reads a pattern of a rule; the error says what would be right.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::of(text, &Name::ALL.map(|name| (name.field(), name)))
    }

    /// What it takes out of `text`, if it matches the whole of it.
    pub(super) fn matches(&self, text: &str) -> Option<Captured> {
        let mut captured = Captured::default();
        for (name, taken) in self.take(text)? {
            match name {
                Name::Environment => captured.environment = Some(taken),
                Name::Service => captured.service = Some(taken),
                Name::Region => captured.region = Some(taken),
            }
        }
        Some(captured)
    }
}

/// The longest pattern, and the longest text that one matches, in bytes: no name in a payload that
/// patterns look at is longer.
const BYTES: usize = 1024;

impl<N: Copy + PartialEq> Pattern<N> {
    /// Reads a pattern that may have these names in it; the error says what would be right.
    pub(crate) fn of(text: &str, names: &[(&str, N)]) -> Result<Self, String> {
        if text.is_empty() || text.len() > BYTES {
            return Err(format!("must be a string of 1 to {BYTES} bytes; `*` stands for any text"));
        }
        let text = normalised(text);
        let mut parts = Vec::new();
        let mut rest = &*text;
        while !rest.is_empty() {
            let end = rest.find(['*', '{', '}']).unwrap_or(rest.len());
            if end > 0 {
                parts.push(Part::Text(rest[..end].to_owned()));
                rest = &rest[end..];
                continue;
            }
            if let Some(behind) = rest.strip_prefix('*') {
                parts.push(Part::Any);
                rest = behind;
                continue;
            }
            let name = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let name = name.and_then(|(sign, behind)| {
                names.iter().find(|(known, _)| *known == sign).map(|(known, name)| (known, *name, behind))
            });
            let Some((sign, name, behind)) = name else {
                return Err(format!("may have {} in it, and no other braces", listed(names)));
            };
            if parts.contains(&Part::Name(name)) {
                return Err(format!("has {{{sign}}} twice"));
            }
            parts.push(Part::Name(name));
            rest = behind;
        }
        Ok(Self(parts))
    }

    /// Whether it takes this name out of a text.
    pub(crate) fn takes(&self, name: N) -> bool {
        self.0.contains(&Part::Name(name))
    }

    /// The names that it takes out of `text`, if it matches the whole of it. Where several readings are possible
    /// each part takes as much as it can, from the left: `{service}-{environment}` reads
    /// `cart-api-staging` as `cart-api` in `staging`.
    pub(crate) fn take(&self, text: &str) -> Option<Vec<(N, String)>> {
        if text.len() > BYTES {
            return None;
        }
        // fits[part][at]: whether the parts from `part` on match the text from `at` on.
        let length = text.len();
        let mut fits = vec![vec![false; length + 1]; self.0.len() + 1];
        fits[self.0.len()][length] = true;
        for (index, part) in self.0.iter().enumerate().rev() {
            for at in (0..=length).rev() {
                fits[index][at] = match part {
                    Part::Text(piece) => {
                        text.as_bytes()[at..].starts_with(piece.as_bytes()) && fits[index + 1][at + piece.len()]
                    }
                    Part::Any => fits[index + 1][at] || (at < length && fits[index][at + 1]),
                    Part::Name(_) => at < length && (fits[index + 1][at + 1] || fits[index][at + 1]),
                };
            }
        }
        if !fits[0][0] {
            return None;
        }
        let can_end = |part: usize, end: usize| text.is_char_boundary(end) && fits[part + 1][end];
        let mut names = Vec::new();
        let mut at = 0;
        for (index, part) in self.0.iter().enumerate() {
            let end = match part {
                Part::Text(piece) => at + piece.len(),
                Part::Any => (at..=length).rev().find(|end| can_end(index, *end))?,
                Part::Name(_) => (at + 1..=length).rev().find(|end| can_end(index, *end))?,
            };
            if let Part::Name(name) = part {
                names.push((*name, text.get(at..end)?.to_owned()));
            }
            at = end;
        }
        Some(names)
    }
}

/// Names as they stand in patterns: `{environment}`, `{service}` and `{region}`.
fn listed<N>(names: &[(&str, N)]) -> String {
    let mut signs: Vec<String> = names.iter().map(|(sign, _)| format!("`{{{sign}}}`")).collect();
    match signs.pop() {
        Some(last) if signs.is_empty() => last,
        Some(last) => format!("{} and {last}", signs.join(", ")),
        None => "`*`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken(pattern: &str, text: &str) -> Option<(Option<String>, Option<String>)> {
        let captured = Pattern::parse(pattern).unwrap().matches(text)?;
        Some((captured.service, captured.environment))
    }

    #[test]
    fn a_pattern_matches_the_whole_text_and_takes_as_much_as_it_can_from_the_left() {
        let names = |service: &str, environment: &str| {
            let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Some((name(service), name(environment)))
        };
        for (pattern, text, expected) in [
            ("prod", "prod", names("", "")),
            ("prod", "prod-1", None),
            ("prod*", "prod", names("", "")),
            ("*prod*", "my-prod-1", names("", "")),
            ("{service}-{environment}", "cart-api-staging", names("cart-api", "staging")),
            ("{environment}-{service}", "staging-cart", names("cart", "staging")),
            ("{service}-production", "cart-production", names("cart", "")),
            ("{service}-production", "-production", None),
            ("{service}*", "ab", names("ab", "")),
            ("*{service}", "ab", names("b", "")),
            ("*{service}", "aß", names("ß", "")),
            ("{service}{environment}", "ß", None),
            ("a*b*c", "a-b-b-c", names("", "")),
            ("a*b*c", "acb", None),
            ("refs/*/{environment}", "refs/heads/größe", names("", "größe")),
        ] {
            assert_eq!(taken(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_is_no_pattern_says_what_would_be_right() {
        for (bad, expected) in [("", "1 to 1024"), ("{env}", "{environment}"), ("a}", "braces"), ("{", "braces")] {
            assert!(Pattern::parse(bad).unwrap_err().contains(expected), "{bad}");
        }
        assert!(Pattern::parse("{service}{service}").unwrap_err().contains("twice"));
    }

    proptest! {
        #[test]
        fn a_text_with_pieces_left_out_is_matched(pieces in prop::collection::vec("[a-zß]{0,3}", 1..6), between in "[a-zß]{0,4}") {
            let pattern = pieces.join("*");
            prop_assume!(!pattern.is_empty());
            prop_assert!(Pattern::parse(&pattern).unwrap().matches(&pieces.join(&between)).is_some());
        }

        #[test]
        fn what_is_taken_stands_in_the_text(text in "[ab-]{1,20}") {
            if let Some((Some(service), Some(environment))) = taken("{service}-{environment}", &text) {
                prop_assert_eq!(format!("{service}-{environment}"), text);
            } else {
                prop_assert!(!text[1..text.len().max(2) - 1].contains('-'));
            }
        }
    }
}
