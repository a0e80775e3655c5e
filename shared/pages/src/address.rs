//! Addresses of pages. Names in them are percent-encoded here and nowhere else.

use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::route::{DEPLOYMENT, RELEASE};

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

/// The page of a release. Its name is one part of the path; one that a browser would take as a step stands behind a
/// slash of its own, and so does one that begins with a slash.
#[must_use]
pub fn release(name: &str) -> String {
    let slash = if name.starts_with('/') || matches!(name, "." | "..") { "/" } else { "" };
    format!("{RELEASE}{}", part(&format!("{slash}{name}")))
}

/// The name of the release whose page stands at a decoded path; none where that is another page's.
#[must_use]
pub fn release_at(path: &str) -> Option<&str> {
    let name = path.strip_prefix(RELEASE)?;
    Some(name.strip_prefix('/').unwrap_or(name)).filter(|name| !name.is_empty())
}

/// The page at a decoded path. What names something, in some paths, has slashes of its own.
#[must_use]
pub fn page(path: &str) -> String {
    match (path.strip_prefix(DEPLOYMENT), path.strip_prefix(RELEASE)) {
        (Some(id), _) => deployment(id),
        (None, Some(name)) => format!("{RELEASE}{}", part(name)),
        (None, None) => of(path),
    }
}

/// A deployment's id at the end of a path, where its slashes may stand as they are, unless a browser would take what
/// is between them as steps.
#[must_use]
pub fn id_path(id: &str) -> String {
    if id.split('/').any(|segment| matches!(segment, "." | "..")) { part(id) } else { of(id) }
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
        for name in ["a/../b", ".", "..", "/.", "/a", "2026-11", "a b#c", "بوابة"] {
            let address = release(name);
            assert!(!address.split('/').any(|step| matches!(step, "." | "..")), "{address}");
            let decoded = percent_encoding::percent_decode_str(&address).decode_utf8_lossy();
            assert_eq!(release_at(&decoded), Some(name));
            assert_eq!(page(&decoded), address);
        }
        assert_eq!(page("/deployments/a/../b"), "/deployments/a%2F..%2Fb");
        assert_eq!((page("/live"), release_at("/live"), release_at("/releases/")), ("/live".to_owned(), None, None));
        assert_eq!(with_query("/live", &[("service", "a b&c")]), "/live?service=a+b%26c");
    }
}
