//! `live`: what runs where.

use crate::called::Shell;
use crate::server::demo;

#[test]
fn all_places_are_told_as_a_matrix() {
    let told = Shell::at(demo()).call(&["live"]).succeeded();
    assert_eq!(
        told,
        "SERVICE        development             production                   staging\n\
         catalog        - (⊘ 4.11.0 cancelled)  4.10.0                       4.11.0\n\
         checkout       2.8.0                   2.7.0 (↩ 2.8.0 rolled back)  2.8.1\n\
         notifications  -                       3.2.1 (✗ 3.3.0 failed)       3.3.0\n\
         payments       1.19.0                  1.19.0                       1.19.0\n\
         search         -                       0.31.0                       0.32.1\n"
    );
}

#[test]
fn a_service_that_does_not_exist_is_told_with_near_ones() {
    let told = Shell::at(demo()).call(&["live", "--service", "chekout"]).failed(3);
    assert_eq!(told, "deployment-status: there is no service `chekout`\n  Did you mean checkout?\n");
}
