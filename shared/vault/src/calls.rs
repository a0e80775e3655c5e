//! Signed calls to a service of AWS, over a connector of the SDK's clients.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use domain::Timestamp;

use crate::VaultError;

/// How long a try may take, with all of its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a call is tried that has no answer, or one that it is worth trying again after.
const TRIES: u32 = 4;

/// What calls are made with.
#[derive(Debug, Clone)]
pub struct Calls {
    connector: SharedHttpConnector,
    credentials: Option<SharedCredentialsProvider>,
    region: String,
    now: fn() -> Timestamp,
}

/// A request to a service.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) operation: &'static str,
    pub(crate) service: &'static str,
    pub(crate) method: &'static str,
    pub(crate) address: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Calls {
    /// Over this connector, with the region and the credentials of `configuration`; `now` is the clock by which
    /// calls are signed.
    #[must_use]
    pub fn new(connector: SharedHttpConnector, configuration: &SdkConfig, now: fn() -> Timestamp) -> Self {
        Self {
            connector,
            credentials: configuration.credentials_provider(),
            region: configuration.region().map(ToString::to_string).unwrap_or_default(),
            now,
        }
    }

    /// The host of a service in this region.
    pub(crate) fn host(&self, service: &str) -> String {
        let suffix = if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("{service}.{}.{suffix}", self.region)
    }

    /// What is answered to a request, whatever its status is, unless that says to try again and it went on so.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, VaultError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let signed = self.signed(request).await?;
            let answered = tokio::time::timeout(PATIENCE, self.answer(signed)).await;
            let answered = answered.unwrap_or_else(|_| Err(format!("no answer within {} seconds", PATIENCE.as_secs())));
            match answered {
                Ok(answer) if !answer.is_busy() => return Ok(answer),
                Ok(answer) if tries == TRIES => return Err(answer.error(request.operation)),
                Err(cause) if tries == TRIES => return Err(VaultError::new(request.operation, cause)),
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(100 << tries)).await,
            }
        }
    }

    async fn signed(&self, request: &Request) -> Result<HttpRequest, VaultError> {
        let wrong = |cause: String| VaultError::new(request.operation, cause);
        let provider = self.credentials.as_ref().ok_or_else(|| wrong("there are no credentials".to_owned()))?;
        let credentials = provider.provide_credentials().await.map_err(|error| wrong(error.to_string()))?;
        let identity = credentials.into();
        let mut settings = SigningSettings::default();
        if request.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis((self.now)().millis().unsigned_abs());
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(request.service)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|error| wrong(error.to_string()))?
            .into();
        let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new(request.method, &request.address, headers, body);
        let signed = signable.and_then(|signable| sign(signable, &params)).map_err(|error| wrong(error.to_string()))?;
        let (signature, _) = signed.into_parts();
        let (own, _) = signature.into_parts();
        let mut http = HttpRequest::new(SdkBody::from(request.body.clone()));
        http.set_method(request.method).map_err(|error| wrong(error.to_string()))?;
        http.set_uri(request.address.as_str()).map_err(|error| wrong(error.to_string()))?;
        for (name, value) in &request.headers {
            http.headers_mut().insert(*name, value.clone());
        }
        for header in own {
            http.headers_mut().insert(header.name(), header.value().to_owned());
        }
        Ok(http)
    }

    async fn answer(&self, request: HttpRequest) -> Result<Answer, String> {
        let answer = self.connector.call(request).await.map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let body = ByteStream::new(answer.into_body()).collect().await;
        let body = body.map_err(|_| "the answer broke off".to_owned())?.into_bytes().to_vec();
        Ok(Answer { status, body })
    }
}

impl Answer {
    /// Whether to try again can help.
    fn is_busy(&self) -> bool {
        self.status >= 500 || self.status == 429 || (self.status == 400 && self.says("Throttl"))
    }

    fn says(&self, word: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(word)
    }

    /// What the service said, for the log.
    pub(crate) fn error(&self, operation: &'static str) -> VaultError {
        const MOST: usize = 400;
        let said: String = String::from_utf8_lossy(&self.body).chars().take(MOST).collect();
        VaultError::new(operation, format!("{}: {said}", self.status))
    }
}
