//! How people get in and out where they log in at an issuer of identities: the paths, and the pages that say that it
//! did not come to be, that a session has ended, or that someone is out.

use api::Problem;
use maud::{Markup, html};

use crate::asked::SignedIn;
use crate::{Page, address};

/// Where a login begins; `to` is where it leads.
pub const LOGIN: &str = "/login";
/// Where the issuer leads back to.
pub const CALLBACK: &str = "/login/callback";
/// Where a session ends.
pub const LOGOUT: &str = "/logout";

/// A path at which someone gets in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A login begins.
    Login,
    /// The issuer leads back.
    Callback,
    /// A session ends.
    Logout,
}

impl Entry {
    /// What is at this path.
    #[must_use]
    pub fn find(path: &str) -> Option<Self> {
        match path {
            LOGIN => Some(Self::Login),
            CALLBACK => Some(Self::Callback),
            LOGOUT => Some(Self::Logout),
            _ => None,
        }
    }
}

/// The address that begins a login which leads to a path of ours, with its parameters.
#[must_use]
pub fn login_to(to: &str) -> String {
    address::with_query(LOGIN, &[("to", to)])
}

/// Who has logged in, and the way out.
pub(crate) fn who(who: &SignedIn) -> Markup {
    html! {
        form class="who" method="post" action=(LOGOUT) {
            span class="small" { "Signed in as " bdi { (who.name) } }
            button type="submit" { "Sign out" }
        }
    }
}

/// Why someone is not let in, with the way to try again; `to` is where they wanted to go.
#[must_use]
pub fn refused_page(problem: &Problem, to: &str) -> Page {
    Page {
        title: "You are not signed in".to_owned(),
        content: html! { p { a href=(login_to(to)) { "Sign in" } } },
        ..page(&problem.detail)
    }
}

/// What someone who has logged in may not do.
#[must_use]
pub fn forbidden_page(problem: &Problem) -> Page {
    Page {
        title: "You may not do this".to_owned(),
        content: html! { p { a href="/" { "To the overview" } } },
        ..page(&problem.detail)
    }
}

/// Asks whether someone wants to get out.
#[must_use]
pub fn logout_page() -> Page {
    Page {
        title: "Sign out?".to_owned(),
        content: html! { form method="post" action=(LOGOUT) { button type="submit" class="main" { "Sign out" } } },
        ..page("Your session in this browser ends.")
    }
}

/// Someone is out; `issuer` is where they end their session at the issuer.
#[must_use]
pub fn out_page(issuer: Option<&str>) -> Page {
    Page {
        title: "You are signed out".to_owned(),
        content: html! {
            @if let Some(issuer) = issuer {
                p { "You may still be signed in at who identified you. "
                    a href=(issuer) rel="noreferrer" { "Sign out there too" } }
            } @else {
                p { "You may still be signed in at who identified you, which names no place to sign out." }
            }
            p { a href=(login_to("/")) { "Sign in again" } }
        },
        ..page(
            "The session in this browser has ended. Another one, in another browser, goes on until its time is over.",
        )
    }
}

fn page(rest: &str) -> Page {
    Page {
        title: String::new(),
        rest: html! { (rest) },
        json: String::new(),
        command: String::new(),

        content: html! {},
    }
}
