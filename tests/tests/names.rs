//! Names as people and tools give them: in any script, with the characters that separate parts of keys and of
//! URLs, in two normal forms. And those that are refused.

mod any_script;
mod refused;
mod sinks;
mod tools;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

/// Names that differ, and that a key, a URL or a terminal could take for one another or for two.
const NAMES: [&str; 24] = [
    "production",
    "PR #12",
    "PR",
    "PR #",
    "#",
    "##",
    "a#b",
    "a",
    "b",
    "a b",
    "a!",
    "§",
    "§n",
    "a§nb",
    "%23",
    "a%23b",
    "a%2523b",
    "100%",
    "Größe",
    "生产",
    "🚀 prod",
    "בילד",
    "बिल्ड",
    "❤\u{fe0f}/~?&=+",
];

/// A name as a value in a query.
fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// Records that a version of a service is in an environment, as deployment `id`.
async fn deploy(world: &World, id: &str, second: i64, service: &str, environment: &str) {
    let event = json!({
        "deploymentId": id, "status": "COMPLETED", "occurredAt": at(second), "service": service,
        "environment": environment, "version": format!("{service} 1"),
    });
    let answer = world.post_at(&event, at(3600)).await;
    assert_eq!(answer.status, 201, "{event}: {}", answer.body);
}

/// All items of a list, page by page.
async fn all(world: &World, path: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        let more = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = world.get_at(&format!("{path}{separator}limit={limit}{more}"), at(3600)).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let list = if path.starts_with("/v1/catalog") { "services" } else { "items" };
        items.extend(page.body[list].as_array().unwrap().clone());
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return items,
        }
    }
}

/// The texts of a field of each item, sorted.
fn sorted(items: &[Value], field: &str) -> Vec<String> {
    let mut texts: Vec<String> = items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect();
    texts.sort();
    texts
}
