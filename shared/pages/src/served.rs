//! Which requests are for pages, as a gateway routes them, and which function answers. A name in a path that may have
//! slashes in it is greedy (`{id+}`) and stands at its end.

use api::routes::Function;

/// A kind of request that is for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// The method.
    pub method: &'static str,
    /// The path, with its parameters.
    pub path: &'static str,
    /// Which function answers.
    pub by: Function,
}

const fn shown(path: &'static str) -> Served {
    Served { method: "GET", path, by: Function::StatusQuery }
}

const fn sent(path: &'static str) -> Served {
    Served { method: "POST", path, by: Function::EventProcessor }
}

/// All of them.
pub const SERVED: [Served; 25] = [
    shown("/"),
    shown("/live"),
    shown("/compare"),
    shown("/deployments"),
    shown("/deployments/{id+}"),
    shown("/services/{service+}"),
    shown("/environments/{environment+}"),
    shown("/releases"),
    shown("/releases/{release+}"),
    shown("/drift"),
    shown("/bad"),
    shown("/settings"),
    shown("/metrics"),
    shown("/incidents"),
    shown("/rejected"),
    shown("/record"),
    shown("/search"),
    shown("/assets/{file+}"),
    shown("/login"),
    shown("/login/callback"),
    shown("/logout"),
    Served { method: "POST", path: "/logout", by: Function::StatusQuery },
    sent("/record"),
    sent("/bad"),
    // A note on a deployment, `…/notes`: behind a greedy name nothing can stand.
    sent("/deployments/{id+}"),
];

/// Whether a request with this method and decoded path is a form that a person sends in order to record something.
#[must_use]
pub fn is_form(method: &str, path: &str) -> bool {
    let forms = SERVED.iter().filter(|served| served.by == Function::EventProcessor && served.method == method);
    forms.into_iter().any(|form| match form.path.split_once('{') {
        Some((before, _)) => path.strip_prefix(before).is_some_and(|name| !name.is_empty()),
        None => form.path == path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Route, assets};

    fn leads(path: &str) -> bool {
        SERVED.iter().any(|served| match served.path.split_once('{') {
            Some((before, _)) => path.starts_with(before),
            None => served.path == path,
        })
    }

    #[test]
    fn each_page_is_served() {
        for path in ["/", "/live", "/compare", "/deployments", "/deployments/a/b", &assets::style().path] {
            assert!(Route::find(path).is_some() && leads(path), "{path}");
        }
    }

    #[test]
    fn a_form_is_what_records() {
        for path in ["/record", "/bad", "/deployments/a/b/notes"] {
            assert!(is_form("POST", path), "{path}");
        }
        for (method, path) in [
            ("GET", "/record"),
            ("POST", "/logout"),
            ("POST", "/deployments/"),
            ("POST", "/v1/events"),
            ("PUT", "/record"),
        ] {
            assert!(!is_form(method, path), "{method} {path}");
        }
    }
}
