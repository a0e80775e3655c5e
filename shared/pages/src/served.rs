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
pub const SERVED: [Served; 27] = [
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
    shown("/bad/mark"),
    shown("/settings"),
    shown("/metrics"),
    shown("/incidents"),
    shown("/suspects"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Form;
    use crate::{Route, assets};

    fn leads(path: &str) -> bool {
        SERVED.iter().any(|served| match served.path.split_once('{') {
            Some((before, _)) => path.starts_with(before),
            None => served.path == path,
        })
    }

    #[test]
    fn each_page_is_served() {
        for path in [
            "/",
            "/live",
            "/compare",
            "/deployments",
            "/deployments/a/b",
            "/bad/mark",
            "/releases/a/b",
            &assets::style().path,
        ] {
            assert!(Route::find(path).is_some() && leads(path), "{path}");
        }
    }

    #[test]
    fn each_form_is_sent_to_whoever_records() {
        for path in ["/record", "/bad", "/deployments/a/b/notes"] {
            assert!(Form::sent("POST", path).is_some(), "{path}");
            let begins = |served: &&Served| path.starts_with(served.path.split('{').next().unwrap_or_default());
            let by: Vec<Function> =
                SERVED.iter().filter(|served| served.method == "POST").filter(begins).map(|served| served.by).collect();
            assert_eq!(by, [Function::EventProcessor], "{path}");
        }
    }
}
