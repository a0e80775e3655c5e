//! `status`: a deployment and its stages.

use crate::called::Shell;
use crate::server::{Double, demo};

#[test]
fn a_deployment_is_printed_with_its_stages() {
    let printed = Shell::at(demo()).call(&["status", "checkout-production-2.8.0"]).succeeded();
    for line in
        ["Status          ↩ rolled back", "Triggered by    ada@example.com: release (manual)", "Rolled back to  2.7.0"]
    {
        assert!(printed.contains(line), "{printed}");
    }
    assert!(printed.contains("\nSTAGE           STATUS"), "{printed}");
}

#[test]
fn the_error_for_an_unknown_id_suggests_similar_ones() {
    let printed = Shell::at(demo()).call(&["status", "checkout-production-2.8"]).failed(3);
    assert_eq!(
        printed,
        "deployment-status: no deployment checkout-production-2.8: no event of it is recorded\n  \
         Did you mean checkout-production-2.8.0, checkout-production-2.8.1 or checkout-production-2.7.0?\n  \
         `deployment-status history` lists the latest deployments.\n"
    );
}

#[test]
fn json_is_printed_as_it_came() {
    let shell = Shell::at(demo());
    let json = shell.call(&["status", "checkout-production-2.8.0", "-o", "json"]).succeeded();
    assert!(json.starts_with(r#"{"deploymentId":"checkout-production-2.8.0","service":"checkout","#), "{json}");
    let body = json.trim_end().to_owned();
    let double = Double::always(200, &[], &format!(" {body}"));
    let again = Shell::at(&double.url).call(&["status", "checkout-production-2.8.0", "-o", "json"]).succeeded();
    assert_eq!(again, format!(" {body}\n"), "byte for byte");
}
