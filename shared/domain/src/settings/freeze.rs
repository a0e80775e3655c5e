//! Times in which nothing is deployed.

use crate::fields::Fields;
use crate::identifiers::Label;
use crate::{Environment, Service};

/// Checks the freezes.
pub(super) fn read(from: &mut Fields<'_>) {
    for (path, object) in from.objects("freezes") {
        let mut freeze = from.nested(&path, object);
        let name: Option<Label> = freeze.identifier(&["name"]);
        if name.is_none() && !freeze.has_error("name") {
            freeze.wrong("name", "is required: what people call this freeze");
        }
        freeze.identifiers::<Environment>("environments");
        freeze.identifiers::<Service>("except");
        let times = ["from", "to"].map(|name| {
            let time = freeze.time(&[name]).map(|(_, time)| time);
            if time.is_none() && !freeze.has_error(name) {
                freeze.wrong(name, "is required: a time such as 2026-12-20T00:00:00Z");
            }
            time
        });
        if let [Some(from), Some(to)] = times
            && from >= to
        {
            freeze.wrong("to", "must be later than `from`");
        }
        freeze.finish("known are name, environments, from, to and except");
    }
}
