//! A form as it is filled in: what was typed, what is wrong with it, and who fills it in.

use domain::FieldError;

use super::typed::Typed;

/// The hidden field that makes what a form sends one thing, however often it is sent.
pub(super) const ID: &str = "form";
/// The hidden field that ties a form to a session.
pub(super) const CSRF: &str = "csrf";

/// The longest name of an actor, in bytes.
const ACTOR_BYTES: usize = 256;

/// Who fills in a form.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'s> {
    /// The caller, as it was authenticated: what is recorded names it as the producer.
    pub caller: &'s str,
    /// The groups that they are in, as permissions name them; of who only sees the form, nobody asks.
    pub groups: &'s [String],
    /// What ties the form to the session, where there is one.
    pub csrf: Option<&'s str>,
}

impl<'s> Sender<'s> {
    /// The name of who it is, for the event; none where nobody was asked, or where it is too long for one.
    #[must_use]
    pub fn actor(self) -> Option<&'s str> {
        Some(self.caller).filter(|name| self.is_known() && name.len() <= ACTOR_BYTES)
    }

    /// Whether it is known who it is.
    #[must_use]
    pub fn is_known(self) -> bool {
        !self.caller.is_empty() && self.caller != "anonymous"
    }
}

/// A form as it is filled in.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'s> {
    /// What makes it one: sent twice, it is recorded once.
    pub id: &'s str,
    /// Who fills it in.
    pub sender: Sender<'s>,
    /// What was typed.
    pub typed: &'s Typed,
    /// What is wrong with it, by the names of its fields; without a name, with the whole.
    pub errors: &'s [FieldError],
    /// The path of what was recorded of this form before it was changed.
    pub before: Option<&'s str>,
}

impl Sheet<'_> {
    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.detail.as_str())
    }

    /// Whether a field is the first that is wrong, of fields that stand in this order.
    pub(super) fn is_first_wrong(&self, field: &str, order: &[&str]) -> bool {
        order.iter().find(|name| self.error(name).is_some()) == Some(&field)
    }
}

impl Typed {
    /// The id of the form.
    ///
    /// # Errors
    /// When it isn't one that a form came with.
    pub fn id(&self) -> Result<&str, FieldError> {
        let id = self.text(ID);
        let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_id.then_some(id).ok_or_else(|| FieldError::new(ID, "must be the id that the form came with; open it again"))
    }

    /// What ties the form to a session.
    #[must_use]
    pub fn csrf(&self) -> Option<&str> {
        self.given(CSRF)
    }
}
