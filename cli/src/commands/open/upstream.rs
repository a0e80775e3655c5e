//! The server that is asked, for hours: its address can change meanwhile, and so can the user's credentials.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::StatusCode;

use super::forwarding::Asked;
use super::own::Own;
use crate::api::{Connection, is_broken};
use crate::failure::Exit;
use crate::http::Reply;
use crate::settings::Settings;

/// The server.
pub(super) struct Upstream {
    settings: Settings,
    connection: Mutex<Arc<Connection>>,
    /// Whether the last answer was a refusal.
    refused: AtomicBool,
}

/// What the server answered, and over which connection.
pub(super) struct Answered {
    pub(super) reply: Reply,
    pub(super) connection: Arc<Connection>,
}

impl Upstream {
    /// The server of this connection, and of these settings when that does not hold any more.
    pub(super) fn over(connection: Connection, settings: Settings) -> Self {
        Self { settings, connection: Mutex::new(Arc::new(connection)), refused: AtomicBool::new(false) }
    }

    /// Where it is, for messages.
    pub(super) fn server(&self) -> String {
        self.current().endpoint.to_string()
    }

    /// Asks the server. It takes as long as the server does, within the timeout.
    ///
    /// # Errors
    /// What to answer when there is no answer of the server.
    pub(super) fn exchange(&self, asked: &Asked) -> Result<Answered, Own> {
        let mut connection = self.current();
        // Other credentials may be there by now: the user has logged in again.
        if self.refused.swap(false, Ordering::SeqCst) && connection.access().signs() {
            connection = self.open()?;
        }
        let error = match send(&connection, asked)? {
            Ok(reply) => return Ok(self.answered(reply, connection)),
            Err(error) => error,
        };
        let trouble = connection.no_reply(&error);
        if trouble.elsewhere && connection.endpoint.forget() {
            let old = connection.endpoint.to_string();
            let found = self.open()?;
            if found.endpoint.to_string() != old
                && !asked.writes()
                && let Ok(reply) = send(&found, asked)?
            {
                return Ok(self.answered(reply, found));
            }
        }
        let status =
            if trouble.failure.is(Exit::TimedOut) { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
        let own = Own::of(status, &trouble.failure);
        Err(if asked.writes() && may_have_arrived(&error) {
            own.advise("Whether the server has taken this is not known: look before you send it again.")
        } else {
            own
        })
    }

    fn answered(&self, reply: Reply, connection: Arc<Connection>) -> Answered {
        if matches!(reply.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            self.refused.store(true, Ordering::SeqCst);
        }
        Answered { reply, connection }
    }

    fn current(&self) -> Arc<Connection> {
        Arc::clone(&self.connection.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the settings' address and credentials again.
    fn open(&self) -> Result<Arc<Connection>, Own> {
        let opened = Connection::open(&self.settings);
        let opened = opened.map_err(|failure| Own::of(StatusCode::SERVICE_UNAVAILABLE, &failure))?;
        let opened = Arc::new(opened);
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&opened);
        Ok(opened)
    }
}

/// Sends a request; once more where the connection broke and it changes nothing. The outer error is about credentials.
fn send(connection: &Connection, asked: &Asked) -> Result<Result<Reply, ureq::Error>, Own> {
    let once = || {
        let signed = connection.access().signs();
        let request = asked.to(&connection.endpoint, signed)?;
        connection.send_once(request).map_err(|failure| Own::of(StatusCode::SERVICE_UNAVAILABLE, &failure))
    };
    match once()? {
        Err(error) if is_broken(&error) && !asked.writes() => once(),
        tried => Ok(tried),
    }
}

/// Whether the server can have got the request all the same.
fn may_have_arrived(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => false,
        // The TLS library reports all its errors as invalid data.
        ureq::Error::Io(error) => !matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::InvalidData
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
        ),
        _ => true,
    }
}
