//! What a request is for.

use api::routes::{Function, Operation, find};
use api::target::decode;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A route of the API.
    Api(Operation),
    /// A page, or a file that pages load.
    Page(Page),
    /// A route that exists only on this server.
    Local(LocalRoute),
    /// No route.
    Nothing,
}

/// What is shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// It tells what is recorded.
    Told,
    /// It tells nothing: a style, a script.
    Asset,
    /// A form for what a person records, empty or as it is sent.
    Form,
    /// The way in with a token, and out.
    Login,
}

/// The paths of the way in with a token, and of the way out.
pub const LOGIN: [&str; 2] = ["/login", "/logout"];

/// A route that exists only on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalRoute {
    /// Records an event as `EventBridge` sends it.
    EventBridge,
    /// Shows how a payload would be read.
    Explain,
    /// The metrics that were published.
    Metrics,
    /// The notifications that were sent.
    Notifications,
    /// What could not be published.
    Unreadable,
}

impl LocalRoute {
    const ALL: [Self; 5] = [Self::EventBridge, Self::Explain, Self::Metrics, Self::Notifications, Self::Unreadable];

    /// Its path.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::EventBridge => "/local/eventbridge",
            Self::Explain => "/local/explain",
            Self::Metrics => "/local/metrics",
            Self::Notifications => "/local/notifications",
            Self::Unreadable => "/local/unreadable",
        }
    }
}

impl Target {
    /// Whether a browser shows it to a person as a page.
    #[must_use]
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Page(Page::Told | Page::Form | Page::Login) | Self::Api(Operation::GetRoot))
    }

    /// What a request with this method and path is for. The path is decoded, as the functions do before they look
    /// for a route.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Self {
        let Ok((path, _)) = decode(path, "") else { return Self::Nothing };
        if let Some(route) = LocalRoute::ALL.into_iter().find(|route| route.path() == path) {
            return Self::Local(route);
        }
        let found = [Function::EventProcessor, Function::StatusQuery]
            .into_iter()
            .find_map(|function| Some(find(function, method, &path).ok()?.route.operation));
        if LOGIN.contains(&path.as_str()) {
            return Self::Page(Page::Login);
        }
        if pages::forms::Form::sent(method, &path).is_some() {
            return Self::Page(Page::Form);
        }
        match (found, pages::Route::find(&path)) {
            (Some(operation), _) => Self::Api(operation),
            (None, Some(pages::Route::Record | pages::Route::MarkBad)) => Self::Page(Page::Form),
            (None, Some(pages::Route::Asset(_))) => Self::Page(Page::Asset),
            (None, Some(_)) => Self::Page(Page::Told),
            (None, None) => Self::Nothing,
        }
    }
}
