//! The Lambda function `witness`.

#![recursion_limit = "256"]

use aws::clients;
use dynamodb::ReadOnly;
use lambda::logs;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use publisher::AwsPublisher;
use serde_json::value::RawValue;
use store::{Reader, TableNames};
use tracing::Instrument as _;
use vault::{Bucket, Calls, SigningKey};
use witness::Witness;
use witness::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::read(|name| std::env::var(name).ok());
    logs::start(settings.as_ref().map_or("info", |settings| &settings.log_level));
    let settings = settings.inspect_err(|wrong| tracing::error!(%wrong, "wrong settings, not started"))?;
    let connector = clients::https();
    let configuration = clients::configuration_over(&connector);
    // Of the state it reads nothing, and its role may not.
    let tables = TableNames { history: settings.history, state: String::new() };
    let reader = Reader::new(ReadOnly::from_configuration(&configuration, tables));
    let publisher = AwsPublisher::new(configuration.clone(), settings.namespace, settings.topic_arn);
    let calls = Calls::new(connector, &configuration, lambda::now);
    let vault = (Bucket::new(calls.clone(), &settings.bucket), SigningKey::new(calls, settings.key_id));
    let witness = Witness::new(reader, publisher, vault, settings.retention);

    run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let span = tracing::info_span!("invocation", request_id = event.context.request_id);
        let handling = witness.handle(event.payload.get(), lambda::now());
        let answer = handling.instrument(span.clone()).await;
        span.in_scope(|| answer.inspect_err(|error| tracing::error!(%error, "invocation failed")))
    }))
    .await
}
