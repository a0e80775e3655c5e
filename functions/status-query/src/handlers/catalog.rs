//! What exists: environments, services, versions.

use api::{Catalog, CatalogService, CatalogVersion};
use domain::identifiers::Identifier as _;
use domain::questions::asked::Asked;
use domain::questions::lookalike::lookalikes;
use domain::{Environment, Service};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::{Parameters, is_start};

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn catalog(&self, mut parameters: Parameters) -> Answer {
        let asked = parameters.service();
        let service: Option<Service> = asked.name().cloned();
        let with_retired = parameters.flag("retired");
        let limit = parameters.limit();
        let position = parameters.position(|position| match service {
            Some(_) => is_start(position),
            None => Service::parse(position).is_ok(),
        });
        parameters.finish()?;
        let path = &parameters.settings().path;
        let mut all = self.reader.environments().await?;
        path.sort(&mut all, |name| name);
        let unlisted = self.reader.unlisted(&all, with_retired).await?;
        let environments: Vec<String> =
            all.iter().filter(|name| !unlisted.has(name)).map(ToString::to_string).collect();
        let mut names: Vec<&str> = environments.iter().map(String::as_str).collect();
        names.sort_unstable();
        let lookalikes = lookalikes(&names)
            .into_iter()
            .filter(|(one, other)| !parameters.mean_the_same(one, other))
            .map(|(one, other)| [one.to_owned(), other.to_owned()])
            .collect();
        let listed = |service: &Service, mut environments: Vec<Environment>| -> Option<CatalogService> {
            path.sort(&mut environments, |name| name);
            let listed = environments.iter().filter(|environment| !unlisted.has_place(service, environment));
            let environments: Vec<String> = listed.map(ToString::to_string).collect();
            (!environments.is_empty()).then(|| CatalogService { service: service.to_string(), environments })
        };
        let catalog = if let Some(service) = service {
            let of_service = self.reader.environments_for(&Asked::default(), &asked).await?;
            let (versions, next) = self.reader.versions(&asked, position.as_deref(), limit).await?;
            let versions = versions
                .into_iter()
                .map(|(version, at)| CatalogVersion { version, created_at: at.to_string() })
                .collect();
            Catalog {
                environments,
                lookalikes,
                services: listed(&service, of_service).into_iter().collect(),
                versions: Some(versions),
                next_cursor: parameters.cursor(next),
            }
        } else {
            let after = position.and_then(|position| Service::parse(&position).ok());
            let (services, more) = self.reader.services(after.as_ref(), limit).await?;
            let next = services.last().filter(|_| more).map(|(service, _)| service.to_string());
            let services = services.into_iter().filter_map(|(service, environments)| listed(&service, environments));
            Catalog {
                environments,
                lookalikes,
                services: services.collect(),
                versions: None,
                next_cursor: parameters.cursor(next),
            }
        };
        json(&catalog)
    }
}
