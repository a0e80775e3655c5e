//! Addresses of pages. How names stand in them is said by [`domain::page_paths`].

pub use domain::page_paths::{deployment, part, rest as id_path};
use domain::page_paths::{named, parts};
use maud::{Markup, html};

use crate::route::{DEPLOYMENT, ENVIRONMENT, RELEASE, SERVICE};

/// What the paths begin with of which a name is the rest.
const NAMED: [&str; 3] = [DEPLOYMENT, SERVICE, ENVIRONMENT];

/// A decoded path, encoded again: its slashes are those of the path, or of the name at its end, but
/// for a release, whose name is one part.
#[must_use]
pub fn of(path: &str) -> String {
    let named = NAMED.into_iter().find_map(|begin| Some((begin, path.strip_prefix(begin)?)));
    match (named, path.strip_prefix(RELEASE)) {
        (Some((begin, name)), _) => format!("{begin}{}", id_path(name)),
        (None, Some(name)) => format!("{RELEASE}{}", part(name)),
        (None, None) => parts(path),
    }
}

/// A path, which is encoded and may have parameters, with parameters that are not encoded.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    if parameters.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
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

/// The page of a service.
#[must_use]
pub fn service(name: &str) -> String {
    named(SERVICE, name)
}

/// The page of an environment.
#[must_use]
pub fn environment(name: &str) -> String {
    named(ENVIRONMENT, name)
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
        for name in ["a/../b", ".", "..", "/.", "/a", "2026-11", "a b#c", "بوابة"] {
            let address = release(name);
            assert!(!address.split('/').any(|step| matches!(step, "." | "..")), "{address}");
            let decoded = percent_encoding::percent_decode_str(&address).decode_utf8_lossy();
            assert_eq!(release_at(&decoded), Some(name));
            assert_eq!(of(&decoded), address);
        }
        assert_eq!(of("/deployments/a/../b"), "/deployments/a%2F..%2Fb");
        assert_eq!((of("/live"), release_at("/live"), release_at("/releases/")), ("/live".to_owned(), None, None));
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
        for (name, path) in [
            ("a/b#c", "/services/a/b%23c"),
            ("%2F", "/services/%252F"),
            ("a b", "/services/a%20b"),
            (".", "/services/%2F."),
            ("..", "/services/%2F.."),
            ("../a", "/services/..%2Fa"),
            ("/a", "/services/%2Fa"),
            ("a//b/", "/services/a%2F%2Fb%2F"),
            ("<b>", "/services/%3Cb%3E"),
            ("دفع", "/services/%D8%AF%D9%81%D8%B9"),
        ] {
            assert_eq!(service(name), path);
            assert_eq!(environment(name), path.replace("services", "environments"));
        }
        assert_eq!(with_query(&service("."), &[("asOf", "x")]), "/services/%2F.?asOf=x");
        // The path of a page that is asked for leads to it again.
        for path in ["/live", "/services/a/b%23c", "/deployments/a%2F..%2Fb", "/environments/%2Fa", "/services/%2F."] {
            let decoded = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
            assert_eq!(of(&decoded), path);
        }
    }
}
