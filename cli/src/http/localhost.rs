//! Names that end in `.localhost` mean this machine (RFC 6761, section 6.3), but not every system's
//! resolver knows that. Requests to loopback carry no authentication, so they must stay on this machine.

use std::net::Ipv4Addr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The system's resolver, except for names that end in `.localhost`.
#[derive(Debug, Default)]
pub(super) struct Localhost {
    system: DefaultResolver,
}

impl Resolver for Localhost {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        if !uri.host().is_some_and(|host| host.to_ascii_lowercase().ends_with(".localhost")) {
            return self.system.resolve(uri, config, timeout);
        }
        let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let mut addresses = self.empty();
        addresses.push((Ipv4Addr::LOCALHOST, uri.port_u16().unwrap_or(usual)).into());
        Ok(addresses)
    }
}
