//! Which pages can be asked for another time, and what that changes.

use super::{all, page, text, told};

/// Each page, and which of the two times it takes.
const TIMES: [(&str, bool, bool); 15] = [
    ("/", true, false),
    ("/live", true, true),
    ("/compare?from=staging&to=production", true, true),
    ("/deployments", false, false),
    ("/deployments/behind-p2", true, true),
    ("/releases", true, false),
    ("/releases/spring", true, false),
    ("/drift", true, false),
    ("/bad", true, false),
    ("/settings", true, false),
    ("/metrics?hours=168", true, false),
    ("/incidents", false, false),
    ("/suspects", false, false),
    ("/rejected", false, false),
    ("/drift?severity=high&environment=production", true, false),
];

#[tokio::test]
async fn a_page_has_a_bar_of_the_times_that_it_takes_and_no_other() {
    let world = told().await;
    for (path, as_of, known_at) in TIMES {
        let now = page(&world, path).await;
        let links = all(&now, ".elsewhere a");
        let permalink =
            links.iter().find(|link| text(**link) == "Permalink").map(|link| link.value().attr("href").unwrap());
        assert_eq!((all(&now, "#as-of").len(), permalink.is_some()), (usize::from(as_of), as_of), "{path}");
        assert_eq!(permalink.is_some_and(|link| link.contains("asOf=")), as_of, "{path}");
        assert_eq!(permalink.is_some_and(|link| link.contains("knownAt=")), known_at, "{path}");
        assert!(all(&now, "body[data-past]").is_empty(), "it is looked at again: {path}");
        let with =
            |name: &str| format!("{path}{}{name}=2026-03-01T11:58:00Z", if path.contains('?') { '&' } else { '?' });
        for (name, takes) in [("asOf", as_of), ("knownAt", known_at)] {
            let (status, _, document) = world.page(&with(name)).await;
            assert_eq!(status, if takes { 200 } else { 400 }, "{}: {document}", with(name));
            // Of the past nothing is looked at again.
            assert!(document.contains("data-past"), "{}", with(name));
        }
        if let Some(permalink) = permalink {
            let then = page(&world, permalink).await;
            let kept = all(&then, ".times form input[type=hidden]");
            let kept: Vec<_> = kept.iter().map(|field| field.value().attr("name").unwrap()).collect();
            let asked = path.split_once('?').map_or("", |(_, query)| query);
            let named: Vec<_> =
                asked.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap()).collect();
            assert_eq!(kept, named, "{path}");
        }
    }
}

#[tokio::test]
async fn another_time_is_another_list_of_which_there_is_no_page_yet() {
    let world = told().await;
    for n in 0..21 {
        let mut event = super::event(&format!("r-{n}"), -900, "same", "staging", "1.0", "COMPLETED");
        event["release"] = serde_json::json!(format!("release-{n}"));
        assert_eq!(world.post(&event).await.status, 201);
    }
    let first = page(&world, "/releases").await;
    let next = all(&first, "main p a").into_iter().find(|link| text(*link) == "Earlier ones").unwrap();
    let second = page(&world, next.value().attr("href").unwrap()).await;
    assert_eq!(all(&first, "tbody tr").len() + all(&second, "tbody tr").len(), 22);
    for link in all(&second, ".choices a, nav.filters a") {
        let address = link.value().attr("href").unwrap();
        assert!(!address.contains("cursor"), "{address}");
        page(&world, address).await;
    }
    assert!(all(&second, ".times input[name=cursor]").is_empty());
}
