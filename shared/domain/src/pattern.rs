//! Patterns, in which `*` stands for any text, and every other character for itself.

use std::fmt;

use wildmatch::WildMatchPattern;

/// A pattern. The second character would stand for any single one; no text that is matched has it.
pub(crate) type Pattern = WildMatchPattern<'*', '\0'>;

/// Patterns of the names of senders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns(Vec<String>);

impl Patterns {
    /// Reads patterns that are separated by commas. Empty is none of them.
    ///
    /// # Errors
    /// The pattern that is not of printable ASCII, escaped.
    pub fn parse(text: &str) -> Result<Self, String> {
        let patterns = text.split(',').map(str::trim).filter(|pattern| !pattern.is_empty());
        let patterns = patterns.map(|pattern| {
            let readable = pattern.bytes().all(|byte| byte.is_ascii_graphic()).then(|| pattern.to_owned());
            readable.ok_or_else(|| pattern.escape_debug().to_string())
        });
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of them matches the whole of this name.
    #[must_use]
    pub fn match_whole(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| Pattern::new(pattern).matches(name))
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_star_stands_for_anything_else() {
        for (patterns, name, matches) in [
            ("a*a", "aa", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "anyone", false),
            ("repo:?/*", "repo:x/y", false),
            ("repo:?/*", "repo:?/y", true),
            ("a, b*", "bc", true),
            ("a", "A", false),
        ] {
            assert_eq!(Patterns::parse(patterns).unwrap().match_whole(name), matches, "{patterns} {name}");
        }
        assert_eq!(Patterns::parse("a,b c").unwrap_err(), "b c");
    }
}
