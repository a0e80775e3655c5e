//! Where people find the web pages: the parameter `PagesUrl`, and what leads to a page with it and without it.

use std::borrow::Cow;
use std::net::Ipv6Addr;

/// The address of the web pages, without a slash at its end: `https://deployments.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagesUrl(String);

impl PagesUrl {
    /// Reads an address: `https`, or on one machine `http` too.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let address = text.strip_suffix('/').unwrap_or(text);
        let place = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        if place.is_some_and(is_place) {
            return Ok(Self(address.to_owned()));
        }
        Err("must be where the web pages are, and no more: https://, a host, and its port if it has one, such as \
             https://deployments.example.com"
            .to_owned())
    }

    /// The same, where only `https` is right.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse_secure(text: &str) -> Result<Self, String> {
        if text.starts_with("http://") {
            return Err("must begin with https://, such as https://deployments.example.com".to_owned());
        }
        Self::parse(text)
    }

    /// The address of a page, whose path is encoded.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// The command that opens a page, whose path is encoded, as a POSIX shell takes it.
#[must_use]
pub fn open_command(path: &str) -> String {
    format!("deployment-status open {}", shlex::try_quote(path).unwrap_or(Cow::Borrowed("/")))
}

/// Whether it is a host, with or without a port.
fn is_place(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => (None, port),
        Some(_) => return false,
        None => text.find(':').map_or((Some(text), ""), |at| (text.get(..at), text.get(at..).unwrap_or_default())),
    };
    let is_host = |host: &str| {
        host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
    };
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    host.is_none_or(is_host) && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::page_paths;

    #[test]
    fn an_address_is_a_host_and_no_more() {
        for (text, read) in [
            ("https://deployments.example.com", Some("https://deployments.example.com")),
            ("https://deployments.example.com/", Some("https://deployments.example.com")),
            ("https://a:8443", Some("https://a:8443")),
            ("http://127.0.0.1:9000", Some("http://127.0.0.1:9000")),
            ("http://[::1]:9000/", Some("http://[::1]:9000")),
            ("https://[2001:db8::1]", Some("https://[2001:db8::1]")),
            ("https://a:65535", Some("https://a:65535")),
            ("https://a:65536", None),
            ("https://a:0", None),
            ("https://a:+1", None),
            ("https://a:", None),
            ("https://a:1:2", None),
            ("https://[::1", None),
            ("https://[a]", None),
            ("https://[::1]x", None),
            ("https://", None),
            ("https:///", None),
            ("https://a//", None),
            ("https://-a", None),
            ("https://a/pages", None),
            ("https://a?b", None),
            ("https://a#b", None),
            ("https://user@a", None),
            ("https://größe.example", None),
            ("https://a)b", None),
            ("ftp://a", None),
            ("a.example", None),
            ("javascript:alert(1)", None),
            (" https://a", None),
            ("", None),
        ] {
            assert_eq!(PagesUrl::parse(text).ok().map(|url| url.0).as_deref(), read, "{text}");
        }
        for (text, is_read) in [("https://a", true), ("http://a", false), ("http://127.0.0.1", false), ("a", false)] {
            let read = PagesUrl::parse_secure(text);
            assert_eq!(read.is_ok(), is_read, "{text}");
            assert!(read.err().is_none_or(|wrong| wrong.contains("https://")), "{text}");
        }
    }

    #[test]
    fn a_page_has_an_address_and_a_command() {
        let url = PagesUrl::parse("https://a.example/").unwrap();
        for (id, address, command) in [
            ("c-1", "https://a.example/deployments/c-1", "deployment-status open /deployments/c-1"),
            ("a b", "https://a.example/deployments/a%20b", "deployment-status open '/deployments/a%20b'"),
            (".", "https://a.example/deployments/%2F.", "deployment-status open '/deployments/%2F.'"),
        ] {
            let path = page_paths::deployment(id);
            assert_eq!((url.page(&path).as_str(), open_command(&path).as_str()), (address, command));
        }
    }

    proptest! {
        #[test]
        fn a_shell_reads_the_path_as_it_is(id in ".{1,12}") {
            let path = page_paths::deployment(&id);
            let words = shlex::split(&open_command(&path));
            prop_assert_eq!(words, Some(vec!["deployment-status".to_owned(), "open".to_owned(), path]));
        }
    }
}
