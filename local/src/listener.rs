//! The listener of the server: which connections it takes and for how long ([`Listener`]), and which requests pass
//! ([`Admission`]).
//!
//! A connection is bounded in every phase: the handshake of TLS, the head of a request, its body, the taking of
//! the answer, and the silence between two requests. So whoever holds a connection holds it for a while only, and
//! holds nothing else: no thread, no lock, and no memory beyond what has arrived.

mod admission;
pub mod answer;
mod body;
mod connection;
mod host;
mod in_flight;
mod open_files;
mod options;
mod origin;
mod patient;
mod reader;
mod request_id;
mod signals;
mod tls;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use api::Problem;
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub(crate) use admission::admitting;
pub use admission::{Admission, Caller};
pub use in_flight::InFlight;
pub use open_files::most_connections;
pub use options::ListenerOptions;
pub use request_id::RequestId;
pub use signals::asked_to_end;
pub use tls::{Tls, WrongTls};

use connection::Connection;

/// How many connections are told at once that there is no room for them. Those beyond are closed in silence.
const TURNED_AWAY: usize = 32;

/// How long each of those has to send its request and take its answer.
const TURNING_AWAY: Duration = Duration::from_secs(1);

/// How long accepting pauses when there are no resources for a connection: files, mostly.
const PAUSE: Duration = Duration::from_millis(100);

/// What the server bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many connections there are at once.
    pub connections: usize,
    /// How long a connection may take for a handshake, for a request's head, for its body, for taking the answer,
    /// and between two requests.
    pub patience: Duration,
    /// How long what is in flight may take once the server was asked to end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 1000, patience: Duration::from_secs(30), grace: Duration::from_secs(9) }
    }
}

/// Where connections come in.
pub struct Listener {
    /// Where it listens.
    pub socket: TcpListener,
    /// What speaks TLS with them; without it they speak plain HTTP.
    pub tls: Option<Arc<Tls>>,
    /// What it bears.
    pub limits: Limits,
}

impl Listener {
    /// The address that requests are sent to: `http://127.0.0.1:9000`.
    ///
    /// # Errors
    /// When it isn't known.
    pub fn address(&self) -> io::Result<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.socket.local_addr()?))
    }

    /// Serves connections until `closing` ends. Then nobody comes in any more, idle connections are closed, and
    /// what is in flight has some grace. No connection is left when this returns.
    pub async fn serve(self, router: Router, closing: impl Future<Output = ()>) {
        let Self { socket, tls, limits } = self;
        let busy = Router::new().fallback(no_room);
        let (close, closed) = watch::channel(());
        let (mut connections, mut turned_away) = (JoinSet::new(), JoinSet::new());
        let connection = |router: &Router, patience| Connection {
            router: router.clone(),
            tls: tls.clone(),
            patience,
            closed: closed.clone(),
        };
        let mut closing = std::pin::pin!(closing);
        let mut short_of_resources = false;
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut closing => break,
                Some(_) = connections.join_next() => continue,
                Some(_) = turned_away.join_next() => continue,
                accepted = socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    short_of_resources = false;
                    if connections.len() < limits.connections {
                        connections.spawn(connection(&router, limits.patience).serve(stream));
                    } else if turned_away.len() < TURNED_AWAY {
                        let patience = limits.patience.min(TURNING_AWAY);
                        turned_away.spawn(turn_away(connection(&busy, patience), stream));
                    }
                }
                // It went away before it was accepted.
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if !std::mem::replace(&mut short_of_resources, true) {
                        tracing::error!(%error, "connections can't be accepted at the moment");
                    }
                    tokio::select! {
                        () = &mut closing => break,
                        () = tokio::time::sleep(PAUSE) => {}
                    }
                }
            }
        }
        drop(socket);
        drop(close);
        turned_away.shutdown().await;
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(limits.grace, all).await.is_err() {
            tracing::warn!(connections = connections.len(), "connections that did not end in time are closed");
            connections.shutdown().await;
        }
    }
}

/// A connection that is told that there is no room, and that doesn't keep others from hearing it.
async fn turn_away(connection: Connection, stream: TcpStream) {
    let patience = connection.patience;
    let _ = tokio::time::timeout(patience * 2, connection.serve(stream)).await;
}

async fn no_room() -> Response {
    let id = RequestId::next();
    tracing::warn!(instance = %id, "as many connections as there may be are open; one more was turned away");
    let detail = "there are as many connections as this server takes; send the request again";
    let mut answer = answer::problem(&Problem::new(503, detail), &id);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
