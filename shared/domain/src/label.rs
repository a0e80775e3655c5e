//! What a version is called in tables and texts, and what others wrote on one line.

use crate::identifiers::is_printable;

/// The version; and where that has no digit, as with a branch, `@` and the beginning of its commit:
/// `main@1a2b3c4`. Of a commit alone its beginning. Nothing of neither.
#[must_use]
pub fn label(version: Option<&str>, commit: Option<&str>) -> Option<String> {
    const SHORT: usize = 7;
    let short = |commit: &str| commit.chars().take(SHORT).collect::<String>();
    match (version, commit) {
        (Some(version), Some(commit)) if is_vague(version) => Some(format!("{version}@{}", short(commit))),
        (Some(version), _) => Some(version.to_owned()),
        (None, commit) => commit.map(short),
    }
}

/// Whether a version alone does not say what it is: a branch moves from commit to commit.
#[must_use]
pub fn is_vague(version: &str) -> bool {
    !version.bytes().any(|byte| byte.is_ascii_digit())
}

/// Text on one line, without control characters, of at most `most` characters.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let spaced: String = text.chars().map(|c| if is_printable(c) { c } else { ' ' }).collect();
    if spaced.chars().count() <= most { spaced } else { spaced.chars().take(most - 3).chain("...".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_called_with_its_commit() {
        let commit = Some("1a2b3c4d5e6f");
        assert_eq!(label(Some("main"), commit).as_deref(), Some("main@1a2b3c4"));
        assert_eq!(label(Some("main"), None).as_deref(), Some("main"));
        assert_eq!(label(Some("2.8.0"), commit).as_deref(), Some("2.8.0"));
        assert_eq!(label(None, commit).as_deref(), Some("1a2b3c4"));
        assert_eq!(label(None, None), None);
    }
}
