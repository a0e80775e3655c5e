//! Whom a request is for.

use std::net::Ipv6Addr;

use api::Problem;
use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

/// A host, as it stands in a request: a name or an address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Reads a host; nothing may stand around it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, behind)) => {
                let address: Ipv6Addr = address.parse().ok()?;
                (format!("[{address}]"), if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) })
            }
            None => match text.split_once(':') {
                Some((name, port)) => (name.to_ascii_lowercase(), Some(port)),
                None => (text.to_ascii_lowercase(), None),
            },
        };
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if name.is_empty() || !(name.starts_with('[') || name.bytes().all(is_of_name)) {
            return None;
        }
        let port = match port {
            // `u16` alone would read `+80` too.
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok().filter(|port| *port > 0)?)
            }
            Some(_) => return None,
            None => None,
        };
        Some(Self { name, port })
    }

    /// Whether both are the same, where no port means `default`.
    pub(super) fn is(&self, other: &Self, default: u16) -> bool {
        self.name == other.name && self.port.unwrap_or(default) == other.port.unwrap_or(default)
    }

    fn is_this_machine(&self) -> bool {
        ["localhost", "127.0.0.1", "[::1]"].contains(&self.name.as_str())
    }
}

/// The host that a request is for. It stands in `Host`, and may stand in the address too (HTTP/1.1's absolute form,
/// HTTP/2's authority): both must say the same. Otherwise a page could reach a server of this machine under its own
/// name (DNS rebinding), or a proxy and we could differ on whom a request is for.
///
/// # Errors
/// The problem to answer when there is no such host, or when it must be this machine and is another.
pub(super) fn of(headers: &HeaderMap, uri: &Uri, loopback_only: bool) -> Result<Host, Problem> {
    let mut given = headers.get_all(HOST).iter();
    let host = match (given.next(), given.next()) {
        (Some(host), None) => host.to_str().ok().and_then(Host::parse),
        (Some(_), Some(_)) => return Err(Problem::new(400, "Host is given twice")),
        // HTTP/2 has its authority instead.
        (None, _) => match uri.authority() {
            Some(authority) => Host::parse(authority.as_str()),
            None => return Err(Problem::new(400, "Host is missing")),
        },
    };
    let host = host.ok_or_else(|| Problem::new(400, "Host must be a host and, if need be, a port"))?;
    if let Some(authority) = uri.authority() {
        let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        if !Host::parse(authority.as_str()).is_some_and(|authority| authority.is(&host, default)) {
            return Err(Problem::new(400, "the address and Host differ"));
        }
    }
    if loopback_only && !host.is_this_machine() {
        return Err(Problem::new(403, "the host must be localhost or 127.0.0.1"));
    }
    Ok(host)
}
