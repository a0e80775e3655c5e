//! Whether a page is wanted as HTML, or the same answer as JSON.

use domain::FieldError;

/// How an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Html,
    /// For programs: the body that the API answers to the same question.
    Json,
}

/// The parameter that asks for one.
const PARAMETER: &str = "format";

impl Format {
    /// What is asked for by the parameter `format`; without it what the header `Accept` prefers, which is HTML unless
    /// it says more for JSON.
    ///
    /// # Errors
    /// What is wrong with the parameter.
    pub fn of(query: &[(String, String)], accept: Option<&str>) -> Result<Self, FieldError> {
        let mut given = query.iter().filter(|(name, _)| name == PARAMETER).map(|(_, value)| value.as_str());
        match (given.next(), given.next()) {
            (_, Some(_)) => Err(FieldError::new(PARAMETER, "is given twice")),
            (Some("json"), None) => Ok(Self::Json),
            (Some(_), None) => Err(FieldError::new(PARAMETER, "must be json")),
            (None, None) => {
                let accept = accept.unwrap_or("*/*");
                let is_json = weight(accept, "application", "json") > weight(accept, "text", "html");
                Ok(if is_json { Self::Json } else { Self::Html })
            }
        }
    }

    /// Whether a query asks for one, rather than a header.
    #[must_use]
    pub fn is_named(query: &[(String, String)]) -> bool {
        query.iter().any(|(name, _)| name == PARAMETER)
    }

    /// The parameters but for `format`: what the page is asked.
    #[must_use]
    pub fn question(query: &[(String, String)]) -> Vec<(String, String)> {
        query.iter().filter(|(name, _)| name != PARAMETER).cloned().collect()
    }
}

/// How much a header `Accept` says for a media type (RFC 9110, section 12.5.1): the range that is nearest to it counts.
fn weight(accept: &str, kind: &str, subtype: &str) -> f32 {
    let ranges = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let (major, minor) = parts.next()?.split_once('/')?;
        let nearness = match (major, minor) {
            ("*", "*") => 0,
            (major, "*") if major.eq_ignore_ascii_case(kind) => 1,
            (major, minor) if major.eq_ignore_ascii_case(kind) && minor.eq_ignore_ascii_case(subtype) => 2,
            _ => return None,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((nearness, weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0)))
    });
    ranges.max_by_key(|(nearness, _)| *nearness).map_or(0.0, |(_, weight)| weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_answered_where_it_is_asked_for_and_where_it_is_preferred() {
        let query = |value: &str| vec![("format".to_owned(), value.to_owned())];
        for accept in [None, Some("text/html"), Some("*/*")] {
            assert_eq!(Format::of(&query("json"), accept), Ok(Format::Json));
        }
        for wrong in ["xml", "JSON", ""] {
            assert_eq!(Format::of(&query(wrong), None), Err(FieldError::new("format", "must be json")), "{wrong}");
        }
        assert!(Format::of(&[query("json"), query("json")].concat(), None).is_err());
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for (accept, format) in [
            ("application/json", Format::Json),
            ("Application/JSON", Format::Json),
            ("application/json, text/html;q=0.9", Format::Json),
            ("application/*, text/html; q=0.5", Format::Json),
            ("application/json, */*;q=0.1", Format::Json),
            ("*/*, text/html;q=0", Format::Json),
            ("application/json, text/html", Format::Html),
            ("application/json;q=0.5, text/html", Format::Html),
            ("application/json;q=0, */*", Format::Html),
            ("*/*", Format::Html),
            ("image/png", Format::Html),
            ("", Format::Html),
            (browser, Format::Html),
        ] {
            assert_eq!(Format::of(&[], Some(accept)), Ok(format), "{accept}");
        }
        assert_eq!(Format::of(&[], None), Ok(Format::Html));
    }
}
