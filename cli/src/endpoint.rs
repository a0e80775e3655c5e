//! Where the API is: as a setting says, or as the deployed stack's parameter does.

use std::net::IpAddr;

use ureq::http::Uri;

use crate::account::Account;
use crate::cache;
use crate::failure::{Exit, Failure};
use crate::settings::Settings;

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
    /// The API's address under these settings. The stack's parameter is asked only where no setting
    /// has an address.
    ///
    /// # Errors
    /// When there is none, or it is no http or https address: exit code 2.
    pub(crate) fn find(settings: &Settings, account: &mut Option<Account>) -> Result<Self, Failure> {
        if let Some(url) = &settings.url {
            return Self::parse(&url.value, &url.origin.to_string());
        }
        let parameter = format!("/{}/api-url", settings.stack.value);
        let found = format!("parameter {parameter}");
        let of = |setting: &Option<crate::settings::Setting<String>>| {
            setting.as_ref().map(|setting| setting.value.clone()).unwrap_or_default()
        };
        let key = format!("{parameter} {} {}", of(&settings.profile), of(&settings.region));
        if let Some(url) = cache::read(cache::API_URL, &key) {
            let endpoint = Self::parse(&url, &format!("{found}, as it was lately"))?;
            return Ok(Self { remembered: Some(key), ..endpoint });
        }
        let url = account_of(account, settings).and_then(|account| account.parameter(&parameter));
        let url = url.map_err(|failure| {
            failure
                .advise("No setting says where the API is, so the deployed stack was asked.")
                .advise(
                    "Say where: --url URL, the variable DEPLOYMENT_STATUS_URL, or `url = \"…\"` in the config file;",
                )
                .advise("or which stack: --stack NAME, with --profile and --region. To try it out on this machine:")
                .advise("`cargo run -p local`, and --url http://127.0.0.1:9000")
        })?;
        let endpoint = Self::parse(&url, &found)?;
        cache::write(cache::API_URL, &key, &url);
        Ok(endpoint)
    }

    /// Reads an address.
    ///
    /// # Errors
    /// When it is no http or https address.
    pub(crate) fn parse(url: &str, found: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::new(Exit::Usage, format!("`{url}` is no address of an API: {why} ({found})"))
                .advise("Write one like https://abc123.execute-api.eu-central-1.amazonaws.com or http://127.0.0.1:9000")
        };
        let uri: Uri = url.trim().parse().map_err(|_| wrong("it can't be read"))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it has a user in it"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a query"));
        }
        Ok(Self {
            origin: format!("{}://{authority}", if secure { "https" } else { "http" }),
            base: uri.path().trim_end_matches('/').to_owned(),
            found: found.to_owned(),
            remembered: None,
            host: authority.host().trim_matches(['[', ']']).to_lowercase(),
            secure,
        })
    }

    /// The API does not answer there: the next call looks it up anew.
    pub(crate) fn distrust(&self) {
        if let Some(key) = &self.remembered {
            cache::forget(cache::API_URL, key);
        }
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

/// The account, opened at first use.
pub(crate) fn account_of<'a>(
    account: &'a mut Option<Account>,
    settings: &Settings,
) -> Result<&'a mut Account, Failure> {
    if account.is_none() {
        *account = Some(Account::open(settings)?);
    }
    account.as_mut().ok_or_else(|| Failure::new(Exit::Failed, "there is no AWS account to ask"))
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
