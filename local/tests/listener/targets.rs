//! What a request is for, as the listener and the functions see it.

use api::routes::{Operation, ROUTES};
use local::target::{LocalRoute, Target};

#[test]
fn a_request_is_for_what_the_functions_take_it_for() {
    for route in ROUTES {
        assert_eq!(Target::of(route.method.as_str(), route.path), Target::Api(route.operation), "{}", route.path);
    }
    assert_eq!(Target::of("POST", "/v1/%65vents"), Target::Api(Operation::PostEvents));
    assert_eq!(Target::of("GET", "/v1/events"), Target::Nothing);
    assert_eq!(Target::of("POST", "/local/%65xplain"), Target::Local(LocalRoute::Explain));
    assert_eq!(Target::of("GET", "/v1/%ff"), Target::Nothing);
}
