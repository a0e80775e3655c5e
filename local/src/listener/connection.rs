//! One connection, from its handshake to its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderName, HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::patient::Patient;
use super::tls::Tls;

/// The longest head of a request, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// How long is read on after the last answer, and how much of it. To close on what was sent resets the connection,
/// and the sender would lose the answer.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 16 * 1024 * 1024);

/// What serves a connection.
pub(super) struct Connection {
    /// What answers its requests.
    pub(super) router: Router,
    /// What speaks TLS with it.
    pub(super) tls: Option<Arc<Tls>>,
    /// How long each of its phases may take.
    pub(super) patience: Duration,
    /// Changes when the listener closes.
    pub(super) closed: watch::Receiver<()>,
}

impl Connection {
    /// Serves it until it ends.
    pub(super) async fn serve(mut self, stream: TcpStream) {
        // Answers are small and whole: nothing is gained by holding them back.
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.tls.take() else { return self.speak(stream, false).await };
        let handshake = timeout(self.patience, tls.acceptor().accept(stream));
        let handshake = tokio::select! {
            handshake = handshake => handshake,
            _ = self.closed.changed() => return,
        };
        match handshake {
            Ok(Ok(stream)) => self.speak(stream, true).await,
            Ok(Err(error)) => tracing::info!(%error, "no TLS"),
            Err(_) => tracing::info!("a handshake of TLS took too long"),
        }
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin>(mut self, stream: S, secure: bool) {
        let router = TowerToHyperService::new(self.router);
        let is_last = Arc::new(AtomicBool::new(false));
        let said_last = Arc::clone(&is_last);
        let service = service_fn(move |mut request: Request<Incoming>| {
            if secure {
                // How the caller reached us, which a sender can't deny: answers have addresses in them.
                let name = HeaderName::from_static("x-forwarded-proto");
                request.headers_mut().insert(name, HeaderValue::from_static("https"));
            }
            let answer = router.call(request.map(Body::new));
            let said_last = Arc::clone(&said_last);
            Box::pin(async move {
                let answer = answer.await?;
                let closes = answer.headers().get(CONNECTION).is_some_and(|value| value == "close");
                said_last.store(closes, Ordering::Relaxed);
                Ok::<_, Infallible>(answer)
            })
        });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience)
            .max_header_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(Patient::new(stream, self.patience)), service);
        let ended = tokio::select! {
            ended = poll_fn(|context| connection.poll_without_shutdown(context)) => ended,
            _ = self.closed.changed() => {
                std::pin::Pin::new(&mut connection).graceful_shutdown();
                poll_fn(|context| connection.poll_without_shutdown(context)).await
            }
        };
        if let Err(error) = &ended {
            tracing::debug!(%error, "a connection broke off");
        }
        let mut stream = connection.into_parts().io.into_inner();
        if timeout(self.patience, stream.shutdown()).await.is_ok_and(|shut| shut.is_ok())
            && (is_last.load(Ordering::Relaxed) || ended.is_err_and(|error| error.is_parse()))
        {
            let rest = async { tokio::io::copy(&mut stream.take(LINGER.1), &mut tokio::io::sink()).await };
            let _ = timeout(self.patience.min(LINGER.0), rest).await;
        }
    }
}
