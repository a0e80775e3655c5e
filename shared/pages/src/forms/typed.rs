//! What was typed into a form, as a browser sends it.

use std::collections::BTreeMap;

use api::{Problem, Request, target};

/// What was typed, by the names of the fields. It is kept as it is, so that the form can be shown again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed(BTreeMap<String, String>);

impl Typed {
    /// How many bytes a form may have.
    pub const BYTES: usize = 64 * 1024;

    /// Reads what a request sends, of a form with these fields.
    ///
    /// # Errors
    /// The problem to answer when it is no form, or too long, or has a field that the form does not have.
    pub fn read(request: &Request, fields: &[&str]) -> Result<Self, Problem> {
        let kind = request.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Problem::new(415, "a form must be sent as application/x-www-form-urlencoded"));
        }
        if request.body.len() > Self::BYTES {
            return Err(Problem::new(413, format!("a form must have at most {} bytes", Self::BYTES)));
        }
        if !request.query.is_empty() {
            return Err(Problem::new(400, "a form is sent to its path alone, without parameters"));
        }
        let body = std::str::from_utf8(&request.body).map_err(|_| Problem::new(400, "a form must be UTF-8"))?;
        let (_, query) = target::decode("", body)?;
        // A form without a field is an empty pair.
        let query = query.into_iter().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect();
        let sent = Request { query, ..Request::default() };
        let mut typed = sent.parameters(fields).map_err(Problem::wrong_fields)?;
        // Browsers send the ends of lines as two characters.
        for text in typed.values_mut() {
            *text = text.replace("\r\n", "\n");
        }
        Ok(Self(typed))
    }

    /// What a form begins with.
    #[must_use]
    pub fn prefilled<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(fields.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    /// What was typed into a field; nothing where it was left empty.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// What was entered, without what stands around it by accident.
    #[must_use]
    pub fn given(&self, field: &str) -> Option<&str> {
        Some(self.text(field).trim()).filter(|text| !text.is_empty())
    }

    /// Whether a box was ticked.
    #[must_use]
    pub fn is_ticked(&self, field: &str) -> bool {
        !self.text(field).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &[u8]) -> Result<Typed, Problem> {
        let headers = [("content-type".to_owned(), kind.to_owned())].into();
        Typed::read(&Request { headers, body: body.to_vec(), ..Request::default() }, &["a", "notes"])
    }

    #[test]
    fn what_was_typed_is_kept_and_nothing_else_is_taken() {
        let form = "application/x-www-form-urlencoded; charset=UTF-8";
        let typed = read(form, b"a=+x%26y+&notes=one%0D%0Atwo").unwrap();
        assert_eq!((typed.text("a"), typed.given("a"), typed.text("notes")), (" x&y ", Some("x&y"), "one\ntwo"));
        assert_eq!((typed.given("b"), typed.is_ticked("a"), typed.is_ticked("b")), (None, true, false));
        assert_eq!(read(form, b""), Ok(Typed::default()));
        for (kind, body, status) in [
            ("application/json", &b"{}"[..], 415),
            ("multipart/form-data; boundary=a", b"--a", 415),
            ("", b"a=b", 415),
            (form, b"a=b&c=d", 400),
            (form, b"a=b&a=c", 400),
            (form, b"a=%ff", 400),
            (form, b"a=\xff", 400),
            (form, &vec![b'a'; Typed::BYTES + 1], 413),
        ] {
            assert_eq!(
                read(kind, body).unwrap_err().status,
                status,
                "{kind} {}",
                String::from_utf8_lossy(&body[..body.len().min(20)])
            );
        }
    }
}
