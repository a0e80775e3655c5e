//! A token in a cookie: how a browser comes in that was given one by the form.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST};

use super::Token;
use crate::target::Target;

/// How long a browser keeps it, in seconds: 30 days. A token that is revoked before is refused at once.
const MAX_AGE: u32 = 30 * 86_400;

/// Whether a cookie counts for a request: for pages, forms and questions to the API. What programs send needs a token
/// that no browser sends by itself.
pub(crate) fn counts_for(target: Target) -> bool {
    match target {
        Target::Page(_) | Target::Nothing => true,
        Target::Api(operation) => api::routes::ROUTES
            .iter()
            .any(|route| route.operation == operation && route.method == api::routes::Method::Get),
        Target::Local(_) => false,
    }
}

/// The token in the cookie of this server, if there is just one.
pub(crate) fn token(headers: &HeaderMap) -> Option<Token> {
    let name = name(headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default());
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut ours = pairs.filter(|(other, _)| *other == name).map(|(_, value)| value);
    match (ours.next(), ours.next()) {
        (Some(token), None) if !token.is_empty() => Some(Token::given(token)),
        _ => None,
    }
}

/// What a browser is told to keep: the token, or nothing any more. It sends it along (`Lax`) where somebody follows a link
/// from a chat, and not with what a page of another site sends or loads.
pub(crate) fn kept(host: &str, is_https: bool, token: Option<&Token>) -> String {
    let (name, secure) = (name(host), if is_https { "; Secure" } else { "" });
    let (value, age) = token.map_or(("", 0), |token| (token.reveal(), MAX_AGE));
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}

/// The cookie of this server: a browser keeps apart what servers of one host give it by nothing but the name.
fn name(host: &str) -> String {
    let port = host.rsplit_once(':').map(|(_, port)| port);
    let port = port.filter(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    port.map_or_else(|| "deployment-status".to_owned(), |port| format!("deployment-status-{port}"))
}
