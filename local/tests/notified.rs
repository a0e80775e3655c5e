//! What people are notified of leads to pages of this server, or of the address that it is known by.

use serde_json::{Value, json};

use crate::client::Client;
use crate::server::start;

/// What a notification of `id` says of its page: in a mail, and to programs.
fn told(address: &str, id: &str) -> (String, Value) {
    let mut client = Client::connect(address).unwrap();
    let event = json!({"deploymentId": id, "service": "cart", "environment": "production", "version": "1",
                       "status": "COMPLETED"});
    assert_eq!(client.report(&event).unwrap().status, 201);
    let sent = client.get("/local/notifications").unwrap().body;
    let sent = sent["items"].as_array().unwrap().iter().find(|sent| sent["full"]["deploymentId"] == id).unwrap();
    let page = sent["text"].as_str().unwrap().lines().last().unwrap().strip_prefix("Page:       ").unwrap();
    (page.to_owned(), sent["full"]["link"].clone())
}

#[test]
fn a_notification_leads_to_a_page_of_this_server_that_is_there() {
    let (_running, address, _) = start(&["--no-demo"]);
    for (id, path) in [("a/b:1@2", "/deployments/a/b%3A1%402"), ("a/../b", "/deployments/a%2F..%2Fb")] {
        let (page, link) = told(&address, id);
        assert_eq!((page.as_str(), &link), (format!("http://{address}{path}").as_str(), &json!(page)));
        let answer = Client::connect(&address).unwrap().get(&format!("{path}?format=json")).unwrap();
        assert_eq!((answer.status, &answer.body["deploymentId"]), (200, &json!(id)));
    }
}

#[test]
fn a_notification_leads_to_the_address_that_the_server_is_known_by() {
    let (_running, address, _) = start(&["--no-demo", "--pages-url", "https://deployments.example.com/"]);
    let (page, link) = told(&address, "c-1");
    assert_eq!((page.as_str(), &link), ("https://deployments.example.com/deployments/c-1", &json!(page)));
}

#[test]
fn an_address_that_leads_nowhere_is_refused_and_says_what_would_be_right() {
    for wrong in ["deployments.example.com", "https://deployments.example.com/pages", "ftp://a"] {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_deployment-status-local"));
        let output = program.args(["--no-demo", "--listen", "127.0.0.1:0", "--pages-url", wrong]).output().unwrap();
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && says.contains("--pages-url") && says.contains("such as https://"),
            "{says}"
        );
    }
}
