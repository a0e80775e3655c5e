//! AWS is asked over the same HTTP as the API: the same roots, the same proxy, and no second client in
//! the binary.

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use ureq::http::uri::Scheme;

use crate::http::{Patience, agent, exchange};

/// What the SDK asks AWS with. No reply is waited for longer than `timeout`.
pub(super) fn client(timeout: Duration) -> SharedHttpClient {
    http_client_fn(move |settings, _| {
        let reply = settings.read_timeout().map_or(timeout, |reply| reply.min(timeout));
        SharedHttpConnector::new(Client { patience: Patience { reply, connection: settings.connect_timeout() } })
    })
}

#[derive(Debug)]
struct Client {
    patience: Patience,
}

impl HttpConnector for Client {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // Nothing else is to be done meanwhile, so it is no loss that this waits.
        HttpConnectorFuture::ready(self.exchange(request))
    }
}

impl Client {
    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (head, body) = request.into_parts();
        let body = body.bytes().ok_or_else(|| ConnectorError::user("a body that comes in pieces".into()))?.to_vec();
        // What is asked over plain http is on this machine: its metadata service, or an emulator of AWS.
        let agent = agent(head.uri.scheme() == Some(&Scheme::HTTPS));
        let request = ureq::http::Request::from_parts(head, body);
        let reply = exchange(&agent, request, self.patience).map_err(|error| match error {
            ureq::Error::Timeout(_) => ConnectorError::timeout(error.into()),
            ureq::Error::Io(error) => ConnectorError::io(error.into()),
            error => ConnectorError::other(BoxError::from(error), None),
        })?;
        HttpResponse::try_from(reply.map(SdkBody::from)).map_err(|error| ConnectorError::other(error.into(), None))
    }
}
