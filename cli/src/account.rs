//! The AWS account that is asked: credentials of the ordinary chain (environment, profile, SSO, role,
//! process), the region, and the API's address in the deployed stack's parameter.
//!
//! Nothing here happens before it is needed: on loopback, or with a token, AWS is not asked at all.

use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use tokio::runtime::Runtime;

use crate::failure::{Exit, Failure};
use crate::settings::{Origin, Settings};

/// How long before their end credentials are fetched anew.
const MARGIN: Duration = Duration::from_mins(1);

/// An AWS account and region, as far as the settings say.
pub(crate) struct Account {
    runtime: Runtime,
    config: SdkConfig,
    /// The profile, for messages.
    profile: Option<String>,
    credentials: Option<Credentials>,
}

impl Account {
    /// Reads profiles and environment; asks nobody yet but, for the region, perhaps the machine's own
    /// metadata service.
    ///
    /// # Errors
    /// When the machine can't run the AWS client.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, format!("can't start: {error}")))?;
        let https = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https.build_https());
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(&profile.value);
            // In the chain, keys in the environment come before any profile; a flag comes before them.
            if matches!(profile.origin, Origin::Flag(_)) {
                let provider = ProfileFileCredentialsProvider::builder().profile_name(&profile.value);
                loader = loader.credentials_provider(provider.build());
            }
        }
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.value.clone()));
        }
        let config = runtime.block_on(loader.load());
        let profile = settings.profile.as_ref().map(|profile| profile.value.clone());
        Ok(Self { runtime, config, profile, credentials: None })
    }

    /// The region, if a setting or the profile names one.
    pub(crate) fn region(&self) -> Option<String> {
        self.config.region().map(ToString::to_string)
    }

    /// Credentials that hold for a while yet.
    ///
    /// # Errors
    /// When the chain has none: exit code 4, with what to do.
    pub(crate) fn credentials(&mut self, now: SystemTime) -> Result<Credentials, Failure> {
        let holds = |credentials: &Credentials| credentials.expiry().is_none_or(|expiry| expiry > now + MARGIN);
        if let Some(credentials) = self.credentials.as_ref().filter(|credentials| holds(credentials)) {
            return Ok(credentials.clone());
        }
        let provider = self.config.credentials_provider().ok_or_else(|| self.no_credentials("there is no provider"))?;
        let credentials = self.runtime.block_on(provider.provide_credentials());
        let credentials = credentials.map_err(|error| self.no_credentials(&causes(&error)))?;
        self.credentials = Some(credentials.clone());
        Ok(credentials)
    }

    /// Where credentials came from, for messages.
    pub(crate) fn origin_of(&self, credentials: &Credentials) -> String {
        let variable = std::env::var("AWS_ACCESS_KEY_ID");
        if variable.is_ok_and(|key| key == credentials.access_key_id()) {
            return "the variable AWS_ACCESS_KEY_ID".to_owned();
        }
        self.profile.as_ref().map_or("the default chain".to_owned(), |profile| format!("profile {profile}"))
    }

    /// The value of a parameter of Systems Manager.
    ///
    /// # Errors
    /// When it can't be read: exit code 2, as it is a setting that is missing.
    pub(crate) fn parameter(&self, name: &str) -> Result<String, Failure> {
        let client = aws_sdk_ssm::Client::new(&self.config);
        let answer = self.runtime.block_on(client.get_parameter().name(name).send());
        let value = answer
            .map_err(|error| causes(&error))
            .and_then(|answer| answer.parameter.and_then(|found| found.value).ok_or_else(|| "it is empty".to_owned()));
        value.map_err(|cause| Failure::new(Exit::Usage, format!("can't read the parameter {name}: {cause}")))
    }

    fn no_credentials(&self, cause: &str) -> Failure {
        let of = self.profile.as_ref().map_or(String::new(), |profile| format!(" for profile {profile}"));
        let login = self.profile.as_ref().map_or(String::new(), |profile| format!(" --profile {profile}"));
        Failure::new(Exit::NotAllowed, format!("there are no AWS credentials{of}: {cause}"))
            .advise(format!("Log in, for example with `aws sso login{login}`, or choose another --profile."))
    }
}

/// An error with what caused it, as the SDK nests them.
fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = chain.map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}
