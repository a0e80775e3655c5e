//! Every route that this function serves.

use api::Problem;
use api::routes::{Found, Function, NoRoute, Operation, ROUTES, find};
use api::{Request, Response};
use domain::identifiers::Identifier as _;
use domain::page_paths::name_of;
use domain::{DeploymentId, Label, Timestamp};
use pages::Format;
use store::ReadItems;

use crate::answer::{Answer, json, respond};
use crate::document::openapi;
use crate::parameters::Parameters;
use crate::{Failed, StatusQuery};

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn respond(&self, request: &Request, now: Timestamp) -> Result<Response, Failed> {
        // At the root a browser finds a page, and a program the list of routes.
        let is_for_people = |accept: &str| accept.contains("text/html");
        let wants_page = request.path != "/"
            || request.header("accept").is_some_and(is_for_people)
            || Format::is_named(&request.query);
        if let Some(route) = pages::Route::find(&request.path).filter(|_| wants_page) {
            return Box::pin(self.page_for(request, route, now)).await;
        }
        if let (Some(login), Some(entry)) = (&self.login, pages::entry::Entry::find(&request.path)) {
            return Ok(Box::pin(self.entry(login, request, entry, now)).await);
        }
        let refused = |problem| Response::problem(&problem, &request.id);
        match find(Function::StatusQuery, &request.method, &request.path) {
            Ok(found) => respond(request, self.answer(request, found, now).await),
            Err(NoRoute::Path) => Ok(refused(no_such_route())),
            Err(NoRoute::Method(allowed)) => {
                let allowed = allowed.join(", ");
                let detail = format!("{} is not allowed for this route; use {allowed}", request.method);
                Ok(refused(Problem::new(405, detail)).with("allow", allowed))
            }
        }
    }

    pub(crate) async fn answer(
        &self,
        request: &Request,
        Found { route, parameter }: Found<'_>,
        now: Timestamp,
    ) -> Answer {
        // Only who names something needs to know what names mean.
        let uses_settings = request.query.iter().any(|(name, _)| matches!(name.as_str(), "environment" | "service"));
        let uses_settings = uses_settings
            || matches!(
                route.operation,
                Operation::GetCatalog
                    | Operation::GetUsage
                    | Operation::ListLive
                    | Operation::Compare
                    | Operation::ListDrift
                    | Operation::GetGate
                    | Operation::GetDeployment
                    | Operation::GetMetrics
                    | Operation::ListIncidents
                    | Operation::ListBad
                    | Operation::ListReleases
                    | Operation::GetRelease
            );
        let (settings, version) = if uses_settings {
            self.in_force.get(&self.reader, now).await.map_err(|error| {
                tracing::error!(%error, "the settings can't be read");
                Problem::new(503, "the settings can't be read at the moment; send the request again")
            })?
        } else {
            Default::default()
        };
        let parameters = Parameters::new(request, route, parameter, settings)?;
        let id = || {
            let id = DeploymentId::parse(parameter);
            id.map_err(|invalid| Problem::wrong_field("deploymentId", invalid.to_string()))
        };
        match route.operation {
            Operation::ListDeployments => self.list_deployments(parameters).await,
            Operation::ListActiveDeployments => self.list_active(parameters).await,
            Operation::GetDeployment => Box::pin(self.deployment(&id()?, parameters, version, now)).await,
            Operation::ListDeploymentEvents => {
                self.deployment_events(&id()?, parameters, request.address.as_deref()).await
            }
            Operation::VerifyDeployment => self.verify(&id()?, now).await,
            Operation::VerifyDay => Box::pin(self.verify_day(parameters, now)).await,
            Operation::Export => Box::pin(self.export_day(parameters)).await,
            Operation::ListIncidents => Box::pin(self.list_incidents(parameters)).await,
            // In boxes: their futures are larger than all others.
            Operation::ListLive => Box::pin(self.list_live(parameters, now)).await,
            Operation::Compare => Box::pin(self.compare(parameters, now)).await,
            Operation::ListDrift => Box::pin(self.drift(parameters, version, now)).await,
            Operation::ListSuspects => Box::pin(self.suspects(parameters, version, now)).await,
            Operation::GetGate => Box::pin(self.gate(parameters, version, now)).await,
            Operation::ListBad => Box::pin(self.list_bad(parameters, version, now)).await,
            Operation::ListReleases => Box::pin(self.list_releases(parameters)).await,
            Operation::GetRelease => {
                let release = Label::parse(name_of(parameter));
                let release = release.map_err(|invalid| Problem::wrong_field("release", invalid.to_string()))?;
                Box::pin(self.release(&release, parameters)).await
            }
            Operation::GetMetrics => Box::pin(self.metrics(parameters, version, now)).await,
            Operation::GetCatalog => self.catalog(parameters).await,
            Operation::GetUsage => self.usage(parameters, now).await,
            Operation::ListRejected => self.list_rejected(parameters, now).await,
            Operation::GetSettings => self.settings(parameters).await,
            Operation::ListSettings => self.list_settings(parameters).await,
            Operation::GetOpenapi => openapi().map(str::to_owned).map_err(|error| {
                tracing::error!(%error, "the OpenAPI document can't be unpacked");
                Problem::new(500, "the document can't be read").into()
            }),
            Operation::GetHealth => json(&serde_json::json!({"status": "ok"})),
            Operation::GetRoot => json(&serde_json::json!({
                "name": "Deployment Status",
                "routes": ROUTES.iter().map(|route| format!("{} {}", route.method.as_str(), route.path)).collect::<Vec<_>>(),
            })),
            // These belong to event-processor, and are not found above.
            Operation::PostEvents
            | Operation::PostWebhook
            | Operation::PostCustomWebhook
            | Operation::PutSettings
            | Operation::PutRelease => Err(no_such_route().into()),
        }
    }
}

fn no_such_route() -> Problem {
    Problem::new(404, "no such route; see GET /openapi.json")
}
