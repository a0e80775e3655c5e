//! The AWS account: credentials of the default chain (environment, profile, SSO, role, process), the
//! region, and the API's address, which the deployed stack keeps in a parameter.
//!
//! Nothing here is loaded before it is needed: on loopback, or with a token, there is no call to AWS.

use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sdk_ssm::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use tokio::runtime::Runtime;

use crate::failure::{Exit, Failure};
use crate::settings::{Setting, Settings};

mod client;

/// Credentials that expire within this time are loaded again.
const MARGIN: Duration = Duration::from_mins(1);

/// An AWS account and region, as the settings name them.
pub(crate) struct Account {
    runtime: Runtime,
    config: SdkConfig,
    /// The profile, for messages.
    profile: Option<Setting<String>>,
    credentials: Option<Credentials>,
    /// How long to wait for AWS, or for a program that provides credentials.
    timeout: Duration,
}

impl Account {
    /// Reads profiles and environment. `region` is the one in the API's address, where it has one: then the
    /// machine's metadata service is not needed for it.
    ///
    /// # Errors
    /// When the machine can't run the AWS client.
    pub(crate) fn open(settings: &Settings, region: Option<&str>) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Failure::new(Exit::Failed, format!("can't start the AWS client: {error}")))?;
        let region = settings.region.as_ref().map(|region| region.value.as_str()).or(region);
        let timeout = settings.request_timeout();
        let http = client::client(timeout);
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(&profile.value);
        }
        let mut config = within(&runtime, timeout, "AWS", loader.load())?;
        // In the chain, keys in the environment come before any profile; but the flag comes before them.
        if let Some(profile) = settings.profile.as_ref().filter(|profile| profile.is_flag()) {
            let base = ProviderConfig::without_region().with_http_client(http).with_region(config.region().cloned());
            let provider = ProfileFileCredentialsProvider::builder().profile_name(&profile.value).configure(&base);
            let provider = SharedCredentialsProvider::new(provider.build());
            config = config.into_builder().credentials_provider(provider).build();
        }
        let profile = settings.profile.clone();
        Ok(Self { runtime, config, profile, credentials: None, timeout })
    }

    /// The region, if a setting or the profile names one.
    pub(crate) fn region(&self) -> Option<String> {
        self.config.region().map(ToString::to_string)
    }

    /// Credentials that do not expire soon.
    ///
    /// # Errors
    /// When the chain has none: exit code 4, with advice.
    pub(crate) fn credentials(&mut self, now: SystemTime) -> Result<Credentials, Failure> {
        self.load(now)?.map_err(|error| self.no_credentials(&error))
    }

    /// Where credentials came from, for messages.
    pub(crate) fn origin_of(&self, credentials: &Credentials) -> String {
        let variable = std::env::var("AWS_ACCESS_KEY_ID");
        if variable.is_ok_and(|key| key == credentials.access_key_id()) {
            return "the variable AWS_ACCESS_KEY_ID".to_owned();
        }
        self.profile.as_ref().map_or("AWS's default chain".to_owned(), |profile| format!("profile {}", profile.value))
    }

    /// The value of a parameter of Systems Manager.
    ///
    /// # Errors
    /// Without credentials or region, or when the parameter does not exist, the address is a missing setting
    /// (exit code 2). Otherwise access is denied (4), or AWS does not answer.
    pub(crate) fn parameter(&mut self, name: &str, now: SystemTime) -> Result<String, Failure> {
        let Some(region) = self.region() else {
            return Err(Failure::new(
                Exit::Usage,
                "the AWS region is not known, so the API's address can't be looked up",
            ));
        };
        let credentials = self.load(now)?.map_err(|error| match error {
            // The user may have no AWS account: no advice to log in.
            CredentialsError::CredentialsNotLoaded(_) => {
                let message = format!("{} to look up the API's address", self.no_credentials_found());
                Failure::new(Exit::Usage, message)
            }
            error => self.no_credentials(&error),
        })?;
        let key = format!("{} from {}", credentials.access_key_id(), self.origin_of(&credentials));
        let config = aws_sdk_ssm::config::Builder::from(&self.config).credentials_provider(credentials).build();
        let request = aws_sdk_ssm::Client::from_conf(config).get_parameter().name(name).send();
        let place = format!("the parameter {name} in {region}");
        match within(&self.runtime, self.timeout, "AWS Systems Manager", request)? {
            Ok(answer) => answer
                .parameter
                .and_then(|found| found.value)
                .ok_or_else(|| Failure::new(Exit::Usage, format!("{place} is empty"))),
            Err(SdkError::ServiceError(error)) if matches!(error.err(), GetParameterError::ParameterNotFound(_)) => {
                Err(Failure::new(Exit::Usage, format!("there is no {}", place.trim_start_matches("the ")))
                    .advise(format!("The access key is {key}.")))
            }
            Err(SdkError::ServiceError(error)) => {
                let (code, why) = (error.err().code().unwrap_or("refused"), error.err().message().unwrap_or_default());
                Err(Failure::new(Exit::NotAllowed, format!("{place} can't be read: {code}: {why}"))
                    .advise(format!("The access key is {key}.")))
            }
            Err(error) => {
                let lost = if let SdkError::DispatchFailure(lost) = &error { lost.as_connector_error() } else { None };
                let exit = if lost.is_some_and(ConnectorError::is_timeout) { Exit::TimedOut } else { Exit::Failed };
                // The cause itself, without the SDK's names around it.
                let why = lost.and_then(std::error::Error::source).map_or_else(|| causes(&error), causes);
                Err(Failure::new(exit, format!("{place} can't be read: {why}")))
            }
        }
    }

    /// Credentials that do not expire soon; loaded from the chain only when there are none yet.
    fn load(&mut self, now: SystemTime) -> Result<Result<Credentials, CredentialsError>, Failure> {
        let holds = |credentials: &Credentials| credentials.expiry().is_none_or(|expiry| expiry > now + MARGIN);
        if let Some(credentials) = self.credentials.as_ref().filter(|credentials| holds(credentials)) {
            return Ok(Ok(credentials.clone()));
        }
        let Some(provider) = self.config.credentials_provider() else {
            return Ok(Err(CredentialsError::not_loaded("there is no provider")));
        };
        let loaded =
            within(&self.runtime, self.timeout, "the provider of AWS credentials", provider.provide_credentials())?;
        // A program can return credentials that have already expired.
        let loaded = loaded.and_then(|credentials| match credentials.expiry() {
            Some(expiry) if expiry <= now => Err(CredentialsError::provider_error("they have expired")),
            _ => Ok(credentials),
        });
        self.credentials = loaded.as_ref().ok().cloned();
        Ok(loaded)
    }

    fn no_credentials(&self, error: &CredentialsError) -> Failure {
        let profile = self.profile.as_ref().map_or(String::new(), |profile| format!(" --profile {}", profile.value));
        let failure = if let CredentialsError::CredentialsNotLoaded(_) = error {
            Failure::new(Exit::NotAllowed, self.no_credentials_found())
        } else {
            // A program's error can have several lines.
            let causes = causes(error);
            let mut lines = causes.lines().map(str::trim);
            let message = format!("can't get AWS credentials: {}", lines.next().unwrap_or_default());
            lines.fold(Failure::new(Exit::NotAllowed, message), Failure::advise)
        };
        failure.advise(format!("Log in, for example with `aws sso login{profile}`, or choose another --profile."))
    }

    /// The message that nothing in the chain has credentials.
    fn no_credentials_found(&self) -> String {
        match &self.profile {
            Some(profile) if profile.is_flag() => format!("there are no AWS credentials in profile {}", profile.value),
            Some(profile) => format!(
                "there are no AWS credentials, neither in the environment nor in profile {} ({})",
                profile.value, profile.origin
            ),
            None => "there are no AWS credentials".to_owned(),
        }
    }
}

/// Waits for an answer, up to the timeout.
fn within<T>(runtime: &Runtime, timeout: Duration, whom: &str, answer: impl Future<Output = T>) -> Result<T, Failure> {
    runtime.block_on(async { tokio::time::timeout(timeout, answer).await }).map_err(|_| {
        let waited = humantime::format_duration(timeout);
        Failure::new(Exit::TimedOut, format!("{whom} did not answer within {waited}"))
            .advise("--timeout sets a longer time.")
    })
}

/// An error with its causes, which the SDK nests.
fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = chain.map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}
