#![no_main]

// A generated parcel with pieces of the input written over it, read in chunks of sizes taken from the input.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [standard, fault, seed, sizes @ .., at] = data else { return };
    let standards = [edi::Standard::X12, edi::Standard::Edifact, edi::Standard::Tradacoms, edi::Standard::Vda];
    let standard = standards[usize::from(standard % 4)];
    let faults = edi::generate::faults(standard);
    let fault = faults.get(usize::from(*fault)).copied();
    let plan = edi::generate::Plan { fault, interchanges: 2, lines: 1, ..edi::generate::Plan::new(standard) };
    let mut bytes = edi::generate::parcel(&plan, u64::from(*seed));
    let from = bytes.len() * usize::from(*at) / 256;
    bytes.iter_mut().skip(from).zip(sizes).for_each(|(to, &from)| *to = from);
    let bytes = crossdock_fuzz::behind_a_long_one(standard, &bytes);
    let sizes: Vec<usize> = sizes.iter().map(|&size| usize::from(size)).collect();
    assert_eq!(crossdock_fuzz::whole(&bytes), crossdock_fuzz::chunked(&bytes, &sizes));
});
