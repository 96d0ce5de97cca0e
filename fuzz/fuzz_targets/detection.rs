#![no_main]

// Any bytes: detection must answer, and the answer must cover them.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let log = crossdock_fuzz::whole(data);
    assert_eq!(log.summary.bytes, data.len() as u64);
    assert_eq!(log.summary.standard, log.interchanges.first().map(|interchange| interchange.standard));
});
