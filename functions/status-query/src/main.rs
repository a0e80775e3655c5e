//! The Lambda function `status-query`.

#![recursion_limit = "256"]

use aws::clients;
use aws::http::Https;
use dynamodb::ReadOnly;
use lambda::logs;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use login::{Client, Login, LoginSecret, Sessions};
use secrets::{SecretStore, SecretsManager};
use serde_json::value::RawValue;
use status_query::StatusQuery;
use status_query::settings::Settings;
use tracing::Instrument as _;

/// For how long a matrix that was read is answered again, in milliseconds.
const MATRIX_MILLIS: i64 = 10_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::read(|name| std::env::var(name).ok());
    logs::start(settings.as_ref().map_or("info", |settings| &settings.log_level));
    let settings = settings.inspect_err(|wrong| tracing::error!(%wrong, "wrong settings, not started"))?;
    let configuration = clients::configuration();
    let store = ReadOnly::from_configuration(&configuration, settings.tables);
    // Neither the secret nor the issuer is asked for anything before someone wants a page.
    let login = settings.login.map(|login| {
        let read = |text: &str| LoginSecret::parse(text).map_err(|wrong| wrong.to_string());
        let secret = SecretsManager::from_configuration(&configuration, login.secret_id, read);
        let sessions = Sessions::new(SecretStore::SecretsManager(secret));
        Login::new(login.issuer, sessions, Client::Https(Https::default()))
    });
    let query = StatusQuery::new(store, settings.retention, settings.subjects).with_login(login);
    let query = query.stuck_after(settings.stuck_after).remembering(MATRIX_MILLIS);

    run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let span = tracing::info_span!("invocation", request_id = event.context.request_id);
        let answer = query.handle(event.payload.get(), lambda::now()).instrument(span.clone()).await;
        span.in_scope(|| answer.inspect_err(|error| tracing::error!(%error, "invocation failed")))
    }))
    .await
}
