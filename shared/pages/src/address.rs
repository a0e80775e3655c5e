//! Addresses of pages. Names in them are percent-encoded here and nowhere else.

use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a path as it is (the unreserved characters of RFC 3986). A dot does not: a browser takes `.` and
/// `..` as steps, also where they are encoded, so an address never has a name alone between two slashes that is one.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~').remove(b'.');

/// A name as a part of a path. Slashes in it stay apart from those of the path.
#[must_use]
pub fn part(name: &str) -> String {
    utf8_percent_encode(name, KEPT).to_string()
}

/// A decoded path, encoded again: its slashes are those of the path.
#[must_use]
pub fn of(path: &str) -> String {
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// A path, which is encoded, with parameters, which are not.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    if parameters.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{path}?{query}")
}

/// The page of a deployment.
#[must_use]
pub fn deployment(id: &str) -> String {
    format!("/deployments/{}", id_path(id))
}

/// A deployment's id at the end of a path, where its slashes may stand as they are, unless a browser would take what
/// is between them as steps.
#[must_use]
pub fn id_path(id: &str) -> String {
    if id.split('/').any(|segment| matches!(segment, "." | "..")) { part(id) } else { of(id) }
}

/// A path of our own with its parameters, to be led on to: none where a browser could take it for another site, or
/// where it leads nowhere.
#[must_use]
pub fn own(to: &str) -> Option<&str> {
    let is_own = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
    let is_encoded = to.bytes().all(|byte| byte.is_ascii_graphic());
    let path = to.split(['?', '#']).next().unwrap_or_default();
    (is_own && is_encoded && !matches!(path, "/login" | "/logout")).then_some(to)
}

/// A link to another site, of which only `https` is followed; else its text.
pub(crate) fn outside(link: &str) -> Markup {
    let shown = link.split_once("://").map_or(link, |(_, rest)| rest);
    if link.starts_with("https://") {
        html! { a href=(link) rel="noreferrer" { (shown) } }
    } else {
        html! { (link) }
    }
}

/// An argument as a POSIX shell takes it.
pub(crate) fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._:/@+-".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_kind_is_one_part_of_a_path() {
        for (name, encoded) in [
            ("a/b#c", "a%2Fb%23c"),
            ("%2F", "%252F"),
            ("PR #12", "PR%20%2312"),
            ("Größe", "Gr%C3%B6%C3%9Fe"),
            ("v1.2-x_y~z", "v1.2-x_y~z"),
        ] {
            assert_eq!(part(name), encoded);
        }
        assert_eq!(deployment("github:o/r@1"), "/deployments/github%3Ao/r%401");
        assert_eq!(deployment("a/../b"), "/deployments/a%2F..%2Fb");
        assert_eq!(deployment("a/.b"), "/deployments/a/.b");
        for (to, leads) in [
            ("/live?service=a+b#x", true),
            ("/", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("live", false),
            ("", false),
            ("/a\nSet-Cookie: x", false),
            ("/login?to=/", false),
        ] {
            assert_eq!(own(to).is_some(), leads, "{to}");
        }
        assert_eq!(with_query("/live", &[("service", "a b&c")]), "/live?service=a+b%26c");
    }
}
