//! Calls to whoever is not AWS, by the HTTP client of the SDK: no second one, and no second TLS stack.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use crate::clients;

/// How long a call may take, with all of its answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// The longest answer that is read.
const MOST_BYTES: usize = 512 * 1024;

/// Calls over HTTPS. What the system trusts is read with the first: most starts call nobody.
#[derive(Debug, Clone, Default)]
pub struct Https(OnceLock<SharedHttpConnector>);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Https {
    /// What is answered to a GET.
    ///
    /// # Errors
    /// Why there is no answer; never what was sent.
    pub async fn get(&self, address: &str) -> Result<Answer, String> {
        self.call("GET", address, &[("accept", "application/json")], SdkBody::empty()).await
    }

    /// What is answered to a form.
    ///
    /// # Errors
    /// Why there is no answer; never what was sent.
    pub async fn post_form(&self, address: &str, authorization: Option<&str>, form: String) -> Result<Answer, String> {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers =
            [Some(("accept", "application/json")), Some(kind), authorization.map(|own| ("authorization", own))];
        let headers: Vec<_> = headers.into_iter().flatten().collect();
        self.call("POST", address, &headers, SdkBody::from(form)).await
    }

    async fn call(
        &self,
        method: &str,
        address: &str,
        headers: &[(&'static str, &str)],
        body: SdkBody,
    ) -> Result<Answer, String> {
        // A connector knows plain HTTP too, for emulators.
        if !address.starts_with("https://") {
            return Err("the address is not https".to_owned());
        }
        let mut request = HttpRequest::new(body);
        request.set_method(method).map_err(|_| "no method")?;
        request.set_uri(address).map_err(|_| "the address can't be read")?;
        for (name, value) in headers {
            request.headers_mut().try_insert(*name, (*value).to_owned()).map_err(|_| format!("{name} is no header"))?;
        }
        let answering = async {
            let answer =
                self.0.get_or_init(clients::https_to_anyone).call(request).await.map_err(|error| error.to_string())?;
            let status = answer.status().as_u16();
            let (mut stream, mut body) = (ByteStream::new(answer.into_body()), Vec::new());
            while let Some(part) = stream.next().await {
                let part = part.map_err(|_| "the answer broke off")?;
                if body.len() + part.len() > MOST_BYTES {
                    return Err(format!("the answer has more than {MOST_BYTES} bytes"));
                }
                body.extend_from_slice(&part);
            }
            Ok(Answer { status, body })
        };
        let too_slow = || Err(format!("there was no answer within {} seconds", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, answering).await.unwrap_or_else(|_| too_slow())
    }
}
