//! The events of a call.

/// Events to send, as JSON.
#[derive(Debug)]
pub(super) struct Events {
    /// The events, each as it is sent.
    pub(super) elements: Vec<String>,
    /// Whether it is a single event, not an array.
    pub(super) alone: bool,
}
