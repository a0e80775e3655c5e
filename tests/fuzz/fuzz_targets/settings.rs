#![no_main]

libfuzzer_sys::fuzz_target!(|settings: &[u8]| {
    fuzz::check_settings(settings);
});
