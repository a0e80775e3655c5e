//! How the services of the matrix stand together: by the team that the settings name, by what their names begin with,
//! or not at all.

use std::collections::BTreeMap;

use api::LiveCell;
use domain::FieldError;
use maud::{Markup, html};

use crate::asked::Asked;

/// By what services stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    Team,
    Prefix,
    None,
}

/// A row of the matrix: a service, and its cells by environment.
pub(super) type Row<'m, 'c> = (&'c str, &'m BTreeMap<&'c str, &'c LiveCell>);

/// Services that stand together.
pub(super) struct Group<'m, 'c> {
    /// What they have in common; nothing where they are not grouped.
    pub(super) name: Option<String>,
    pub(super) rows: Vec<Row<'m, 'c>>,
}

/// What stands between the parts of a service's name.
const BETWEEN: [char; 5] = ['-', '_', '.', '/', ':'];

impl Grouping {
    const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Team, "team", "Team"), (Self::Prefix, "prefix", "Prefix"), (Self::None, "none", "None")];

    /// What is asked for; else by team, where the settings name any.
    pub(super) fn of(asked: &Asked, teams: &BTreeMap<&str, &str>) -> Result<Self, FieldError> {
        let Some(name) = asked.parameter("group") else {
            return Ok(if teams.is_empty() { Self::None } else { Self::Team });
        };
        let found = Self::ALL.into_iter().find(|(_, value, _)| *value == name).map(|(grouping, ..)| grouping);
        found.ok_or_else(|| FieldError::new("group", "must be team, prefix or none"))
    }

    /// The rows in groups, which stand in the order of their names. What belongs to none comes last.
    pub(super) fn groups<'m, 'c>(
        self,
        rows: impl Iterator<Item = Row<'m, 'c>> + Clone,
        teams: &BTreeMap<&str, &str>,
    ) -> Vec<Group<'m, 'c>> {
        let prefix = |service: &str| service.split_once(BETWEEN).map(|(prefix, _)| prefix.to_owned());
        let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
        for prefix in rows.clone().filter_map(|(service, _)| prefix(service)) {
            *sizes.entry(prefix).or_default() += 1;
        }
        let key = |service: &str| match self {
            Self::Team => teams.get(service).map(|team| (*team).to_owned()),
            // A service alone is no group.
            Self::Prefix => prefix(service).filter(|prefix| sizes[prefix] > 1),
            Self::None => None,
        };
        let mut named: BTreeMap<String, Vec<Row<'m, 'c>>> = BTreeMap::new();
        let mut others = Vec::new();
        for row in rows {
            match key(row.0) {
                Some(name) => named.entry(name).or_default().push(row),
                None => others.push(row),
            }
        }
        let is_grouped = !named.is_empty();
        let mut groups: Vec<Group<'m, 'c>> =
            named.into_iter().map(|(name, rows)| Group { name: Some(name), rows }).collect();
        if !others.is_empty() {
            groups.push(Group { name: is_grouped.then(|| "Others".to_owned()), rows: others });
        }
        groups
    }

    /// The links that choose.
    pub(super) fn choice(self, asked: &Asked) -> Markup {
        html! {
            nav class="grouping" aria-label="Group by" {
                span class="small" { "Group by" }
                @for (grouping, value, name) in Self::ALL {
                    @let on = grouping == self;
                    a class="chip" href=(asked.here(&[("group", Some(value))])) aria-current=[on.then_some("true")] {
                        @if on { span aria-hidden="true" { "✓ " } } (name)
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(grouping: Grouping, services: &[&'static str], teams: &BTreeMap<&str, &str>) -> Vec<String> {
        let none = BTreeMap::new();
        let groups = grouping.groups(services.iter().map(|service| (*service, &none)), teams);
        let told = groups.into_iter().map(|group| {
            let rows: Vec<&str> = group.rows.into_iter().map(|(service, _)| service).collect();
            format!("{}: {}", group.name.as_deref().unwrap_or("-"), rows.join(" "))
        });
        told.collect()
    }

    #[test]
    fn services_stand_with_those_of_their_team_or_their_prefix_and_the_others_last() {
        let services = ["cart", "pay-in", "pay-out", "ship/eu", "shop_ui"];
        let teams = BTreeMap::from([("shop_ui", "web"), ("cart", "checkout"), ("pay-in", "web")]);
        assert_eq!(
            names(Grouping::Team, &services, &teams),
            ["checkout: cart", "web: pay-in shop_ui", "Others: pay-out ship/eu"]
        );
        assert_eq!(names(Grouping::Prefix, &services, &teams), ["pay: pay-in pay-out", "Others: cart ship/eu shop_ui"]);
        assert_eq!(names(Grouping::None, &services, &teams), ["-: cart pay-in pay-out ship/eu shop_ui"]);
        assert_eq!(names(Grouping::Team, &services, &BTreeMap::new()), ["-: cart pay-in pay-out ship/eu shop_ui"]);
    }
}
