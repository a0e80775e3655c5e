//! The form for a token, by which a browser comes in where there are tokens; and the way out.

use maud::{Markup, html};

use super::field::{Field, Order, summary};
use super::sheet::Sheet;
use crate::Page;

/// The names of its fields.
pub const FIELDS: [&str; 2] = ["token", "to"];

const ORDER: &Order = &[("token", "Token")];

/// The page that asks for a token, and leads on to `to`. What is typed is not shown again.
#[must_use]
pub fn page(sheet: &Sheet<'_>, to: &str) -> Page {
    let field = Field { sheet, order: ORDER, name: "token", hint: "As it was printed when it was added: dst_…" };
    around(
        "Log in with a token",
        &html! { "Whoever runs this server adds tokens, with " code { "deployment-status-local token add" } "." },
        &html! {
            form class="card entry" method="post" action="/login" data-still {
                (summary(sheet, ORDER, "You are not logged in"))
                input type="hidden" name="to" value=(to);
                (field.around(&html! {
                    input id=(field.id()) name="token" type="password" autocomplete="current-password" required
                        aria-describedby=[field.described_by()] aria-invalid=[field.error().map(|_| "true")] autofocus;
                }))
                p class="send" { button type="submit" class="filled" { "Log in" } }
            }
        },
    )
}

/// The page with the way out.
#[must_use]
pub fn way_out(name: Option<&str>) -> Page {
    around(
        "Log out",
        &html! {
            @match name {
                Some(name) => { "You are logged in as " strong { (name) } "." },
                None => { "You are not logged in." },
            }
        },
        &html! {
            form class="card entry" method="post" action="/logout" data-still {
                p { "This browser forgets the token. The token itself stays as it is; whoever runs this server can revoke it." }
                p class="send" { button type="submit" class="filled" { "Log out" } a href="/login" { "Log in with another token" } }
            }
        },
    )
}

/// What a request that needs another token is answered with.
#[must_use]
pub fn refused(why: &str) -> Page {
    around(
        "This needs another token",
        &html! { (why) },
        &html! {
            p { "What was typed into a form is still there: go back to it once you are logged in, and send it again." }
            p { a href="/login" { "Log in with a token that may" } }
        },
    )
}

fn around(title: &str, rest: &Markup, content: &Markup) -> Page {
    Page {
        title: title.to_owned(),
        rest: rest.clone(),
        json: String::new(),
        command: "deployment-status live --auth token".to_owned(),
        content: content.clone(),
    }
}
