//! Every link on every page leads somewhere.

use std::collections::{BTreeSet, VecDeque};

use scraper::Html;

use super::{all, told};

/// More pages than there are, unless links go on for ever.
const MOST: usize = 2000;

#[tokio::test]
async fn every_link_leads_to_a_page_or_an_answer_of_the_api() {
    let world = told().await;
    let mut to_visit = VecDeque::from(["/".to_owned()]);
    let mut seen: BTreeSet<String> = to_visit.iter().cloned().collect();
    let mut pages = BTreeSet::new();
    while let Some(path) = to_visit.pop_front() {
        let (status, headers, document) = world.page(&path).await;
        assert_eq!(status, 200, "{path}: {document}");
        pages.insert(path.split('?').next().unwrap_or_default().to_owned());
        if !headers["content-type"].as_str().unwrap().starts_with("text/html") {
            continue;
        }
        let page = Html::parse_document(&document);
        for element in all(&page, "a[href], link[href], script[src], img[src], form:not([method=post])[action]") {
            let value = element.value();
            let link = value.attr("href").or(value.attr("src")).or(value.attr("action")).unwrap();
            if link.starts_with('#') {
                assert_eq!(all(&page, link).len(), 1, "{path}: {link}");
            } else if link.starts_with('/') && !multiplies(link, &path) && seen.insert(link.to_owned()) {
                to_visit.push_back(link.to_owned());
            }
        }
        assert!(seen.len() < MOST, "links go on for ever: {path}");
    }
    for expected in [
        "/",
        "/live",
        "/compare",
        "/deployments",
        "/deployments/behind-p2",
        "/deployments/incident%3Ainc-1",
        "/releases",
        "/releases/spring",
        "/drift",
        "/bad",
        "/settings",
        "/metrics",
        "/incidents",
        "/suspects",
        "/rejected",
        "/openapi.json",
        "/services/behind",
        "/environments/pr-7",
        "/search",
    ] {
        assert!(pages.contains(expected), "{expected} is not linked");
    }
    assert!(pages.iter().any(|page| page.starts_with("/assets/style-")));
}

/// From a page of the past on, other times of the past are not followed, and from one view of the matrix on no other
/// view of it: there are many of each with each.
fn multiplies(link: &str, from: &str) -> bool {
    let both = |part: &str| link.contains(part) && from.contains(part);
    both("asOf=") || (link.starts_with("/live?") && from.starts_with("/live?"))
}
