//! The API's address: from a setting, or from the deployed stack's parameter.

use std::net::IpAddr;

use ureq::http::Uri;

use crate::account::Account;
use crate::cache;
use crate::failure::{Exit, Failure};
use crate::settings::{Setting, Settings};

/// The API's address.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The path before each route, without a final slash; often empty.
    pub(crate) base: String,
    /// Where the address came from, for messages.
    pub(crate) found: String,
    /// Its key in the cache, if it came from there.
    cache_key: Option<String>,
    host: String,
    secure: bool,
}

impl Endpoint {
    /// The API's address under these settings, and the AWS account that was used to look it up. The stack's
    /// parameter is read only when no setting has an address.
    ///
    /// # Errors
    /// When there is no address, or it is not an http or https address: exit code 2.
    pub(crate) fn find(settings: &Settings) -> Result<(Self, Option<Account>), Failure> {
        if let Some(url) = &settings.url {
            return Ok((Self::parse(&url.value, &url.origin.to_string())?, None));
        }
        let parameter = format!("/{}/api-url", settings.stack.value);
        let found = format!("parameter {parameter}");
        let key = key(&parameter, settings);
        // A cache entry that is not an address was not written by this program.
        let cached = cache::read(cache::API_URL, &key);
        if let Some(endpoint) = cached.and_then(|url| Self::parse(&url, &format!("{found}, cached")).ok()) {
            return Ok((Self { cache_key: Some(key), ..endpoint }, None));
        }
        let mut account = Account::open(settings, None)?;
        let url = account.parameter(&parameter, chrono::Local::now().into()).map_err(|failure| {
            failure
                .advise(format!("No setting has the API's address, so it is looked up in the parameter {parameter}."))
                .advise(
                    "Set the address: --url URL, the variable DEPLOYMENT_STATUS_URL, or `url = \"…\"` in the config file.",
                )
                .advise("Or set the stack: --stack NAME, with --profile and --region.")
                .advise("To try it on this machine: `cargo run -p local`, and --url http://127.0.0.1:9000")
        })?;
        let endpoint = Self::parse(&url, &found)?;
        cache::write(cache::API_URL, &key, &url);
        Ok((endpoint, Some(account)))
    }

    /// Parses an address.
    ///
    /// # Errors
    /// When it is not an http or https address.
    pub(crate) fn parse(url: &str, found: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::new(Exit::Usage, format!("`{}` is not an address of an API: {why} ({found})", without_user(url)))
                .advise("Examples: https://abc123.execute-api.eu-central-1.amazonaws.com, http://127.0.0.1:9000")
        };
        let uri: Uri = url.trim().parse().map_err(|_| wrong("it is not a URL"))?;
        let (scheme, usual) = match uri.scheme_str() {
            Some("https") => ("https", 443),
            Some("http") => ("http", 80),
            _ => return Err(wrong("it must begin with https:// or http://")),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it has no host"))?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong("it must not contain a user name"));
        }
        if uri.query().is_some() {
            return Err(wrong("it must not have a query"));
        }
        // The default port is not part of the request, nor of its signature.
        let port = uri.port_u16().filter(|port| *port != usual).map_or(String::new(), |port| format!(":{port}"));
        Ok(Self {
            origin: format!("{scheme}://{host}{port}"),
            base: uri.path().trim_end_matches('/').to_owned(),
            found: found.to_owned(),
            cache_key: None,
            host: host.trim_matches(['[', ']']).to_lowercase(),
            secure: scheme == "https",
        })
    }

    /// Removes the address from the cache, so that the next lookup reads the parameter again. Returns whether
    /// the address came from the cache.
    pub(crate) fn forget(&self) -> bool {
        let Some(key) = &self.cache_key else { return false };
        cache::forget(cache::API_URL, key);
        true
    }

    /// Whether it is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let named = self.host == "localhost" || self.host.ends_with(".localhost");
        named || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Whether requests to it are encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The region in its host name, if that is one of API Gateway: `<id>.execute-api.<region>.amazonaws.com`.
    pub(crate) fn region(&self) -> Option<&str> {
        self.host.split_once(".execute-api.")?.1.split_once(".amazonaws.").map(|(region, _)| region)
    }
}

/// An address for messages: the part before an @ can be a password.
fn without_user(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => url.to_owned(),
    }
}

/// The cache key: everything that the parameter's value depends on.
fn key(parameter: &str, settings: &Settings) -> String {
    let of =
        |setting: &Option<Setting<String>>| setting.as_ref().map_or("", |setting| setting.value.as_str()).to_owned();
    let variables = ["AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM"];
    let variables = variables.map(|name| std::env::var(name).unwrap_or_default());
    format!("{parameter} {} {} {}", of(&settings.profile), of(&settings.region), variables.join(" "))
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_region_are_found_in_the_host() {
        let of = |url: &str| {
            let endpoint = Endpoint::parse(url, "test").unwrap();
            (endpoint.is_loopback(), endpoint.region().map(str::to_owned), endpoint.to_string())
        };
        let gateway = "https://abc.execute-api.eu-central-1.amazonaws.com";
        assert_eq!(of(&format!("{gateway}/")), (false, Some("eu-central-1".to_owned()), gateway.to_owned()));
        let china = "https://abc.execute-api.cn-north-1.amazonaws.com.cn/stage/";
        assert_eq!(of(china).1.as_deref(), Some("cn-north-1"));
        assert_eq!(of(china).2, "https://abc.execute-api.cn-north-1.amazonaws.com.cn/stage");
        assert_eq!(of("http://[::1]:9000"), (true, None, "http://[::1]:9000".to_owned()));
        assert!(of("http://127.0.0.1:9000").0 && of("http://localhost").0);
        assert!(!of("https://localhost.example.com").0);
        assert!(of("http://a.LocalHost").0);
        assert_eq!(of("https://a:443/b@c").2, "https://a/b@c");
        assert_eq!(of("https://a:80").2, "https://a:80");
    }

    #[test]
    fn a_wrong_address_is_rejected_with_its_source() {
        for wrong in ["", "127.0.0.1:9000", "ftp://x", "https://", "https://me@example.com", "https://x/?a=b", "a b"] {
            let failure = Endpoint::parse(wrong, "flag --url").unwrap_err();
            assert!(failure.is(Exit::Usage), "{wrong}");
            assert!(failure.to_string().contains("flag --url"), "{failure}");
        }
    }
}
