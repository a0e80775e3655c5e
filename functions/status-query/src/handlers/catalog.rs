//! What exists: environments, services, versions.

use api::{Catalog, CatalogService, CatalogVersion};
use domain::Service;
use domain::identifiers::Identifier as _;
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::{Parameters, is_start};

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn catalog(&self, mut parameters: Parameters) -> Answer {
        let service: Option<Service> = parameters.identifier("service");
        let limit = parameters.limit();
        let position = parameters.position(|position| match service {
            Some(_) => is_start(position),
            None => Service::parse(position).is_ok(),
        });
        parameters.finish()?;
        let environments = self.reader.environments().await?.iter().map(ToString::to_string).collect();
        let catalog = if let Some(service) = service {
            let of_service: Vec<String> =
                self.reader.environments_of(&service).await?.iter().map(ToString::to_string).collect();
            let (versions, next) = self.reader.versions(&service, position.as_deref(), limit).await?;
            let versions = versions
                .into_iter()
                .map(|(version, at)| CatalogVersion { version, created_at: at.to_string() })
                .collect();
            Catalog {
                environments,
                services: if of_service.is_empty() {
                    Vec::new()
                } else {
                    vec![CatalogService { service: service.to_string(), environments: of_service }]
                },
                versions: Some(versions),
                next_cursor: parameters.cursor(next),
            }
        } else {
            let after = position.and_then(|position| Service::parse(&position).ok());
            let (services, more) = self.reader.services(after.as_ref(), limit).await?;
            let next = services.last().filter(|_| more).map(|(service, _)| service.to_string());
            let services = services.into_iter().map(|(service, environments)| CatalogService {
                service: service.to_string(),
                environments: environments.iter().map(ToString::to_string).collect(),
            });
            Catalog { environments, services: services.collect(), versions: None, next_cursor: parameters.cursor(next) }
        };
        json(&catalog)
    }
}
