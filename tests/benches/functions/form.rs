//! The query protocol of AWS, which SNS speaks, as the nested input that it stands for.

use serde_json::{Map, Value};

/// A form with names such as `Entries.member.1.Id` as nested JSON: `member` is a list, `entry` a map of
/// `Name` and `Value`.
pub(crate) fn nested(form: &[u8]) -> Value {
    let fields: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    gather(&fields)
}

fn gather(fields: &[(&str, &str)]) -> Value {
    if let [("", value)] = fields {
        return Value::String((*value).to_owned());
    }
    // By the first part of each name, in the order of the form.
    let mut groups: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for (name, value) in fields {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        match groups.iter_mut().find(|(known, _)| *known == first) {
            Some((_, group)) => group.push((rest, value)),
            None => groups.push((first, vec![(rest, value)])),
        }
    }
    let values = |group: &[(&str, &str)]| match gather(group) {
        Value::Object(numbered) => numbered.into_iter().map(|(_, value)| value).collect::<Vec<_>>(),
        other => vec![other],
    };
    match groups.as_slice() {
        [("member", group)] => Value::Array(values(group)),
        [("entry", group)] => {
            let named = |mut entry: Value| {
                let name = entry["Name"].as_str().expect("an entry has a name").to_owned();
                (name, entry["Value"].take())
            };
            values(group).into_iter().map(named).collect::<Map<_, _>>().into()
        }
        _ => groups.iter().map(|(name, group)| ((*name).to_owned(), gather(group))).collect::<Map<_, _>>().into(),
    }
}
