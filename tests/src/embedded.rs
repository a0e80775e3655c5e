//! An embedded DynamoDB: dynoxide over SQLite, in memory or in a file. It listens on its own loopback port,
//! which the SDK calls.

use std::path::Path;

use dynamodb::ReadWrite;
use dynamodb::sdk::Client;
use dynamodb::sdk::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;
use store::{StoreError, TableNames};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running embedded DynamoDB with both tables. It stops when this value is dropped.
pub struct Embedded {
    /// The database itself, for reading its streams.
    pub database: Database,
    /// Its address: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    /// The tables' names.
    pub tables: TableNames,
    _stop: oneshot::Sender<()>,
}

/// Why the embedded DynamoDB did not start.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The file is not a database of this program, or can't be written.
    #[error("the database can't be opened: {0}")]
    Database(String),
    /// There is no free port.
    #[error("no loopback port for the database: {0}")]
    Port(#[from] std::io::Error),
    /// The tables could not be created.
    #[error(transparent)]
    Tables(#[from] StoreError),
}

impl Embedded {
    /// Starts it on a file or in memory, and creates the tables if they don't exist.
    ///
    /// # Errors
    /// [`NotStarted`] is the reason.
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

    /// A client for it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::from_conf(self.client_configuration().build())
    }

    /// The configuration of a client for it, for tests that change the client.
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
