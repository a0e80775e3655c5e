//! Two environments beside each other.

use api::{Comparison, Problem};
use domain::identifiers::Identifier as _;
use domain::{Environment, Timestamp};
use pages::{Asked, Page};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn compare_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let mut environments = self.reader.environments().await?;
        settings.path.sort(&mut environments, |name| name);
        let known = environments.into_iter().filter(|name| *name != Environment::unknown());
        let environments: Vec<String> = known.map(|name| name.to_string()).collect();
        let (Some(from), Some(to)) = (asked.parameter("from"), asked.parameter("to")) else {
            return Ok(pages::compare::form_page(asked, &environments));
        };
        for (field, name) in [("from", from), ("to", to)] {
            let known = Environment::parse(name).is_ok_and(|name| {
                let name = settings.names.environments.resolve(&name);
                settings.settings.environment(name).is_some() || environments.iter().any(|one| one == name.as_str())
            });
            if !known {
                return Err(Problem::wrong_field(field, format!("must be one of {}", environments.join(", "))).into());
            }
        }
        let mut comparison: Option<Comparison> = None;
        loop {
            let mut query = asked.query.clone();
            query.push(("limit".to_owned(), "100".to_owned()));
            let cursor = comparison.as_ref().and_then(|all| all.next_cursor.clone());
            query.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor)));
            let page: Comparison = self.ask("/v1/compare", query, now).await?;
            let more = page.next_cursor.is_some();
            let all = match comparison.take() {
                None => page,
                Some(mut all) => {
                    all.items.extend(page.items);
                    Comparison { next_cursor: page.next_cursor, ..all }
                }
            };
            if !more {
                return Ok(pages::compare::page(asked, &environments, &all));
            }
            comparison = Some(all);
        }
    }
}
