//! Both functions over one store.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::{Problem, Request, TokenSubjects};
use domain::fields::{Unknown, one_line};
use domain::{Retention, Timestamp};
use event_processor::settings::Processing;
use event_processor::{EventProcessor, explain};
use formats::{Door, Explanation, Settings, WebhookSecrets};
use publisher::PublishedLog;
use recorder::{Applied, Recorder};
use secrets::SecretStore;
use sqlite::Sqlite;
use status_query::StatusQuery;
use tokio::sync::Notify;

use crate::data::{Data, NotStarted};
use crate::publishing::Publishing;

/// How long publishing pauses after each time.
const PUBLISHING_PAUSES: Duration = Duration::from_millis(100);

/// The system.
pub struct System {
    /// The data.
    pub data: Data,
    /// The function that records and publishes.
    pub processor: EventProcessor<Sqlite, Arc<PublishedLog>>,
    /// The function that answers.
    pub query: StatusQuery<Sqlite>,
    /// What was published.
    pub published: Arc<PublishedLog>,
    publishing: Publishing,
    /// Something was recorded.
    recorded: Notify,
}

impl System {
    /// Starts it on a file or in memory, with these webhook secrets.
    ///
    /// # Errors
    /// When the file can't be served.
    pub async fn start(
        file: Option<&Path>,
        secrets: WebhookSecrets,
        processing: Processing,
    ) -> Result<Self, NotStarted> {
        let data = Data::open(file).await?;
        let publishing = Publishing::start(&data.store).await.map_err(|error| NotStarted::unreadable(file, error))?;
        let published = Arc::new(PublishedLog::default());
        let recorder = Recorder::new(data.store.clone(), Retention::FOREVER);
        let secrets = SecretStore::given(secrets);
        let stuck_after = processing.stuck_after;
        let processor = EventProcessor::new(recorder, Arc::clone(&published), secrets, processing);
        let query = StatusQuery::new(data.store.clone(), Retention::FOREVER, TokenSubjects::default());
        let query = query.stuck_after(stuck_after);
        Ok(Self { data, processor, query, published, publishing, recorded: Notify::new() })
    }

    /// How the payload of a request would be read, with the rules of this system. Nothing is recorded.
    /// The parameter `door` names the way in.
    ///
    /// # Errors
    /// The problem of the whole request.
    pub async fn explain(&self, mut request: Request, now: Timestamp) -> Result<Vec<Explanation>, Problem> {
        let settings = self.processor.settings(now).await;
        let settings = settings.map_err(|error| Problem::new(503, format!("the settings can't be read: {error}")))?;
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
        let recorder = Recorder::new(self.data.store.clone(), Retention::FOREVER);
        let applied = recorder.apply_settings(&document, "local", |_| true, now).await;
        let version = match applied.map_err(|error| error.to_string())? {
            Applied::New(version) | Applied::Unchanged(version) => version,
            Applied::Unexpected(_) => return Err("other settings are in force".to_owned()),
        };
        let held = self.processor.in_force().hold(recorder.reader(), Some(&version), now).await;
        held.map_err(|error| error.to_string())?;
        self.query.in_force().look_again();
        Ok(version.number)
    }

    /// Publishes what was recorded and is not published yet. What fails is said in the log, and is tried again
    /// the next time.
    pub async fn publish(&self, now: Timestamp) {
        if let Err(error) = self.publishing.publish(&self.data.store, &self.processor, now).await {
            tracing::error!(%error, "not published");
        }
    }

    /// Says that something may have been recorded: whoever [publishes](Self::publish_what_is_recorded) does so soon.
    pub fn recorded(&self) {
        self.recorded.notify_one();
    }

    /// Publishes what was recorded before the start, and then whenever something was recorded, for ever. Nobody who
    /// starts or reports waits for it, and what is recorded meanwhile is published together: what is noted of it, such as
    /// notifications that are held for a digest, goes to the disk in few writes, which recording waits for.
    pub async fn publish_what_is_recorded(&self) {
        loop {
            self.publish(lambda::now()).await;
            tokio::time::sleep(PUBLISHING_PAUSES).await;
            self.recorded.notified().await;
        }
    }

    /// What could not be published since the start, because it can't be read.
    #[must_use]
    pub fn unreadable(&self) -> Vec<crate::publishing::Unreadable> {
        self.publishing.unreadable()
    }

    /// What is done once a minute: silent deployments are concluded, gauges are published, and the file notes
    /// how far that came.
    pub async fn tick(&self, now: Timestamp) {
        if let Err(error) = self.processor.tick(now).await {
            tracing::error!(%error, "the tick failed");
        }
        self.publish(now).await;
        self.note_published().await;
    }

    /// Notes in the file how far was published.
    pub async fn note_published(&self) {
        if let Err(error) = self.publishing.note(&self.data.store).await {
            tracing::error!(%error, "how far was published is not noted");
        }
    }
}
