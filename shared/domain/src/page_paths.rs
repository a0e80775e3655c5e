//! Names in paths, of web pages and of the API. They are percent-encoded here, and read again, and nowhere else.

use std::borrow::Cow;

/// What the path of a deployment's page begins with; its id follows, with all its slashes.
pub const DEPLOYMENT: &str = "/deployments/";
/// A parameter that has the name instead, as addresses of before had `.` and `..`.
pub const NAME: &str = "name";

/// A name as a part of a path. Slashes in it stay apart from those of the path. What stands as it is are the unreserved
/// characters of RFC 3986; among them the dot, which a browser takes as a step also where it is encoded.
#[must_use]
pub fn part(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(one).collect()
}

/// A path whose slashes are its own.
#[must_use]
pub fn parts(path: &str) -> String {
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Whether a browser would take what is between its slashes as steps, or something else would take two of them as one.
#[must_use]
pub fn has_steps(name: &str) -> bool {
    name.split('/').any(|segment| matches!(segment, "" | "." | ".."))
}

/// A name at the end of a path, where its slashes may stand as they are, unless it [has steps](has_steps).
#[must_use]
pub fn rest(name: &str) -> String {
    if has_steps(name) { part(name) } else { parts(name) }
}

/// A name as it stands at the end of a path: `.` and `..`, which no path can have, behind a slash of their own, and so
/// do names that would read as these.
#[must_use]
pub fn kept(name: &str) -> Cow<'_, str> {
    if is_step(name) { Cow::Owned(format!("/{name}")) } else { Cow::Borrowed(name) }
}

/// The name that [stands](kept) at the end of a path, decoded.
#[must_use]
pub fn name_of(kept: &str) -> &str {
    kept.strip_prefix('/').filter(|name| is_step(name)).unwrap_or(kept)
}

fn is_step(name: &str) -> bool {
    matches!(name.trim_start_matches('/'), "." | "..")
}

/// A name at the end of what a path begins with.
#[must_use]
pub fn named(begin: &str, name: &str) -> String {
    format!("{begin}{}", rest(&kept(name)))
}

/// The page of a deployment.
#[must_use]
pub fn deployment(id: &str) -> String {
    named(DEPLOYMENT, id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_of_any_kind_has_a_path_that_nothing_reads_otherwise() {
        for (id, path) in [
            ("checkout-42", "/deployments/checkout-42"),
            ("github:o/r@1", "/deployments/github%3Ao/r%401"),
            ("a/b#c", "/deployments/a/b%23c"),
            ("%2F", "/deployments/%252F"),
            ("PR #12", "/deployments/PR%20%2312"),
            ("a?b&c", "/deployments/a%3Fb%26c"),
            ("בדיקה", "/deployments/%D7%91%D7%93%D7%99%D7%A7%D7%94"),
            ("a/../b", "/deployments/a%2F..%2Fb"),
            ("/a", "/deployments/%2Fa"),
            ("a//b/", "/deployments/a%2F%2Fb%2F"),
            ("a/.b", "/deployments/a/.b"),
            ("...", "/deployments/..."),
            (".", "/deployments/%2F."),
            ("..", "/deployments/%2F.."),
            ("/.", "/deployments/%2F%2F."),
            ("./", "/deployments/.%2F"),
        ] {
            assert_eq!(deployment(id), path);
        }
    }

    fn decoded(path: &str) -> String {
        let mut bytes = path.bytes();
        let mut found = Vec::new();
        while let Some(byte) = bytes.next() {
            if byte == b'%' {
                let hex: String = bytes.by_ref().take(2).map(char::from).collect();
                found.push(u8::from_str_radix(&hex, 16).unwrap());
            } else {
                found.push(byte);
            }
        }
        String::from_utf8(found).unwrap()
    }

    proptest! {
        #[test]
        fn a_path_decoded_once_has_the_name_again(name in ".{1,12}|[./%]{1,4}|/{0,3}[.]{1,3}") {
            let path = deployment(&name);
            let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
            prop_assert!(path.bytes().all(is_safe), "{}", path);
            prop_assert!(!path.split('/').any(|step| matches!(step, "." | "..")), "{}", path);
            let whole = decoded(&path);
            prop_assert_eq!(whole.strip_prefix(DEPLOYMENT).map(name_of), Some(name.as_str()));
        }
    }
}
