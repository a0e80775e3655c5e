//! The AWS SDK uses the same HTTP client as the API: the same trusted certificates, the same proxy, and no
//! second client in the binary.

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use ureq::http::uri::Scheme;

use crate::http::{Timeouts, agent, exchange};

/// The HTTP client for the SDK. It waits for a reply no longer than `timeout`.
pub(super) fn client(timeout: Duration) -> SharedHttpClient {
    http_client_fn(move |settings, _| {
        let reply = settings.read_timeout().map_or(timeout, |reply| reply.min(timeout));
        SharedHttpConnector::new(Client { timeouts: Timeouts { reply, connection: settings.connect_timeout() } })
    })
}

#[derive(Debug)]
struct Client {
    timeouts: Timeouts,
}

impl HttpConnector for Client {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // Nothing else runs meanwhile, so this may block.
        HttpConnectorFuture::ready(self.exchange(request))
    }
}

impl Client {
    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (head, body) = request.into_parts();
        let body =
            body.bytes().ok_or_else(|| ConnectorError::user("a streaming body is not supported".into()))?.to_vec();
        // Plain http is for this machine only: its metadata service, or an emulator of AWS.
        let agent = agent(head.uri.scheme() == Some(&Scheme::HTTPS));
        let request = ureq::http::Request::from_parts(head, body);
        let reply = exchange(&agent, request, self.timeouts).map_err(|error| match error {
            ureq::Error::Timeout(_) => ConnectorError::timeout(error.into()),
            ureq::Error::Io(error) => ConnectorError::io(error.into()),
            error => ConnectorError::other(BoxError::from(error), None),
        })?;
        HttpResponse::try_from(reply.map(SdkBody::from)).map_err(|error| ConnectorError::other(error.into(), None))
    }
}
