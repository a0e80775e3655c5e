//! Who may do what.

use crate::fields::{Fields, kind};
use crate::identifiers::Label;

/// What can be allowed.
const RIGHTS: [&str; 6] = ["report", "record", "declare", "override", "settings", "read"];

/// Checks the permissions.
pub(super) fn read(from: &mut Fields<'_>) {
    for (path, object) in from.objects("permissions") {
        let mut permission = from.nested(&path, object);
        let who: Option<Label> = permission.identifier(&["who"]);
        if who.is_none() && !permission.has_error("who") {
            permission.wrong("who", "is required: a pattern of the sender, such as oidc:repo:acme/cart:*");
        }
        let may = permission.array("may");
        if may.is_empty() && !permission.has_error("may") {
            permission.wrong("may", format!("is required: an array of {}", RIGHTS.join(", ")));
        }
        for (index, right) in may.iter().enumerate() {
            if !right.as_str().is_some_and(|right| RIGHTS.contains(&right)) {
                let found = right.as_str().map_or_else(|| kind(right).to_owned(), |text| format!("{text:?}"));
                permission
                    .wrong(&format!("may[{index}]"), format!("must be one of {}, not {found}", RIGHTS.join(", ")));
            }
        }
        for name in ["environments", "services", "doors"] {
            permission.identifiers::<Label>(name);
        }
        permission.finish("known are who, may, environments, services and doors");
    }
}
