#![no_main]

libfuzzer_sys::fuzz_target!(|settings: &[u8]| {
    let _ = fuzz::check_settings(settings);
});
