//! Authentication of requests to the API: none, a bearer token, or AWS credentials, which sign each
//! request (`SigV4`).

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use ureq::http::{HeaderValue, Request, header};

use crate::account::Account;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::settings::{Auth, Setting, Settings, Token};

/// The service that signatures are made for: API Gateway's name for calling an API.
const SERVICE: &str = "execute-api";

/// How requests are authenticated.
pub(crate) enum Access {
    /// Not at all.
    Nothing,
    /// By a bearer token.
    Token(Setting<Token>),
    /// By a signature.
    Iam {
        /// Has the credentials.
        account: Box<Account>,
        /// The API's region.
        region: String,
        /// The credentials that signed the last request, for messages.
        signed: Option<Credentials>,
    },
}

impl Access {
    /// How requests to this endpoint are authenticated, under these settings.
    ///
    /// # Errors
    /// When the token is missing, or would be sent unencrypted; when the region to sign for is not known.
    pub(crate) fn to(endpoint: &Endpoint, settings: &Settings, account: Option<Account>) -> Result<Self, Failure> {
        let auth = match settings.auth.value {
            Auth::Auto if endpoint.is_loopback() || !endpoint.is_secure() => Auth::None,
            Auth::Auto if settings.token.is_some() => Auth::Token,
            Auth::Auto => Auth::Iam,
            chosen => chosen,
        };
        match auth {
            Auth::Auto | Auth::None => Ok(Self::Nothing),
            Auth::Token => {
                let token = settings.token.clone().ok_or_else(|| {
                    Failure::new(
                        Exit::Usage,
                        format!("auth is `token` ({}), but no token is set", settings.auth.origin),
                    )
                    .advise("Set the variable DEPLOYMENT_STATUS_TOKEN, or the key `token` in the config file.")
                })?;
                if !endpoint.is_secure() && !endpoint.is_loopback() {
                    return Err(Failure::new(
                        Exit::Usage,
                        format!("the token is not sent to {endpoint}: plain http is not encrypted"),
                    )
                    .advise("Use the API's https:// address."));
                }
                Ok(Self::Token(token))
            }
            Auth::Iam => {
                let account = account.map_or_else(|| Account::open(settings, endpoint.region()), Ok)?;
                let region = endpoint.region().map(str::to_owned).or_else(|| account.region()).ok_or_else(|| {
                    Failure::new(
                        Exit::Usage,
                        format!("the AWS region is not known, so requests to {endpoint} can't be signed"),
                    )
                    .advise("Use --region, or set the variable AWS_REGION.")
                })?;
                Ok(Self::Iam { account: Box::new(account), region, signed: None })
            }
        }
    }

    /// Adds the authentication to a request.
    ///
    /// # Errors
    /// When there are no credentials, or the request can't be signed.
    pub(crate) fn authorize<Body: AsRef<[u8]>>(
        &mut self,
        request: &mut Request<Body>,
        now: SystemTime,
    ) -> Result<(), Failure> {
        match self {
            Self::Nothing => Ok(()),
            Self::Token(token) => {
                let value = HeaderValue::from_str(&format!("Bearer {}", token.value.0.trim()));
                let mut value = value.map_err(|_| {
                    Failure::new(
                        Exit::Usage,
                        format!("the token ({}) has characters that are not allowed in an HTTP header", token.origin),
                    )
                })?;
                value.set_sensitive(true);
                request.headers_mut().insert(header::AUTHORIZATION, value);
                Ok(())
            }
            Self::Iam { account, region, signed } => {
                let credentials = account.credentials(now)?;
                *signed = Some(credentials.clone());
                sign_request(request, credentials, region, now)
                    .map_err(|cause| Failure::new(Exit::Failed, format!("the request can't be signed: {cause}")))
            }
        }
    }

    /// Whether it signs requests.
    pub(crate) fn signs(&self) -> bool {
        matches!(self, Self::Iam { .. })
    }

    /// The authentication of the last request, for the message that it was not accepted. Never the secret.
    pub(crate) fn description(&self) -> String {
        match self {
            Self::Nothing => "The request had no authentication. --auth sets one.".to_owned(),
            Self::Token(token) => format!("The request had the bearer token from {}.", token.origin),
            Self::Iam { region, signed: Some(credentials), account } => format!(
                "The request was signed for {region} with the access key {} from {}.",
                credentials.access_key_id(),
                account.origin_of(credentials),
            ),
            Self::Iam { .. } => "The request was not signed.".to_owned(),
        }
    }

    /// Why it may not have been accepted.
    pub(crate) fn possible_cause(&self) -> &'static str {
        match self {
            Self::Nothing => "The API needs AWS credentials (--auth iam) or a bearer token (--auth token).",
            Self::Token(_) => "The token may have expired, or be for another API.",
            Self::Iam { .. } => {
                "The access key may belong to another account, have expired, or lack the permission execute-api:Invoke."
            }
        }
    }
}

/// Signs a request with its body, as API Gateway requires. The signature is valid for some minutes.
fn sign_request(
    request: &mut Request<impl AsRef<[u8]>>,
    credentials: Credentials,
    region: &str,
    now: SystemTime,
) -> Result<(), Box<dyn std::error::Error>> {
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(now)
        .settings(SigningSettings::default())
        .build()?
        .into();
    let (method, uri) = (request.method().to_string(), request.uri().to_string());
    // What is between here and the API may write this header anew.
    let signed = request.headers().iter().filter(|(name, _)| **name != header::ACCEPT_ENCODING);
    let headers = signed.map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
    let headers = headers.collect::<Result<Vec<_>, ureq::http::header::ToStrError>>()?;
    let body = SignableBody::Bytes(request.body().as_ref());
    let signable = SignableRequest::new(&method, &uri, headers.into_iter(), body)?;
    let (instructions, _) = sign(signable, &params)?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
