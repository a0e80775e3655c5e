//! Where the API is: as a setting says, or as the deployed stack's parameter does.

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
    /// What stands before each route, without a slash at its end; often empty.
    pub(crate) base: String,
    /// How it was found, for messages.
    pub(crate) found: String,
    /// The key of the cache that has it, where it came from there.
    remembered: Option<String>,
    host: String,
    secure: bool,
}

impl Endpoint {
    /// The API's address under these settings, and the account that was asked for it: the stack's
    /// parameter is asked only where no setting has an address.
    ///
    /// # Errors
    /// When there is none, or it is no http or https address: exit code 2.
    pub(crate) fn find(settings: &Settings) -> Result<(Self, Option<Account>), Failure> {
        if let Some(url) = &settings.url {
            return Ok((Self::parse(&url.value, &url.origin.to_string())?, None));
        }
        let parameter = format!("/{}/api-url", settings.stack.value);
        let found = format!("parameter {parameter}");
        let key = key(&parameter, settings);
        // What can't be read was not written by us.
        let remembered = cache::read(cache::API_URL, &key);
        if let Some(endpoint) = remembered.and_then(|url| Self::parse(&url, &format!("{found}, as it was lately")).ok())
        {
            return Ok((Self { remembered: Some(key), ..endpoint }, None));
        }
        let mut account = Account::open(settings, None)?;
        let url = account.parameter(&parameter, chrono::Local::now().into()).map_err(|failure| {
            failure
                .advise(format!("No setting says where the API is, so it is looked up in the parameter {parameter}."))
                .advise(
                    "Say where: --url URL, the variable DEPLOYMENT_STATUS_URL, or `url = \"…\"` in the config file;",
                )
                .advise("or which stack: --stack NAME, with --profile and --region. To try it out on this machine:")
                .advise("`cargo run -p local`, and --url http://127.0.0.1:9000")
        })?;
        let endpoint = Self::parse(&url, &found)?;
        cache::write(cache::API_URL, &key, &url);
        Ok((endpoint, Some(account)))
    }

    /// Reads an address.
    ///
    /// # Errors
    /// When it is no http or https address.
    pub(crate) fn parse(url: &str, found: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::new(Exit::Usage, format!("`{}` is no address of an API: {why} ({found})", without_user(url)))
                .advise("Write one like https://abc123.execute-api.eu-central-1.amazonaws.com or http://127.0.0.1:9000")
        };
        let uri: Uri = url.trim().parse().map_err(|_| wrong("it can't be read"))?;
        let (scheme, usual) = match uri.scheme_str() {
            Some("https") => ("https", 443),
            Some("http") => ("http", 80),
            _ => return Err(wrong("it begins with neither https:// nor http://")),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it has no host"))?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong("it has a user in it"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a query"));
        }
        // A port that goes without saying is not said in the request either, nor in its signature.
        let port = uri.port_u16().filter(|port| *port != usual).map_or(String::new(), |port| format!(":{port}"));
        Ok(Self {
            origin: format!("{scheme}://{host}{port}"),
            base: uri.path().trim_end_matches('/').to_owned(),
            found: found.to_owned(),
            remembered: None,
            host: host.trim_matches(['[', ']']).to_lowercase(),
            secure: scheme == "https",
        })
    }

    /// Forgets the address where it was only remembered, and answers whether it was: the next one to
    /// look for the API looks it up anew.
    pub(crate) fn forget(&self) -> bool {
        let Some(key) = &self.remembered else { return false };
        cache::forget(cache::API_URL, key);
        true
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let named = self.host == "localhost" || self.host.ends_with(".localhost");
        named || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Whether what is sent there can't be read on the way.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The region that its name has, where it is one of API Gateway's own:
    /// `<id>.execute-api.<region>.amazonaws.com`.
    pub(crate) fn region(&self) -> Option<&str> {
        self.host.split_once(".execute-api.")?.1.split_once(".amazonaws.").map(|(region, _)| region)
    }
}

/// An address as it may be told: what stands before an @ can be a password.
fn without_user(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => url.to_owned(),
    }
}

/// What the parameter's value hangs on: in whose account it is, and where.
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
    fn loopback_and_region_are_told_from_the_host() {
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
    fn what_is_no_address_is_refused_with_what_would_be_right() {
        for wrong in ["", "127.0.0.1:9000", "ftp://x", "https://", "https://me@example.com", "https://x/?a=b", "a b"] {
            let failure = Endpoint::parse(wrong, "flag --url").unwrap_err();
            assert!(failure.is(Exit::Usage), "{wrong}");
            assert!(failure.to_string().contains("flag --url"), "{failure}");
        }
    }
}
