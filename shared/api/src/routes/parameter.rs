//! What may stand in a query.

/// A parameter of a query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// What it is called.
    pub name: &'static str,
    /// What kind of value it takes.
    pub(crate) kind: Kind,
    /// What it means.
    pub(crate) meaning: &'static str,
}

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// The name of an environment or a service.
    Name,
    /// A version.
    Version,
    /// A time, RFC 3339.
    Time,
    /// A deployment's status.
    Status,
    /// How many items a page has at most.
    Limit,
    /// How many hours back.
    Hours,
    /// The vocabulary of an audit trail.
    Format,
    /// Where a page begins.
    Cursor,
}

/// How many items a page has: the default of `limit`, and the most that it may be.
pub const PAGE: (usize, usize) = (20, 100);

impl Parameter {
    pub(crate) const fn new(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, meaning }
    }
}

pub(crate) const ENVIRONMENT: Parameter = Parameter::new("environment", Kind::Name, "Only of this environment.");
pub(crate) const SERVICE: Parameter = Parameter::new("service", Kind::Name, "Only of this service.");
pub(crate) const LIMIT: Parameter = Parameter::new("limit", Kind::Limit, "How many items a page has at most.");
pub(crate) const CURSOR: Parameter =
    Parameter::new("cursor", Kind::Cursor, "The `nextCursor` of the page before, with the same query.");
