#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| crossdock_fuzz::check(edi::Standard::X12, data));
