//! Where someone is led after a login: to a page of ours, and nowhere else.

/// The longest path that is kept while someone logs in.
const MOST_BYTES: usize = 1500;

/// What a path must not begin with: whoever is led there would log in or out again.
const NOT_TO: [&str; 2] = ["/login", "/logout"];

/// The path, if it is one of ours: anything that a browser could take for another site is not.
#[must_use]
pub fn own(path: &str) -> Option<&str> {
    let mut characters = path.chars();
    let begins = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    // A browser leaves out tabs and line breaks, and reads `\` as `/`.
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let route = path.split(['?', '#']).next().unwrap_or_default();
    let goes_round =
        NOT_TO.iter().any(|not| route.strip_prefix(not).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    (begins && is_plain && !goes_round && path.len() <= MOST_BYTES).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_a_destination() {
        for path in ["/", "/live?only=wrong&filter=a%20b", "/deployments/a%2F..%2Fb", "/logins", "/x//evil.example"] {
            assert_eq!(own(path), Some(path));
        }
        for path in [
            "",
            "live",
            "https://evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/a\\b",
            "/größe",
            "javascript:alert(1)",
            "/login",
            "/login?to=/",
            "/login/callback?code=1",
            "/logout",
        ] {
            assert_eq!(own(path), None, "{path}");
        }
        assert_eq!(own(&format!("/{}", "a".repeat(MOST_BYTES))), None);
    }
}
