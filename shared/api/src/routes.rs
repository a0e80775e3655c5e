//! Every route of the API, as data: the functions dispatch on its [`Operation`], read their parameters
//! from its row, and the OpenAPI document is made of it, so that none can say what the others do not.
//!
//! A new route is a shape, a row of the table, and a handler.

mod find;
mod parameter;
mod table;

pub use find::{Found, NoRoute, find};
pub(crate) use parameter::Kind;
pub use parameter::{MOST_VERSIONS, PAGE, Parameter};
pub(crate) use table::answer;
pub use table::{Operation, ROUTES};

/// Which function serves a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Records.
    EventProcessor,
    /// Answers.
    StatusQuery,
}

/// An HTTP method that routes use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Records.
    Post,
    /// Replaces.
    Put,
}

impl Method {
    /// As it stands in a request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// A route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// What it is for.
    pub operation: Operation,
    /// Its method.
    pub method: Method,
    /// Its path, with at most one parameter, in braces, which can contain `/`.
    pub path: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// What may stand in the query.
    pub query: &'static [Parameter],
    /// Which function serves it.
    pub function: Function,
}

/// A tool whose webhooks are accepted at [`Operation::PostWebhook`]. Which there are, `formats` knows;
/// here they are only described.
#[derive(Debug, Clone, Copy)]
pub struct WebhookTool {
    /// Its name in the path: `github`.
    pub name: &'static str,
    /// What is accepted of it, in a sentence.
    pub summary: &'static str,
}

impl WebhookTool {
    /// Its operation in the OpenAPI document: `postGithubWebhook`.
    #[must_use]
    pub fn operation(&self) -> String {
        let (first, rest) = self.name.split_at(self.name.chars().next().map_or(0, char::len_utf8));
        format!("post{}{rest}Webhook", first.to_uppercase())
    }
}

impl Route {
    /// The path's parameter, without its braces.
    #[must_use]
    pub fn parameter(&self) -> Option<&'static str> {
        let (_, rest) = self.path.split_once('{')?;
        rest.split_once('}').map(|(name, _)| name)
    }

    /// The paths that a gateway or a document lists for it: of the route of webhooks one for each tool.
    #[must_use]
    pub fn paths(&self, tools: &[WebhookTool]) -> Vec<String> {
        match self.operation {
            Operation::PostWebhook => tools.iter().map(|tool| self.path.replace("{tool}", tool.name)).collect(),
            _ => vec![self.path.to_owned()],
        }
    }
}
