//! The signals by which the process is asked to end.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// What ends when the process is asked to end: by SIGTERM, as service managers do, or by SIGINT, which is Ctrl-C.
/// A second signal ends the process at once, with 128 and the signal's number as its exit code.
///
/// # Errors
/// When the signals can't be received.
pub fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (ask, asked) = oneshot::channel();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => 128 + SignalKind::terminate().as_raw_value(),
                _ = interrupt.recv() => 128 + SignalKind::interrupt().as_raw_value(),
            }
        };
        next().await;
        tracing::info!("asked to end");
        let _ = ask.send(());
        let code = next().await;
        std::process::exit(code);
    });
    Ok(async move {
        // Without a sender there is no runtime any more.
        let _ = asked.await;
    })
}
