//! What may stand in a query.

/// A parameter of a query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The kind of its value.
    pub(crate) kind: Kind,
    /// What it means.
    pub(crate) meaning: &'static str,
    /// Whether a request must have it.
    pub required: bool,
}

/// The kind of a parameter's value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// The name of an environment or a service.
    Name,
    /// A version.
    Version,
    /// A commit.
    Commit,
    /// A release, or an artifact.
    Label,
    /// The id of a deployment.
    Deployment,
    /// A time, RFC 3339.
    Time,
    /// A day, `yyyy-mm-dd`.
    Day,
    /// Statuses of deployments, with commas between them.
    Statuses,
    /// The maximum number of items of a page.
    Limit,
    /// The number of a version of the settings.
    Number,
    /// The length of a window in hours.
    Hours,
    /// A length of time: `6h`.
    Window,
    /// Whether something is asked for too.
    Flag,
    /// A kind of drift.
    Finding,
    /// How bad a finding is.
    Severity,
    /// The vocabulary of an audit trail.
    Format,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The cursor of a page.
    Cursor,
}

/// How many items a page has: the default of `limit`, and the most that it may be.
pub const PAGE: (usize, usize) = (20, 100);

/// The greatest number of a version of the settings: twelve digits.
pub const MOST_VERSIONS: u64 = 999_999_999_999;

impl Parameter {
    pub(crate) const fn new(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, meaning, required: false }
    }

    /// The same, which a request must have.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

pub(crate) const ENVIRONMENT: Parameter = Parameter::new("environment", Kind::Name, "Only this environment.");
pub(crate) const SERVICE: Parameter = Parameter::new("service", Kind::Name, "Only this service.");
pub(crate) const RETIRED: Parameter = Parameter::new("retired", Kind::Flag, "With `true`, retired environments too.");
pub(crate) const LIMIT: Parameter = Parameter::new("limit", Kind::Limit, "The maximum number of items of a page.");
pub(crate) const CURSOR: Parameter =
    Parameter::new("cursor", Kind::Cursor, "The `nextCursor` of the previous page of the same query.");
