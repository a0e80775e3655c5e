#![no_main]

use std::sync::LazyLock;

static DOORS: LazyLock<Vec<fuzz::Door>> = LazyLock::new(fuzz::custom);

libfuzzer_sys::fuzz_target!(|body: &[u8]| DOORS.iter().for_each(|door| fuzz::check(door, body)));
