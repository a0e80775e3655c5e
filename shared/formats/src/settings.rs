//! The settings as far as reading and judging need them.

use domain::fields::Unknown;
use domain::settings::Names;
use domain::settings::version::canonical;
use domain::{FieldError, json};
use serde_json::Value;

use crate::custom::CustomSources;
use crate::door::Door;
use crate::judge::Arrival;
use crate::rules::SourceRules;

/// The settings by which events are judged. The default is what holds where nothing was ever applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// All but rules and sources.
    pub general: domain::Settings,
    /// What the names of environments and services mean.
    pub names: Names,
    /// The rules for events of other tools.
    pub rules: SourceRules,
    /// How webhooks of tools are read that the system doesn't know.
    pub sources: CustomSources,
    /// Those that were in force until lately, the newest first, as far as their rules and names are others: what was
    /// recorded by them may come again.
    pub former: Vec<Self>,
}

impl Settings {
    /// Reads a document.
    ///
    /// # Errors
    /// All that is wrong with it, each with its field.
    pub fn read(document: Value, unknown: Unknown) -> Result<Self, Vec<FieldError>> {
        let array = |name| document.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let rules = SourceRules::read(array("rules"), unknown);
        let sources = CustomSources::read(array("sources").into(), unknown);
        let mut errors = Vec::new();
        let doors = doors(&document);
        let general = domain::Settings::read(document, unknown).map_err(|wrong| errors.extend(wrong));
        let rules = rules.map_err(|wrong| errors.extend(wrong.0));
        let sources = sources.map_err(|wrong| errors.extend(wrong));
        if let (Ok(sources), Unknown::Refused) = (&sources, unknown) {
            errors.extend(doors.into_iter().filter_map(|(field, door)| unknown_door(field, &door, sources)));
        }
        match (general, rules, sources) {
            (Ok(general), Ok(rules), Ok(sources)) if errors.is_empty() => {
                Ok(Self { names: general.names(), general, rules, sources, former: Vec::new() })
            }
            _ => Err(errors),
        }
    }

    /// Reads the text of a document, as [`read`](Self::read) does, and gives its canonical text, in which it is
    /// recorded.
    ///
    /// # Errors
    /// All that is wrong with it, each with its field; of none that it is no JSON, or too long.
    pub fn parse(text: &[u8], unknown: Unknown) -> Result<(Self, String), Vec<FieldError>> {
        let document = json::parse(text).map_err(|error| vec![FieldError::new("", format!("not JSON: {error}"))])?;
        let recorded = canonical(&document);
        if recorded.len() > domain::Settings::BYTES {
            let (most, bytes) = (domain::Settings::BYTES, recorded.len());
            return Err(vec![FieldError::new(
                "",
                format!("the settings must have at most {most} bytes; these have {bytes}"),
            )]);
        }
        Ok((Self::read(document, unknown)?, recorded))
    }

    /// Notes that these were in force before, the newest first.
    pub fn replacing(&mut self, former: Vec<Self>) {
        for one in former {
            if [&*self]
                .into_iter()
                .chain(&self.former)
                .all(|known| known.rules != one.rules || known.names != one.names)
            {
                self.former.push(one);
            }
        }
    }

    /// Settings that only have these rules.
    #[must_use]
    pub fn of_rules(rules: SourceRules) -> Self {
        Self { rules, ..Self::default() }
    }
}

/// The doors that permissions name, each with its path.
fn doors(document: &Value) -> Vec<(String, String)> {
    let array = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let of_one = |(at, one): (usize, Value)| {
        let doors = array(&one, "doors").into_iter().enumerate();
        doors
            .filter_map(move |(nth, door)| Some((format!("permissions[{at}].doors[{nth}]"), door.as_str()?.to_owned())))
    };
    array(document, "permissions").into_iter().enumerate().flat_map(of_one).collect()
}

fn unknown_door(field: String, door: &str, sources: &CustomSources) -> Option<FieldError> {
    if door == Arrival::PAGE || sources.door(door).is_some() {
        return None;
    }
    let known: Vec<String> = Door::all().map(|door| door.name().to_owned()).collect();
    let detail = format!(
        "must be one of {}, {}, or custom/ and the name of a source, not {door:?}",
        known.join(", "),
        Arrival::PAGE
    );
    Some(FieldError::new(field, detail))
}
