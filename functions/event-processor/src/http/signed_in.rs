//! Forms of pages where people log in: they are of a session that may record, and of one of its own pages.

use api::{Problem, Request, Response};
use domain::Timestamp;
use login::{NoSession, NotAdmitted};
use pages::{Asked, Page, SignedIn, entry, headers};
use publisher::Publisher;
use store::WriteItems;

use crate::processor::EventProcessor;

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// The request of a form as one of whoever sent it, where people log in; none where they don't, and the gateway has
    /// established who it is.
    ///
    /// # Errors
    /// What is answered to whoever may not send it.
    pub(super) async fn sender_of(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Option<(Request, SignedIn)>, Response> {
        let Some(sessions) = &self.sessions else { return Ok(None) };
        let refused = |problem: Problem, page: &dyn Fn(&Problem) -> Page| {
            tracing::info!(status = problem.status, detail = problem.detail, "a form was refused");
            page_response(request, &problem, &page(&problem), now)
        };
        let who = match sessions.of(request, now).await {
            Ok(who) => who,
            Err(NotAdmitted::Session(why)) => {
                let why = if why == NoSession::Ended { "your session has ended" } else { "nobody is signed in" };
                let detail = format!(
                    "nothing was recorded: {why}; sign in in another tab and send the form again, or go back: what you \
                     typed may still be there"
                );
                let to = pages::address::of(&request.path);
                return Err(refused(Problem::new(401, detail), &|problem| entry::refused_page(problem, &to)));
            }
            Err(NotAdmitted::Secret(error)) => {
                tracing::error!(%error, "sessions can't be judged");
                let detail = "nothing was recorded: who you are can't be judged at the moment; send the form again";
                return Err(refused(Problem::new(503, detail), &pages::problem::page));
            }
        };
        if !who.session.rights.record {
            let detail = format!(
                "nothing was recorded: when you signed in, the settings' permissions gave {} no right `record`",
                who.session.caller()
            );
            return Err(refused(Problem::new(403, detail), &entry::forbidden_page));
        }
        let mut fields = form_urlencoded::parse(&request.body);
        let is_ours = fields.any(|(name, value)| name == "csrf" && who.is_csrf(&value));
        if !is_ours {
            let detail = "nothing was recorded: the form is not of a page of this session; open it again and send it";
            return Err(refused(Problem::new(403, detail), &entry::forbidden_page));
        }
        let signed_in = SignedIn { name: who.session.name.clone(), may_record: true, csrf: who.csrf() };
        let (caller, groups) = (who.session.caller(), who.session.groups.clone());
        Ok(Some((Request { caller, groups, ..request.clone() }, signed_in)))
    }
}

/// A page as an answer that nobody keeps; programs get the problem itself.
fn page_response(request: &Request, problem: &Problem, page: &Page, now: Timestamp) -> Response {
    if !request.header("accept").is_some_and(|accept| accept.contains("text/html")) {
        return Response::problem(problem, &request.id);
    }
    let body = page.document(&Asked::new(&request.path, &[], now));
    let response = Response { status: problem.status, headers: Vec::new(), body };
    let response = response.with("content-type", "text/html; charset=utf-8").with("cache-control", "no-store");
    headers::HEADERS.into_iter().fold(response, |response, (name, value)| response.with(name, value))
}
