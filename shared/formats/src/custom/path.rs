//! A path into a payload: `JSONPath` (RFC 9535), in those forms whose work grows with the payload and no faster.

use serde_json::Value;
use serde_json_path::JsonPath;

/// A path into a payload.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    text: String,
    query: JsonPath,
}

impl Path {
    /// The longest path, in bytes.
    const BYTES: usize = 256;

    /// How many of the values at a path are looked at.
    pub(super) const LOOKED_AT: usize = 100;

    /// Reads a path; the error says what would be right.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > Self::BYTES {
            return Err(format!("must be a path of at most {} bytes", Self::BYTES));
        }
        let query = JsonPath::parse(text).map_err(|wrong| {
            format!(
                "must be a JSONPath such as $.resource.name; at character {}: {}",
                wrong.position(),
                wrong.message()
            )
        })?;
        match beyond(text) {
            Some(rule) => Err(rule.to_owned()),
            None => Ok(Self { text: text.to_owned(), query }),
        }
    }

    /// Whether it looks at all of a payload.
    pub(super) fn searches(&self) -> bool {
        self.text.contains("..") || self.text.contains('?')
    }

    /// As it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The values at it, in order.
    pub(super) fn values<'a>(&self, payload: &'a Value) -> impl Iterator<Item = &'a Value> {
        self.query.query(payload).all().into_iter().take(Self::LOOKED_AT)
    }
}

/// Why a path could make more work than the payload is large, if it could.
///
/// Each value of a payload is visited at most once per segment that selects more than one, of which there are few, and
/// once for each of its ancestors in a filter
/// behind a `..`, whose depth is bounded. A second `..` would visit a value once for each of its ancestors, a third
/// once for each pair of them; several selectors in brackets visit it several times, and several of those multiply;
/// a filter in a filter, and one that begins at `$`, look at all of the payload for each of its values.
fn beyond(text: &str) -> Option<&'static str> {
    let (mut quote, mut escaped, mut previous) = (None, false, ' ');
    let (mut descents, mut filters, mut roots, mut lists, mut wildcards) = (0, 0, 0, 0, 0);
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => quote = Some(c),
                '.' if previous == '.' => descents += 1,
                '?' => filters += 1,
                '$' => roots += 1,
                ',' => lists += 1,
                '*' => wildcards += 1,
                _ => {}
            },
        }
        previous = c;
    }
    let rules = [
        (descents > 1, "must have at most one `..`"),
        (filters > 1, "must have at most one filter"),
        (roots > 1, "must have `$` at its beginning only"),
        (wildcards > 4, "must have at most four `*`"),
        (lists > 0, "must select one thing in each pair of brackets; give several paths instead"),
    ];
    rules.into_iter().find(|(broken, _)| *broken).map(|(_, rule)| rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_path_finds_values_in_their_order() {
        let payload = json!({"a": {"b": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]}, "odd name, it's": 3});
        for (path, expected) in [
            ("$.a.b[0].v", json!([1])),
            ("$.a.b[-1].v", json!([2])),
            ("$.a.b[*].k", json!(["x", "y"])),
            ("$.a.b[?@.k=='y'].v", json!([2])),
            ("$.a.b[?@.k=='y' && @.v > 1 || @.k == \"..,?$\"].v", json!([2])),
            ("$..v", json!([1, 2])),
            ("$['odd name, it\\'s']", json!([3])),
            ("$.nothing", json!([])),
        ] {
            let found: Value = Path::parse(path).unwrap().values(&payload).cloned().collect();
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_or_could_make_much_work_says_what_would_be_right() {
        let long = format!("$.{}", "a".repeat(Path::BYTES));
        for (bad, expected) in [
            ("", "a JSONPath"),
            ("resource.name", "a JSONPath"),
            ("$.a[?match(@.b, 'x*')]", "a JSONPath"),
            ("$.a[?search(@.b, 'x*')]", "a JSONPath"),
            (long.as_str(), "256 bytes"),
            ("$..*..*", "one `..`"),
            ("$..a[?@..b]", "one `..`"),
            ("$[?@.a[?@.b]]", "one filter"),
            ("$[?@.a == $.b]", "beginning"),
            ("$..[*][*][*][*][*]", "four `*`"),
            ("$[0,0][0,0]", "several paths"),
            ("$['a','a']", "several paths"),
        ] {
            let wrong = Path::parse(bad).unwrap_err();
            assert!(wrong.contains(expected), "{bad}: {wrong}");
        }
    }

    /// How many values a payload has, itself included.
    fn size(value: &Value) -> usize {
        1 + match value {
            Value::Array(values) => values.iter().map(size).sum(),
            Value::Object(fields) => fields.values().map(size).sum(),
            _ => 0,
        }
    }

    fn payload() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!("a"))];
        leaf.prop_recursive(6, 200, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map("[ab]", inner, 0..3).prop_map(|fields| json!(fields)),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_path_finds_more_than_the_payload_has(
            segments in prop::collection::vec(
                prop::sample::select(vec![
                    ".a", ".*", "[*]", "[0]", "[0,1]", "['a','a']", "[::2]", "[*,*]", "..*", "..a", "..[*]", "[?@.a]",
                    "[?@..a]", "[?@[*]]", "[?@[?@.a]]", "[?@.a==$.a]", "[?count(@.*)>1]",
                ]),
                0..6,
            ),
            payload in payload(),
        ) {
            let path = Path::parse(&format!("${}", segments.concat()));
            if let Ok(path) = path {
                prop_assert!(path.query.query(&payload).len() <= size(&payload), "{}", path.text());
            }
        }
    }

    #[test]
    fn a_payload_that_is_all_depth_or_all_breadth_gives_no_more_than_it_has() {
        let deep = (0..120).fold(json!(1), |inner, _| json!({"a": inner, "b": [[1, 2, 3]]}));
        let broad: Value = (0..20_000).collect();
        for path in ["$..*", "$..a", "$..[?@.a]", "$..*.*.*.*", "$[*]", "$..[::1]", "$[?@..a]"] {
            for payload in [&deep, &broad] {
                let path = Path::parse(path).unwrap();
                assert!(path.query.query(payload).len() <= size(payload), "{}", path.text());
                assert!(path.values(payload).count() <= Path::LOOKED_AT);
            }
        }
    }
}
