//! Both functions over one embedded DynamoDB.

use std::path::Path;
use std::sync::Arc;

use api::Problem;
use api::TokenSubjects;
use domain::fields::{Unknown, one_line};
use domain::{Retention, Timestamp};
use dynamodb::ReadWrite;
use event_processor::settings::Processing;
use event_processor::{EventProcessor, Failed, explain};
use formats::{Door, Explanation, Settings, WebhookSecrets};
use publisher::PublishedLog;
use recorder::{Applied, Recorder};
use secrets::SecretStore;
use serde_json::Value;
use status_query::StatusQuery;
use tokio::sync::Mutex;

use crate::embedded::{Embedded, NotStarted};
use crate::pump::{Pump, Unreadable};

/// The system.
pub struct System {
    /// The database.
    pub embedded: Embedded,
    /// The function that records and publishes.
    pub processor: EventProcessor<ReadWrite, Arc<PublishedLog>>,
    /// The function that answers.
    pub query: StatusQuery<ReadWrite>,
    /// What was published.
    pub published: Arc<PublishedLog>,
    pump: Mutex<Pump>,
}

/// Publishing stopped. The next call continues where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// The stream can't be read.
    #[error(transparent)]
    Stream(#[from] Unreadable),
    /// The function failed.
    #[error(transparent)]
    Function(#[from] Failed),
    /// The function could not read a record.
    #[error("a stream record can't be read; see the log")]
    Record,
}

/// Why the system did not start.
#[derive(Debug, thiserror::Error)]
pub enum SystemNotStarted {
    /// There is no database.
    #[error(transparent)]
    Database(#[from] NotStarted),
    /// There is no stream.
    #[error(transparent)]
    Stream(#[from] Unreadable),
}

impl System {
    /// Starts it on a database in a file or in memory, with these webhook secrets.
    ///
    /// # Errors
    /// When the database can't be opened.
    pub async fn start(
        file: Option<&Path>,
        secrets: WebhookSecrets,
        processing: Processing,
    ) -> Result<Self, SystemNotStarted> {
        let embedded = Embedded::start(file).await?;
        let pump = Mutex::new(Pump::start(&embedded.database, &embedded.tables.history)?);
        let published = Arc::new(PublishedLog::default());
        let recorder = Recorder::new(embedded.store(), Retention::FOREVER);
        let secrets = SecretStore::given(secrets);
        let processor = EventProcessor::new(recorder, Arc::clone(&published), secrets, processing);
        let query = StatusQuery::new(embedded.store(), Retention::FOREVER, TokenSubjects::default());
        Ok(Self { embedded, processor, query, published, pump })
    }

    /// How the payload of a request would be read, with the rules of this system. Nothing is recorded.
    /// The parameter `door` names the way in.
    ///
    /// # Errors
    /// The problem of the whole request.
    pub async fn explain(&self, gateway_event: &Value, now: Timestamp) -> Result<Vec<Explanation>, Problem> {
        let settings = self.processor.settings(now).await;
        let settings = settings.map_err(|error| Problem::new(503, format!("the settings can't be read: {error}")))?;
        let event = serde_json::from_value(gateway_event.clone());
        let event = event.map_err(|error| Problem::new(400, format!("not a request: {error}")))?;
        let mut request = lambda::gateway::decode(event)?;
        let door = match request.parameters(&["door"]).map_err(Problem::wrong_fields)?.get("door") {
            Some(name) => Some(settings.sources.door(name).ok_or_else(|| {
                let custom = settings.sources.all().map(|source| source.door().to_owned());
                let known = Door::all().map(|door| door.name().to_owned()).chain(custom).collect::<Vec<_>>().join(", ");
                Problem::wrong_field("door", format!("must be one of {known}"))
            })?),
            None => None,
        };
        request.query.clear();
        explain(door, &request, &settings, now)
    }

    /// Applies settings, as the text of a document, and answers their version.
    ///
    /// # Errors
    /// What is wrong with them, or why they could not be recorded.
    pub async fn apply_settings(&self, text: &str, now: Timestamp) -> Result<u64, String> {
        let read = Settings::parse(text.as_bytes(), Unknown::Refused);
        let (_, document) = read.map_err(|errors| one_line(&errors))?;
        let recorder = Recorder::new(self.embedded.store(), Retention::FOREVER);
        let applied = recorder.apply_settings(&document, "local", |_| true, now).await;
        let version = match applied.map_err(|error| error.to_string())? {
            Applied::New(version) | Applied::Unchanged(version) => version,
            Applied::Unexpected(_) => return Err("other settings are in force".to_owned()),
        };
        self.processor.in_force().hold(Some(&version), now).map_err(|error| error.to_string())?;
        self.query.names().look_again();
        Ok(version.number)
    }

    /// Publishes what was recorded and is not published yet.
    ///
    /// # Errors
    /// When the function failed: the same batch is delivered again.
    pub async fn publish(&self, now: Timestamp) -> Result<(), NotPublished> {
        let mut pump = self.pump.lock().await;
        while let Some(batch) = pump.peek()? {
            let answer = self.processor.handle(&batch.event.to_string(), now).await?;
            if answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty()) {
                return Err(NotPublished::Record);
            }
            pump.pass(batch);
        }
        Ok(())
    }
}
