use domain::Timestamp;

use crate::reading::Reading;
use crate::rejection::Rejection;
use crate::sources::cloud_watch;

/// The events of a payload.
#[derive(Debug)]
pub enum Contents {
    /// One event by itself.
    One(Element),
    /// An array of events.
    Array(Vec<Element>),
}

/// One event of a payload, as it was read.
#[derive(Debug, Clone)]
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

    /// The same; but what an alarm of this installation says, whose names all begin so, is not to be recorded: it
    /// says nothing of what others deploy.
    #[must_use]
    pub fn without_alarms_of(mut self, installation: Option<&str>) -> Self {
        if let (Ok(Reading::Report(report)), Some(name)) = (&self.reading, installation) {
            let alarm = report.origin.as_ref().filter(|origin| origin.source == cloud_watch::NAME);
            let alarm = alarm.and_then(|origin| origin.fact(cloud_watch::ALARM_NAME));
            if alarm.and_then(|alarm| alarm.strip_prefix(name)).is_some_and(|rest| rest.starts_with('-')) {
                self.reading = Ok(Reading::no_deployment("an alarm of this installation is of no deployment"));
            }
        }
        self
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
