use domain::Timestamp;

use crate::reading::Reading;
use crate::rejection::Rejection;

/// The events of a payload.
#[derive(Debug)]
pub enum Contents {
    /// One event by itself.
    One(Element),
    /// An array of events.
    Array(Vec<Element>),
}

/// One event of a payload, as it was read.
#[derive(Debug)]
pub struct Element {
    /// What it says.
    pub(crate) reading: Result<Reading, Rejection>,
    /// When it was sent, where its envelope says so.
    pub(crate) sent_at: Option<Timestamp>,
    /// Who sent it, where the door or the payload says so.
    pub(crate) producer: Option<String>,
}

impl Element {
    pub(crate) fn new(reading: Result<Reading, Rejection>) -> Self {
        Self { reading, sent_at: None, producer: None }
    }
}

impl Contents {
    /// Its events, one or many.
    #[must_use]
    pub fn into_elements(self) -> Vec<Element> {
        match self {
            Self::One(element) => vec![element],
            Self::Array(elements) => elements,
        }
    }
}
