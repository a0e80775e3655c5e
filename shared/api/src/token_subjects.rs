//! Whose tokens are accepted. A gateway's JWT authorizer checks who issued a token and what for, and no
//! more; and whoever may run a job at a public issuer, such as GitHub Actions, gets a token for any
//! audience that they name. So where tokens are accepted, the function checks their subject too.

use std::fmt;

use domain::pattern::Patterns;

/// Patterns of the subjects (`sub`) of tokens that are accepted; in each, `*` stands for any text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenSubjects(Patterns);

/// Why patterns can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` must be a subject or a pattern of subjects, such as repo:my-organization/*, in printable ASCII")]
pub struct WrongPattern(String);

impl TokenSubjects {
    /// Reads patterns that are separated by commas. Empty accepts no token.
    ///
    /// # Errors
    /// Names the pattern that is wrong.
    pub fn parse(text: &str) -> Result<Self, WrongPattern> {
        Patterns::parse(text).map(Self).map_err(WrongPattern)
    }

    /// Whether tokens of this subject are accepted.
    #[must_use]
    pub fn accept(&self, subject: &str) -> bool {
        self.0.match_whole(subject)
    }
}

impl fmt::Display for TokenSubjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_accepted_when_a_pattern_matches_its_whole_subject() {
        let subjects =
            TokenSubjects::parse("repo:acme/*, repo:shop/cart:ref:refs/heads/main,*:environment:*:x").unwrap();
        for (subject, accepted) in [
            ("repo:acme/site:ref:refs/heads/main", true),
            ("repo:acme/", true),
            ("repo:acme-evil/site:ref:refs/heads/main", false),
            ("xrepo:acme/site", false),
            ("repo:shop/cart:ref:refs/heads/main", true),
            ("repo:shop/cart:ref:refs/heads/main2", false),
            ("a:environment:b:x", true),
            ("a:environment:x", false),
            ("", false),
        ] {
            assert_eq!(subjects.accept(subject), accepted, "{subject}");
        }
        assert!(TokenSubjects::parse("*").unwrap().accept(""));
        assert!(!TokenSubjects::parse("").unwrap().accept("anyone"));
        assert!(!TokenSubjects::default().accept(""));
        assert!(TokenSubjects::parse("a*a").unwrap().accept("aa") && !TokenSubjects::parse("a*a").unwrap().accept("a"));
    }

    #[test]
    fn a_pattern_that_no_subject_can_match_is_wrong() {
        let wrong = TokenSubjects::parse("repo:acme/*,repo with space").unwrap_err().to_string();
        assert!(wrong.contains("`repo with space`"), "{wrong}");
    }
}
