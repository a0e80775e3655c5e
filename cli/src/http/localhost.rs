//! Names below `localhost` are this machine (RFC 6761, section 6.3), which not every system's resolver
//! knows. What is taken for loopback must also lead there: nothing says who asks on the way.

use std::net::Ipv4Addr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The system's resolver, but for names below `localhost`.
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
