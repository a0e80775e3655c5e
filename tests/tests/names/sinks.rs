//! Services that take only ASCII get each name in ASCII; messages have the name itself.

use serde_json::{Value, json};
use tests::World;

use super::deploy;

#[tokio::test]
async fn a_dimension_and_a_subject_have_the_name_in_ascii_and_a_message_has_the_name() {
    let world = World::new().await;
    let long = "生".repeat(128);
    deploy(&world, "d-1", 0, "bücher", "生产").await;
    deploy(&world, "d-2", 0, "PR #12", "a%20b").await;
    deploy(&world, "d-3", 0, ":cart", &long).await;
    world.publish().await.unwrap();
    let mut dimensions = Vec::new();
    for call in world.wire.metrics() {
        for datum in call["MetricData"].as_array().unwrap() {
            if datum["MetricName"] == "DeploymentsCompleted" {
                let values =
                    datum["Dimensions"].as_array().unwrap().iter().map(|d| d["Value"].as_str().unwrap().to_owned());
                dimensions.push(values.collect::<Vec<_>>());
            }
        }
    }
    let has = |values: &[&str]| assert!(dimensions.iter().any(|all| all == values), "{values:?} in {dimensions:?}");
    has(&["%E7%94%9F%E4%BA%A7"]);
    has(&["%E7%94%9F%E4%BA%A7", "b%C3%BCcher"]);
    has(&["a%2520b", "PR #12"]);
    let cut = dimensions.iter().flatten().find(|value| value.contains('~')).unwrap();
    assert!(cut.len() == 243 && cut.starts_with("%E7%94%9F%E7"), "{cut}");
    has(&[cut, "%3Acart"]);

    let messages = world.wire.messages();
    let of = |id: &str| messages.iter().find(|message| message["dedupeId"].starts_with(id)).unwrap();
    let message = of("d-1");
    assert_eq!(message["Subject"], "[%E7%94%9F%E4%BA%A7] b%C3%BCcher b%C3%BCcher 1 completed");
    assert_eq!((&*message["environment"], &*message["service"]), ("生产", "bücher"));
    let bodies: Value = message["Message"].parse().unwrap();
    assert!(bodies["sms"].as_str().unwrap().starts_with("生产: bücher"), "{bodies}");
    let full: Value = bodies["default"].as_str().unwrap().parse().unwrap();
    assert_eq!((&full["environment"], &full["service"]), (&json!("生产"), &json!("bücher")));
    let subject = &of("d-3")["Subject"];
    assert!(subject.len() < 100 && subject.is_ascii(), "{subject}");
}
