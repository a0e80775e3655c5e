//! `oncePer`: the field of a payload of which each value counts once, as in a trigger of Argo CD's
//! notifications, and written as there: `app.status.operationState.syncResult.revision`, with `?.` or `.`.

use std::fmt;

use serde_json::Value;

/// The path to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OncePer(Vec<String>);

impl OncePer {
    /// How long a path may be, in bytes.
    const BYTES: usize = 256;

    /// Reads a path; the error says what would be right.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let names: Vec<String> = text.replace("?.", ".").split('.').map(str::to_owned).collect();
        let is_name = |name: &String| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        if text.len() <= Self::BYTES && names.len() > 1 && names[0] == "app" && names.iter().all(is_name) {
            return Ok(Self(names));
        }
        Err("must be the path of a field of the application, such as app.status.operationState.syncResult.revision"
            .to_owned())
    }

    /// The value of this field of an application, as text; none where it has no text and no number there.
    pub(crate) fn value(&self, application: &Value) -> Option<String> {
        match self.0[1..].iter().try_fold(application, |value, name| value.get(name))? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl fmt::Display for OncePer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_a_text_or_a_number_or_to_nothing() {
        let application =
            json!({"status": {"revision": "c0ffee", "count": 7, "empty": "", "list": ["x"], "none": null}});
        let value = |path: &str| OncePer::parse(path).unwrap().value(&application);
        assert_eq!(value("app.status.revision").as_deref(), Some("c0ffee"));
        assert_eq!(value("app.status?.count").as_deref(), Some("7"));
        for nothing in
            ["app.status", "app.status.empty", "app.status.list", "app.status.none", "app.status.revision.x", "app.x.y"]
        {
            assert_eq!(value(nothing), None, "{nothing}");
        }
        for wrong in [
            "",
            "app",
            "status.revision",
            "app.",
            "app..status",
            "app.status[0]",
            "app.a b",
            &format!("app.{}", "x".repeat(260)),
        ] {
            assert!(OncePer::parse(wrong).unwrap_err().contains("app.status.operationState"), "{wrong}");
        }
    }
}
