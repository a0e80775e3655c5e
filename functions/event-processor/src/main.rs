//! The Lambda function `event-processor`.

#![recursion_limit = "256"]

use aws::clients;
use dynamodb::ReadWrite;
use event_processor::EventProcessor;
use event_processor::settings::Settings;
use formats::WebhookSecrets;
use lambda::logs;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use login::{LoginSecret, Sessions};
use publisher::AwsPublisher;
use recorder::Recorder;
use secrets::{SecretStore, SecretsManager};
use serde_json::value::RawValue;
use tracing::Instrument as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::read(|name| std::env::var(name).ok());
    logs::start(settings.as_ref().map_or("info", |settings| &settings.log_level));
    let settings = settings.inspect_err(|wrong| tracing::error!(%wrong, "wrong settings, not started"))?;
    let configuration = clients::configuration();
    let recorder = Recorder::new(ReadWrite::from_configuration(&configuration, settings.tables), settings.retention);
    let publisher =
        AwsPublisher::new(configuration.clone(), settings.namespace, settings.topic_arn).with_pages(settings.pages_url);
    let secrets = match settings.webhook_secret_id {
        Some(id) => {
            let read = |text: &str| WebhookSecrets::parse(text).map_err(|wrong| wrong.to_string());
            SecretStore::SecretsManager(SecretsManager::from_configuration(&configuration, id, read))
        }
        None => SecretStore::given(WebhookSecrets::default()),
    };
    let sessions = settings.login_secret_id.map(|id| {
        let read = |text: &str| LoginSecret::parse(text).map_err(|wrong| wrong.to_string());
        Sessions::new(SecretStore::SecretsManager(SecretsManager::from_configuration(&configuration, id, read)))
    });
    let processor = EventProcessor::new(recorder, publisher, secrets, settings.processing).with_sessions(sessions);

    run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let span = tracing::info_span!("invocation", request_id = event.context.request_id);
        let handling = processor.handle(event.payload.get(), lambda::now());
        let answer = handling.instrument(span.clone()).await;
        span.in_scope(|| answer.inspect_err(|error| tracing::error!(%error, "invocation failed")))
    }))
    .await
}
