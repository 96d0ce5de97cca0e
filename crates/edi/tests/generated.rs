//! Generated parcels: a valid one has nothing to say, a faulty one says exactly its fault.

mod support;

use edi::generate::{Addressed, Plan, faults, parcel};
use edi::{Code, Kind, Standard};
use support::{behind_a_long_one, chunked, whole};

const ENVELOPES: [Standard; 4] = [Standard::X12, Standard::Edifact, Standard::Tradacoms, Standard::Vda];
const DOCUMENTS: [Standard; 4] = [Standard::Xml, Standard::Txt, Standard::Pdf, Standard::Binary];

#[test]
fn a_valid_parcel_has_nothing_to_say() {
    for standard in ENVELOPES {
        for seed in 0..300 {
            let plan = Plan { interchanges: 1 + seed as usize % 4, line_ends: seed % 2 == 0, ..Plan::new(standard) };
            let bytes = parcel(&plan, seed);
            let found = edi::interchanges(&bytes);
            let text = String::from_utf8_lossy(&bytes);
            assert_eq!(found.interchanges.len(), plan.interchanges, "{standard} {seed}: {text}");
            for interchange in &found.interchanges {
                assert_eq!(interchange.refusal, None, "{standard} {seed}: {text}");
                assert!(interchange.warnings.is_empty(), "{standard} {seed}: {:?} in {text}", interchange.warnings);
                assert!(interchange.complete && interchange.standard == standard);
                assert!(!interchange.receiver.id.is_empty() && !interchange.control_number.is_empty());
            }
            assert!(found.filler.iter().all(|filler| filler.finding.is_none()), "{standard} {seed}");
        }
    }
}

#[test]
fn a_faulty_parcel_says_its_fault() {
    for standard in ENVELOPES.into_iter().chain(DOCUMENTS) {
        for &fault in faults(standard) {
            for seed in 0..20 {
                let plan = Plan { fault: Some(fault), ..Plan::new(standard) };
                let bytes = parcel(&plan, seed);
                let found = edi::interchanges(&bytes);
                let interchanges = found.interchanges.iter().flat_map(|i| i.refusal.iter().chain(&i.warnings));
                let filler = found.filler.iter().filter_map(|filler| filler.finding.as_ref());
                let mut codes: Vec<Code> = interchanges.chain(filler).map(|finding| finding.code).collect();
                codes.extend(found.summary.rejection.iter().map(|finding| finding.code));
                let text = String::from_utf8_lossy(&bytes);
                assert!(codes.contains(&fault), "{standard} {fault} {seed}: {codes:?} in {text}");
                let refused = found.interchanges.iter().any(|i| i.refusal.is_some());
                let rejected = found.summary.rejection.is_some();
                assert_eq!(refused || rejected, fault.refuses(), "{standard} {fault} {seed}: {codes:?} in {text}");
            }
        }
    }
}

#[test]
fn what_is_split_into_interchanges_has_an_envelope() {
    assert!(ENVELOPES.into_iter().all(Standard::has_envelope));
    assert!(!DOCUMENTS.into_iter().any(Standard::has_envelope));
}

#[test]
fn every_code_can_be_provoked() {
    let all: Vec<Code> = ENVELOPES.into_iter().chain(DOCUMENTS).flat_map(|s| faults(s).iter().copied()).collect();
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| !all.contains(code)).collect();
    assert!(missing.is_empty(), "no generated parcel provokes {missing:?}");
}

#[test]
fn a_parcel_goes_from_and_to_whom_one_says() {
    for (standard, test) in [
        (Standard::X12, true),
        (Standard::X12, false),
        (Standard::Edifact, true),
        (Standard::Edifact, false),
        (Standard::Tradacoms, false),
    ] {
        let qualified = standard != Standard::Tradacoms;
        let [from, to] =
            if qualified { [("01", "007941529"), ("ZZ", "ACME-2")] } else { [("", "5000000000018"), ("", "ACME-2")] };
        for seed in 0..20 {
            let plan = Plan { addressed: Some(Addressed { sender: from, receiver: to, test }), ..Plan::new(standard) };
            let found = edi::interchanges(&parcel(&plan, seed));
            let [only] = &*found.interchanges else { panic!("{standard} {seed}: not one interchange") };
            let party = |party: &edi::Party| (party.qualifier.clone(), party.id.clone());
            assert_eq!(party(&only.sender), (from.0.to_owned(), from.1.to_owned()), "{standard} {seed}");
            assert_eq!(party(&only.receiver), (to.0.to_owned(), to.1.to_owned()), "{standard} {seed}");
            assert_eq!((only.is_test(), &only.refusal), (test, &None), "{standard} {seed}");
        }
    }
}

#[test]
fn documents_are_one_item_that_covers_the_parcel() {
    for standard in DOCUMENTS {
        for seed in 0..50 {
            let bytes = parcel(&Plan::new(standard), seed);
            let found = edi::interchanges(&bytes);
            let [only] = &*found.interchanges else { panic!("{standard} {seed}: not one item") };
            assert_eq!((only.kind, only.standard, only.start), (Kind::Document, standard, 0), "{seed}");
            assert_eq!((only.end_nl, found.filler.len()), (bytes.len() as u64, 0));
        }
    }
}

#[test]
fn generated_parcels_read_the_same_in_chunks() {
    for standard in ENVELOPES.into_iter().chain(DOCUMENTS) {
        for (seed, fault) in std::iter::once(None).chain(faults(standard).iter().copied().map(Some)).enumerate() {
            let plan = Plan { fault, interchanges: 2, ..Plan::new(standard) };
            let bytes = parcel(&plan, seed as u64);
            for size in [1, 5, 900, 4097] {
                assert_eq!(whole(&bytes), chunked(&bytes, || size), "{standard} {fault:?} in chunks of {size}");
                let (behind, start) = behind_a_long_one(&bytes);
                let mut first = Some(start);
                let found = chunked(&behind, || first.take().unwrap_or(size));
                assert_eq!(whole(&behind), found, "{standard} {fault:?} behind another, in chunks of {size}");
            }
        }
    }
}
