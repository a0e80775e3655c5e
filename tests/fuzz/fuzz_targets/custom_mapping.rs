#![no_main]

const PAYLOAD: &[u8] = include_bytes!("../../../events/custom/circleci/success.json");

libfuzzer_sys::fuzz_target!(|mapping: &[u8]| {
    fuzz::check_mapping(mapping, PAYLOAD);
});
