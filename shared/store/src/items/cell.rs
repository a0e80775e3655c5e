//! What is live in a place.

use domain::identifiers::Identifier as _;
use domain::live::{Cell, Place};
use domain::{Environment, Service};
use serde::{Deserialize, Serialize, Serializer};

use crate::StoreError;
use crate::keys::cell_key;

/// The cell of a place, as it is stored. What runs stands in one attribute, as JSON: a matrix reads hundreds of cells,
/// and a text is read in a fraction of the time that as many attributes take.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct CellItem {
    pk: String,
    sk: String,
    /// What runs.
    #[serde(serialize_with = "as_text")]
    pub cell: Cell,
    /// How often it was written.
    pub revision: u64,
}

impl CellItem {
    /// The attribute that a write checks: it counts the writes.
    pub const GUARD: &'static str = "revision";
    /// The attribute with what runs.
    pub const CELL: &'static str = "cell";

    /// The item of a place, which follows the one of revision `read`.
    #[must_use]
    pub fn next(place: &Place, cell: Cell, read: Option<u64>) -> Self {
        let key = cell_key(place);
        Self { pk: key.partition, sk: key.sort, cell, revision: read.unwrap_or(0) + 1 }
    }

    /// The place, which is in this environment.
    ///
    /// # Errors
    /// When the sort key is no service.
    pub fn place(&self, environment: &Environment) -> Result<Place, StoreError> {
        let service = Service::from_key_part(&self.sk).map_err(|e| StoreError::unreadable("cell", e))?;
        Ok(Place { environment: environment.clone(), service })
    }
}

/// What is read: the text, or, as earlier versions stored it, each field of the cell in an attribute of its own. Not as
/// an untagged enum, which would copy every text to try it.
#[derive(Deserialize)]
struct Stored {
    pk: String,
    sk: String,
    revision: u64,
    cell: Option<String>,
    #[serde(flatten)]
    attributes: serde_json::Map<String, serde_json::Value>,
}

impl TryFrom<Stored> for CellItem {
    type Error = serde_json::Error;

    fn try_from(Stored { pk, sk, revision, cell, attributes }: Stored) -> Result<Self, Self::Error> {
        let cell = match cell {
            Some(text) => serde_json::from_str(&text)?,
            None => serde_json::from_value(attributes.into())?,
        };
        Ok(Self { pk, sk, cell, revision })
    }
}

fn as_text<S: Serializer>(cell: &Cell, serializer: S) -> Result<S::Ok, S::Error> {
    let text = serde_json::to_string(cell).map_err(serde::ser::Error::custom)?;
    serializer.serialize_str(&text)
}

#[cfg(test)]
mod tests {
    use domain::live::log::Entry;
    use serde_json::json;

    use super::*;
    use crate::AttributeValue;
    use crate::items::{from_item, to_item};

    #[test]
    fn a_cell_is_stored_as_text_and_read_as_earlier_versions_stored_it_too() {
        let entry: Entry = serde_json::from_value(json!({
            "effect": "COMPLETED", "at": 1_772_366_400_000_i64, "deploymentId": "d-1", "version": "1.0", "region": "eu",
        }))
        .unwrap();
        let (cell, _) = Cell::of_log(&[entry]);
        let place =
            Place { environment: Environment::parse("production").unwrap(), service: Service::parse("a").unwrap() };
        let item = CellItem::next(&place, cell.clone(), Some(2));
        let stored = to_item(&item).unwrap();
        assert_eq!(stored["cell"], AttributeValue::S(serde_json::to_string(&cell).unwrap()));
        let mut before = serde_json::to_value(&cell).unwrap();
        for (name, value) in [("pk", json!("LIVE#production")), ("sk", json!("a")), ("revision", json!(3))] {
            before[name] = value;
        }
        for item in [stored, to_item(&before).unwrap()] {
            let read: CellItem = from_item(item).unwrap();
            assert_eq!((read.cell, read.revision), (cell.clone(), 3));
        }
        let broken = json!({"pk": "LIVE#production", "sk": "a", "cell": "{", "revision": 3});
        assert!(from_item::<CellItem>(to_item(&broken).unwrap()).is_err());
    }
}
