//! Names that are markup, have slashes or are written from right to left stand on pages as what they are.

use serde_json::json;
use tests::World;
use tests::world::at;

use super::{all, page, text, within};

const NAMES: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "a/b?c=d&e#f",
    "%2F%3Cb%3E",
    ".",
    "بوابة الدفع",
    "a b  c",
];

/// One that may be written from right to left does not change the order of the words around it.
fn in_a_title(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { format!("\u{2068}{name}\u{2069}") }
}

#[tokio::test]
async fn a_name_of_any_kind_is_text_everywhere() {
    let world = World::new().await;
    for (number, name) in NAMES.iter().enumerate() {
        let event = json!({
            "deploymentId": format!("d/{number}"), "service": name, "environment": "production", "version": name,
            "status": "FAILED", "occurredAt": at(-100), "notes": name, "error": {"code": name, "message": name},
            "links": {"it": "https://example.com/a?b=c&d"},
            "triggeredBy": {"kind": "MANUAL", "actor": name, "reason": name}, "release": name,
        });
        let incident = json!({
            "type": "incident", "deploymentId": format!("incident:{number}"), "service": name, "environment": "production",
            "status": "IN_PROGRESS", "occurredAt": at(-100), "notes": name, "links": {"it": "https://example.com/"},
        });
        let verdict = json!({"type": "verdict", "service": name, "version": name, "outcome": "BAD", "reason": name,
                             "triggeredBy": {"kind": "MANUAL", "actor": name}, "occurredAt": at(-90)});
        for event in [incident, verdict] {
            let answer = world.post(&event).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        let answer = world.post(&event).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let sent = NAMES.map(|name| json!({"source": name, "detail": {"deploymentId": name, "status": name}}).to_string());
    world.queue(&sent, at(0)).await.unwrap();
    for path in [
        "/",
        "/live",
        "/deployments",
        "/compare?from=production&to=production",
        "/releases",
        "/releases?environment=production",
        "/drift",
        "/bad",
        "/metrics",
        "/incidents",
        "/suspects?service=.",
        "/rejected",
    ] {
        let page = page(&world, path).await;
        assert_eq!(all(&page, "script").len(), 1, "ours: {path}");
        assert!(all(&page, "img:not([src^='/assets/']), b").is_empty(), "{path}");
    }
    let matrix = page(&world, "/live").await;
    let mut services: Vec<String> =
        all(&matrix, "tbody th").into_iter().map(|head| head.text().collect::<String>()).collect();
    services.sort_unstable();
    let mut names = NAMES.map(str::to_owned).to_vec();
    names.sort_unstable();
    assert_eq!(services, names);
    // Each release leads to its own page, and shows its own service.
    let releases = page(&world, "/releases").await;
    let links: Vec<&str> =
        all(&releases, "td a[href^='/releases/']").into_iter().map(|link| link.value().attr("href").unwrap()).collect();
    assert_eq!(links.len(), NAMES.len());
    let mut found = Vec::new();
    for link in links {
        let release = page(&world, link).await;
        assert!(all(&release, "script").len() == 1 && all(&release, "b").is_empty(), "{link}");
        found.push(all(&release, "tbody th")[0].text().collect::<String>());
    }
    found.sort_unstable();
    assert_eq!(found, names);
    let bad = page(&world, "/bad").await;
    assert_eq!(all(&bad, ".verdict").len(), NAMES.len());
    for (number, name) in NAMES.iter().enumerate() {
        let page = page(&world, &format!("/deployments/d/{number}")).await;
        let title = all(&page, "h1")[0].text().collect::<String>();
        let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(spaces(&title), spaces(&format!("{0} {0} failed in production", in_a_title(name))));
        assert_eq!(all(&page, "pre.error")[0].text().collect::<String>(), *name);
        // One way back leads to the deployments of this service alone.
        let back = all(&page, ".rest a[href^='/deployments?']")[0].value().attr("href").unwrap().to_owned();
        let list = super::page(&world, &back).await;
        let rows = all(&list, "table.plain tbody tr");
        assert_eq!(rows.len(), 1, "{back}");
        assert!(text(within(rows[0], "td")[1]).starts_with(&spaces(name)), "{name}");
    }
}

#[tokio::test]
async fn an_id_that_a_browser_would_take_as_steps_leads_to_its_own_page() {
    let world = World::new().await;
    for (number, id) in ["a/../b", "a/./b", "a/..", "a/.b/c"].into_iter().enumerate() {
        let event = json!({
            "deploymentId": id, "service": "cart", "environment": "production", "version": number.to_string(),
            "status": "FAILED", "occurredAt": at(-100),
        });
        assert_eq!(world.post(&event).await.status, 201);
    }
    let list = page(&world, "/deployments").await;
    let links: Vec<&str> =
        all(&list, "td a[href^='/deployments/']").into_iter().map(|link| link.value().attr("href").unwrap()).collect();
    assert_eq!(links.len(), 4);
    for link in links {
        assert!(!link.split('/').any(|segment| matches!(segment, "." | "..")), "{link}");
        let page = page(&world, link).await;
        let id = text(all(&page, ".rest code")[0]);
        assert_eq!(link, format!("/deployments/{}", if id == "a/.b/c" { id } else { id.replace('/', "%2F") }));
    }
}

/// Names that a browser or a server could take apart.
const STEPS: [&str; 11] =
    ["..", "...", "../a", "a/..", "/a", "a/", "a//b", "a/b", "?name=x", "a%2Fb", "<i>b</i> مرحبا #1"];

#[tokio::test]
async fn a_name_of_any_kind_leads_to_its_own_page() {
    let world = World::new().await;
    for (number, name) in NAMES.iter().chain(&STEPS).enumerate() {
        let event = json!({
            "deploymentId": format!("d-{number}"), "service": name, "environment": name, "version": "1",
            "status": "COMPLETED", "occurredAt": at(-100),
        });
        let answer = world.post(&event).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let all_names = NAMES.len() + STEPS.len();
    let list = page(&world, "/deployments?environment=.").await;
    assert_eq!(all(&list, "td a[href^='/services/']").len(), 1);
    for (number, name) in NAMES.iter().chain(&STEPS).enumerate() {
        let deployment = page(&world, &format!("/deployments/d-{number}")).await;
        let links: Vec<&str> =
            all(&deployment, ".rest a").into_iter().map(|link| link.value().attr("href").unwrap()).collect();
        for (link, kind) in links.iter().zip(["/services/", "/environments/"]) {
            assert!(link.starts_with(kind), "{link}");
            // What a browser would take as a step, or as nothing, stands between no two slashes.
            let path = link.split('?').next().unwrap();
            assert!(!path.split('/').skip(1).any(|part| matches!(part, "." | "..")), "{link}");
            assert!(!path.contains("//"), "{link}");
            let page = page(&world, link).await;
            let title = all(&page, "h1")[0].text().collect::<String>();
            assert!(title.starts_with(&format!("{}: ", in_a_title(name))), "{name}: {title}");
            assert!(all(&page, "b, i, main script, main img").is_empty(), "{link}");
            assert_eq!(all(&page, "script").len(), 1, "ours: {link}");
            // Walking on in time leads to the same page.
            let there = all(&page, ".choices a, .elsewhere a[href*=asOf]");
            let there: Vec<&str> = there.into_iter().map(|link| link.value().attr("href").unwrap()).collect();
            for link in there.into_iter().filter(|link| link.starts_with(kind)) {
                let title = all(&super::page(&world, link).await, "h1")[0].text().collect::<String>();
                assert!(title.starts_with(&format!("{}: ", in_a_title(name))), "{link}: {title}");
            }
        }
        // Both are called so, and so both are found.
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", name).finish();
        let found = page(&world, &format!("/search?{query}")).await;
        let called: Vec<&str> =
            all(&found, ".rows li a").into_iter().map(|a| a.value().attr("href").unwrap()).collect();
        assert!(links[..2].iter().all(|link| called.contains(link)), "{name}: {called:?}");
    }
    // An address of before, which has the name as a parameter, leads there too.
    for (name, link) in [(".", "/services/?name=."), ("..", "/environments/?name=..")] {
        let title = all(&page(&world, link).await, "h1")[0].text().collect::<String>();
        assert!(title.starts_with(&format!("{name}: ")), "{link}: {title}");
    }
    assert_eq!(world.get("/v1/catalog?limit=100").await.body["services"].as_array().unwrap().len(), all_names);
}
