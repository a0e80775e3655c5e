//! An embedded DynamoDB: dynoxide over SQLite, in memory or in a file, served on a loopback port of
//! its own for the SDK to talk to.

use std::path::Path;

use dynamodb::ReadWrite;
use dynamodb::sdk::Client;
use dynamodb::sdk::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;
use store::{StoreError, TableNames};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running embedded DynamoDB with both tables. It ends when this value does.
pub struct Embedded {
    /// The database itself, for reading its streams.
    pub database: Database,
    /// Where it listens: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    /// The tables' names.
    pub tables: TableNames,
    _stop: oneshot::Sender<()>,
}

/// Why there is no embedded DynamoDB.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The file is no database of ours, or can't be written.
    #[error("the database can't be opened: {0}")]
    Database(String),
    /// No port could be had.
    #[error("no loopback port for the database: {0}")]
    Port(#[from] std::io::Error),
    /// The tables could not be created.
    #[error(transparent)]
    Tables(#[from] StoreError),
}

impl Embedded {
    /// Starts it, in `file` or in memory, and creates the tables where they don't exist.
    ///
    /// # Errors
    /// [`NotStarted`] says why not.
    pub async fn start(file: Option<&Path>) -> Result<Self, NotStarted> {
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy()),
            None => Database::memory(),
        };
        let database = database.map_err(|error| NotStarted::Database(error.to_string()))?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = database.clone();
        tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, served, stopped).await {
                tracing::error!(error, "the embedded database stopped");
            }
        });
        let tables = TableNames { history: "deployment-history".to_owned(), state: "deployment-state".to_owned() };
        let embedded = Self { database, endpoint, tables, _stop: stop };
        dynamodb::create(&embedded.client(), &embedded.tables).await?;
        Ok(embedded)
    }

    /// The store in it.
    #[must_use]
    pub fn store(&self) -> ReadWrite {
        ReadWrite::new(self.client(), self.tables.clone())
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::from_conf(self.client_configuration().build())
    }

    /// The configuration of a client of it, for tests that put something of their own in between.
    #[must_use]
    pub fn client_configuration(&self) -> dynamodb::sdk::config::Builder {
        dynamodb::sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .http_client(aws::clients::plain_http())
    }
}
