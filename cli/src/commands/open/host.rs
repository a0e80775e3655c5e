//! Whom a request must be for: this program, by the name under which the browser knows it. Another name that leads
//! to loopback would be that of a page elsewhere (DNS rebinding).

use hyper::http::uri::Authority;

/// The names of this program.
#[derive(Debug, Clone)]
pub(super) struct OwnHost {
    port: u16,
    hosts: Vec<String>,
}

impl OwnHost {
    /// Those at a port.
    pub(super) fn at(port: u16) -> Self {
        const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];
        let mut hosts = NAMES.map(|name| format!("{name}:{port}")).to_vec();
        if port == 80 {
            // A browser leaves out the usual port.
            hosts.extend(NAMES.map(str::to_owned));
        }
        Self { port, hosts }
    }

    /// Whether this is one of them. They are written in ASCII only.
    pub(super) fn is(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }

    /// Whether the target of a request names another host than its `Host`.
    pub(super) fn differs(host: &str, authority: Option<&Authority>) -> bool {
        authority.is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(host))
    }

    /// The address of all pages: `http://127.0.0.1:8080`.
    pub(super) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The cookie's name. Cookies belong to a host, whatever its port, so two calls need two names.
    pub(super) fn cookie_name(&self) -> String {
        format!("deployment-status-{}", self.port)
    }
}
