//! The listener of the server, knocked at with raw sockets.

mod bodies;
mod connections;
mod hosts;
mod open_files;
pub(crate) mod program;
mod signals;
mod targets;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use local::listener::{Admission, Limits, Listener, Tls};
use local::server::{Served, router};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Beyond this, something hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(20);

/// A server behind a listener.
pub(crate) struct Opened {
    pub(crate) address: SocketAddr,
    close: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Opened {
    pub(crate) async fn with(limits: Limits, admission: Admission, tls: Option<Arc<Tls>>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let system = Arc::new(crate::system().await);
        let (close, closing) = oneshot::channel();
        let closing = async {
            let _ = closing.await;
        };
        let listener = Listener { socket, tls, limits };
        let serving = tokio::spawn(listener.serve(router(Served { system, admission, pages: None }), closing));
        Self { address, close: Some(close), serving }
    }

    /// One with the limits that users have.
    pub(crate) async fn usual() -> Self {
        Self::with(Limits::default(), Admission::default(), None).await
    }

    /// One that has little patience.
    pub(crate) async fn impatient(connections: usize) -> Self {
        let patience = Duration::from_millis(500);
        let limits = Limits { connections, patience, grace: patience };
        Self::with(limits, Admission { patience, ..Admission::default() }, None).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What is answered to these bytes, until the server closes.
    pub(crate) async fn answer(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    /// The status of the answer to a GET of `path` with these lines as its head.
    pub(crate) async fn status(&self, target: &str, head: &str) -> u16 {
        status(&self.answer(&format!("GET {target} HTTP/1.1\r\n{head}Connection: close\r\n\r\n")).await)
    }

    /// Closes the listener, and waits until nobody is left.
    pub(crate) async fn close(mut self) {
        self.close.take().unwrap().send(()).unwrap();
        tokio::time::timeout(HANGS, self.serving).await.expect("it ends").unwrap();
    }
}

/// What comes until the other side closes.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(HANGS, stream.read_to_end(&mut answer)).await.expect("the connection ends");
    // A reset is an end too.
    let _ = read;
    String::from_utf8(answer).unwrap()
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    let code = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    code.unwrap_or_else(|| panic!("no answer: {answer}"))
}

/// The value of an answer's header.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().filter_map(|line| line.split_once(": ")).find(|(given, _)| *given == name).map(|(_, value)| value)
}
