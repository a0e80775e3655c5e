//! What is said of a cell beside its version: how old it is, how it stands to the environment before it, and what is
//! under way.

use api::{Difference, LiveCell};
use domain::questions::compare::Relation;
use domain::{Timestamp, label};

use super::matrix::Told;
use crate::moment;
use crate::output::{Field, Look, Tone, symbol, word};

/// Days from which what is live is no longer young, and from which it is old.
const AGES: [f64; 2] = [30.0, 90.0];

/// How old what is live is; none while it is young. The words beside it say the age itself.
pub(super) fn age(cell: &LiveCell, now: Timestamp) -> Option<Tone> {
    let since = Timestamp::parse(cell.since.as_deref()?).ok()?;
    let days = now.seconds_since(since) / 86_400.0;
    match AGES {
        [_, old] if days > old => Some(Tone::Notable),
        [middle, _] if days >= middle => Some(Tone::Faint),
        _ => None,
    }
}

/// For how long it has been live: `3d`.
pub(super) fn aged(since: &str, now: Timestamp) -> String {
    moment::relative(since, now).trim_end_matches(" ago").to_owned()
}

/// How a cell stands to the environment before it: `behind staging by 2`.
pub(super) fn difference(difference: &Difference) -> String {
    let Difference { environment, relation, .. } = difference;
    match relation {
        Relation::Same => format!("same as {environment}"),
        Relation::Behind | Relation::Ahead => {
            let by = counted(difference).map(|by| format!(" by {by}")).unwrap_or_default();
            let of = if *relation == Relation::Ahead { "of " } else { "" };
            format!("{} {of}{environment}{by}", relation.as_str())
        }
        Relation::Unseen => format!("unseen in {environment}"),
        Relation::Mixed => "regions differ".to_owned(),
        Relation::Missing | Relation::Extra => relation.as_str().to_owned(),
    }
}

/// The same in short, where there is something to say: `behind 2`.
pub(super) fn in_short(difference: &Difference) -> Option<String> {
    let name = difference.relation.as_str();
    match difference.relation {
        // What differs between regions is said of each.
        Relation::Same | Relation::Mixed => None,
        _ => Some(counted(difference).map_or_else(|| name.to_owned(), |by| format!("{name} {by}"))),
    }
}

fn counted(difference: &Difference) -> Option<String> {
    Some(format!("{}{}", difference.by?, if difference.more { "+" } else { "" }))
}

/// The deployments that are under way: `● 2.8.1 in progress`, or `● 2.8.1 stuck` where nothing was reported of it for
/// too long.
pub(super) fn under_way(cell: &LiveCell, look: &Look, told: Told) -> Vec<String> {
    let texts = cell.active.iter().flatten().map(|active| {
        let symbol = if look.symbols { format!("{} ", symbol(active.status)) } else { String::new() };
        let region = active.region.as_ref().map(|region| format!("{region} ")).unwrap_or_default();
        let version = label(active.version.as_deref(), active.commit.as_deref()).filter(|_| told == Told::Whole);
        let version = version.map(|version| format!("{version} ")).unwrap_or_default();
        format!("{symbol}{region}{version}{}", if active.stuck { "stuck" } else { word(active.status) })
    });
    texts.collect()
}

/// The relation, by how many versions, and the deployments that are under way.
pub(super) fn for_scripts(cell: &LiveCell) -> [Field; 3] {
    let difference = cell.difference.as_ref();
    let ids: Vec<&str> = cell.active.iter().flatten().map(|active| active.deployment_id.as_str()).collect();
    [
        difference.map_or_else(Field::absent, |difference| Field::plain(difference.relation.as_str())),
        difference.and_then(|difference| difference.by).map_or_else(Field::absent, Field::plain),
        if ids.is_empty() { Field::absent() } else { Field::of(&ids.join(",")) },
    ]
}
