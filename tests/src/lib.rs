//! What the end-to-end tests share: the real handlers over the embedded DynamoDB, and a wire between
//! them that counts every call to AWS and can make any of them fail.

#![recursion_limit = "256"]

mod alone;
pub mod any_bytes;
pub mod busy_year;
pub mod cdevents;
pub mod deployed;
pub mod doors;
pub mod embedded;
mod exhaustive;
pub mod https;
pub mod invocations;
pub mod latent;
pub mod published;
pub mod runtime_api;
pub mod stream;
pub mod vault;
pub mod webhooks;
pub mod wire;
pub mod witnessing;
pub mod world;

pub use alone::alone;
pub use doors::{Door, Taken};
pub use exhaustive::{exhaustive, one_in, one_in_of_many};
pub use vault::Vault;
pub use wire::{Call, Fault, Wire};
pub use world::{Answer, World};

/// The real payloads of other projects, where they are: each test that needs them says so when they
/// are not there.
#[must_use]
pub fn cases() -> Option<std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the collection of real payloads is not beside this project");
    None
}
