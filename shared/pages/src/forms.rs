//! Forms: what a person enters, as a page and as what was typed into it. `event-processor` takes what they send; all
//! pages, also those with an empty form, are answered by `status-query`.

use maud::{Markup, html};

pub mod bad;
mod field;
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
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Record, Self::Bad];

    /// The path that it is sent to, by POST.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Record => "/record",
            Self::Bad => "/bad",
        }
    }

    /// The form that a request sends; none where it sends none.
    #[must_use]
    pub fn sent(method: &str, path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| method == "POST" && form.path() == path)
    }
}

/// What every form has besides its fields.
pub(crate) fn hidden(sheet: &Sheet<'_>) -> Markup {
    html! {
        input type="hidden" name=(sheet::ID) value=(sheet.id);
        @if let Some(csrf) = sheet.sender.csrf { input type="hidden" name=(sheet::CSRF) value=(csrf); }
    }
}
