//! Packs the OpenAPI document: as a text it would be a fortieth of the whole binary, and a start reads all of that. And
//! how the function is linked: see `docs/decisions/0067-linked-at-a-fixed-address.md`.

use std::fs::File;
use std::path::Path;
use std::{env, io};

use flate2::Compression;
use flate2::write::GzEncoder;

const DOCUMENT: &str = "../../docs/openapi.json";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    let packed = File::create(Path::new(&out).join("openapi.json.gz"))?;
    let mut packing = GzEncoder::new(packed, Compression::best());
    io::copy(&mut File::open(DOCUMENT)?, &mut packing)?;
    packing.finish().map(drop)
}
