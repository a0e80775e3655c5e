//! Reads events from a file or stdin. Their content is not checked here: the server does that.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::events::Events;
use crate::failure::{Exit, Failure};

/// Reads the events of a file, or of stdin if the path is `-`: one event, an array, one event per line, or
/// one after the other.
///
/// # Errors
/// When the file can't be read (exit code 2), or has no events.
pub(super) fn read(path: &Path) -> Result<Events, Failure> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let bytes = if is_stdin {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::new(Exit::Usage, format!("can't read {name}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(Exit::Failed, format!("{name} is not UTF-8: invalid byte at offset {at}"))
    })?;
    // Some editors and shells add a byte order mark; JSON has none (RFC 8259, section 8.1).
    let events = split(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let events = events.map_err(|error| {
        Failure::new(Exit::Failed, format!("{name} is not JSON: {error}")).advise("Nothing was sent.")
    })?;
    if events.elements.is_empty() {
        return Err(Failure::new(Exit::Failed, format!("{name} has no events")));
    }
    Ok(events)
}

/// The events in a text. In JSON lines, a line that is not JSON is sent too: it does not stop the others.
fn split(text: &str) -> Result<Events, serde_json::Error> {
    let values: Result<Vec<&RawValue>, _> = Deserializer::from_str(text).into_iter().collect();
    let owned = |values: Vec<&RawValue>| values.into_iter().map(|value| value.get().to_owned()).collect();
    match values {
        Ok(values) => match values.as_slice() {
            [only] if only.get().starts_with('[') => {
                serde_json::from_str(only.get()).map(|elements| Events { elements: owned(elements), alone: false })
            }
            values => Ok(Events { alone: values.len() == 1, elements: owned(values.to_vec()) }),
        },
        Err(error) => {
            let mut lines = text.lines().filter(|line| !line.trim().is_empty());
            let has_lines = lines.clone().count() > 1;
            let first = lines.clone().next().map(serde_json::from_str::<&RawValue>);
            if has_lines && matches!(first, Some(Ok(_))) {
                let elements = lines.by_ref().map(|line| line.trim().to_owned()).collect();
                return Ok(Events { elements, alone: false });
            }
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn elements(text: &str) -> Vec<String> {
        split(text).map(|events| events.elements).unwrap_or_default()
    }

    #[test]
    fn events_are_found_in_each_supported_form() {
        let both = [r#"{"a": 1}"#, r#"{"b":[1.0,1]}"#];
        assert_eq!(elements(r#" {"a": 1} "#), both[..1]);
        assert_eq!(elements("[ {\"a\": 1},\n{\"b\":[1.0,1]} ]"), both);
        assert_eq!(elements("{\"a\": 1}\r\n\n{\"b\":[1.0,1]}\n"), both);
        assert_eq!(elements("{\"a\":\n1}\n{\"b\":\n2}"), ["{\"a\":\n1}", "{\"b\":\n2}"], "as `jq` prints them");
        assert_eq!(elements("{\"a\": 1}\n{\"b\":"), [both[0], "{\"b\":"], "the last line is cut");
        assert_eq!(elements("[]"), Vec::<String>::new());
        assert!(split(r#"{"a": 1}"#).is_ok_and(|events| events.alone));
        assert!(split(r#"[{"a": 1}]"#).is_ok_and(|events| !events.alone));
    }

    #[test]
    fn a_file_that_is_cut_off_is_an_error() {
        for cut in ["{\"a\":\n{}", "[{\"a\": 1},\n{\"b\": 2}", "[\n{\"a\": 1},\n{\"b\": 2}\n", "{\"a\": 1", "nonsense"]
        {
            assert!(split(cut).is_err(), "{cut}");
        }
    }
}
