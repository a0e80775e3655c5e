//! Where the browser connects: a port of loopback, for one user and a few connections.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::service::Service;

/// How many connections there are at once. A browser has six.
const MOST: usize = 100;

/// How long a connection may take for the head of a request, and how long it may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long accepting pauses when there are no resources for a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// A port that is listened on.
pub(super) struct Listener {
    socket: TcpListener,
    port: u16,
}

impl Listener {
    /// Listens on a port of loopback; 0 is a free one.
    ///
    /// # Errors
    /// When the port can't be had.
    pub(super) async fn bind(port: u16) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port })
    }

    /// The port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Serves what comes in until `ended`. Connections that are left then are closed.
    pub(super) async fn serve(self, service: &Arc<Service>, ended: impl Future<Output = ()>) {
        let mut connections = JoinSet::new();
        let mut ended = std::pin::pin!(ended);
        loop {
            let has_room = connections.len() < MOST;
            tokio::select! {
                biased;
                () = &mut ended => return,
                Some(_) = connections.join_next() => {}
                accepted = self.socket.accept(), if has_room => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(speak(stream, Arc::clone(service)));
                    }
                    Err(error) => {
                        service.say(&format!("a connection can't be accepted: {error}"));
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
    }
}

async fn speak(stream: TcpStream, service: Arc<Service>) {
    let answering = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), answering);
    // One that breaks off has nobody to tell.
    let _ = connection.await;
}
