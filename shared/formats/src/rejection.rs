use domain::FieldError;
use domain::event::Limits;
use domain::fields::one_line;

/// Why a payload, or one event in it, is rejected. What status an HTTP answer has for it is for those
/// who answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// What was posted does not say that it is JSON.
    #[error("the body must be JSON, with Content-Type application/json")]
    MediaType,
    /// What was posted is not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// What was posted as one `CloudEvent` is several, or the other way round.
    #[error("application/cloudevents+json is one event, application/cloudevents-batch+json an array")]
    CloudEventsMode,
    /// A header is missing that says what the payload is.
    #[error("the header {0} is required")]
    MissingHeader(&'static str),
    /// There are too many events at once.
    #[error("a request must have at most {most} events; this one has {count}")]
    TooMany {
        /// How many there may be.
        most: usize,
        /// How many there are.
        count: usize,
    },
    /// An event is too large.
    #[error("an event must have at most {} bytes", Limits::EVENT_BYTES)]
    TooLarge,
    /// The sender may not do it.
    #[error("{0}")]
    Forbidden(String),
    /// Fields are wrong.
    #[error("{}", one_line(.0))]
    Fields(Vec<FieldError>),
}

impl Rejection {
    /// What is wrong, field by field; with an empty name where it is no field.
    #[must_use]
    pub fn into_errors(self) -> Vec<FieldError> {
        match self {
            Self::Fields(errors) => errors,
            other => vec![FieldError::new("", other.to_string())],
        }
    }
}

impl From<Vec<FieldError>> for Rejection {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Fields(errors)
    }
}
