//! Forms: what a person enters, as a page and as what was typed into it. `event-processor` takes what they send; all
//! pages, also those with an empty form, are answered by `status-query`.

use maud::{Markup, html};

pub mod bad;
mod field;
pub mod note;
mod own_page;
pub mod record;
mod sheet;
pub mod token;
mod typed;

pub use own_page::judge;
pub use sheet::{Sender, Sheet};
pub use typed::Typed;

/// A form that can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A deployment that is recorded by hand.
    Record,
    /// A version that is called bad, or cleared.
    Bad,
    /// A note on a deployment.
    Note,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Record, Self::Bad, Self::Note];

    /// The path that it is sent to, by POST, as a gateway lists it: an id can have slashes in it.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Record => "/record",
            Self::Bad => "/bad",
            Self::Note => "/deployments/{id}/notes",
        }
    }

    /// The form that a request sends; none where it sends none.
    #[must_use]
    pub fn sent(method: &str, path: &str) -> Option<Self> {
        let sends = |form: &Self| match form {
            Self::Record | Self::Bad => form.path() == path,
            Self::Note => note::noted(path).is_some(),
        };
        Self::ALL.into_iter().find(|form| method == "POST" && sends(form))
    }
}

/// What every form has besides its fields.
pub(crate) fn hidden(sheet: &Sheet<'_>) -> Markup {
    html! {
        input type="hidden" name=(sheet::ID) value=(sheet.id);
        @if let Some(csrf) = sheet.sender.csrf { input type="hidden" name=(sheet::CSRF) value=(csrf); }
    }
}
