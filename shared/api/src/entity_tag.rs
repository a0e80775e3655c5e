//! Entity tags (RFC 9110, sections 8.8.3 and 13.1): what tells one answer of a route from another.

use domain::json;

use crate::Request;

/// The entity tag of a body.
#[must_use]
pub fn entity_tag(body: &str) -> String {
    format!("\"{}\"", &json::sha256_hex(body)[..32])
}

impl Request {
    /// Whether the caller has an answer with this tag already: `If-None-Match`.
    #[must_use]
    pub fn has(&self, tag: &str) -> bool {
        self.tags("if-none-match")
            .is_some_and(|mut tags| tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag))
    }

    /// Whether the caller expects something else than what has this tag, none where there is nothing: `If-Match`.
    #[must_use]
    pub fn expects_other_than(&self, tag: Option<&str>) -> bool {
        let Some(mut tags) = self.tags("if-match") else { return false };
        !tags.any(|expected| tag.is_some_and(|tag| expected == "*" || expected == tag))
    }

    fn tags(&self, header: &str) -> Option<impl Iterator<Item = &str>> {
        self.header(header).map(|header| header.split(',').map(str::trim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(header: &str, value: &str) -> Request {
        Request { headers: [(header.to_owned(), value.to_owned())].into(), ..Request::default() }
    }

    #[test]
    fn what_is_expected_is_compared_strongly_and_what_is_known_weakly() {
        let tag = entity_tag("{}");
        assert!(!Request::default().expects_other_than(Some(&tag)) && !Request::default().has(&tag));
        for (expected, other) in
            [("*", false), (tag.as_str(), false), ("\"x\"", true), (&format!("\"x\", {tag}"), false)]
        {
            assert_eq!(with("if-match", expected).expects_other_than(Some(&tag)), other, "{expected}");
            assert!(with("if-match", expected).expects_other_than(None), "{expected}: there is nothing");
        }
        assert!(with("if-match", &format!("W/{tag}")).expects_other_than(Some(&tag)));
        assert!(with("if-none-match", &format!("W/{tag}")).has(&tag) && !with("if-none-match", "\"x\"").has(&tag));
    }
}
