//! EDI to send.

use base64::{Engine, prelude::BASE64_STANDARD};

pub const B64: base64::engine::GeneralPurpose = BASE64_STANDARD;

/// Base64 as clients write it.
pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    B64.encode(bytes)
}

/// One production interchange of X12 with one purchase order, from and to `qualifier:id`.
pub fn x12(from: &str, to: &str, control: u32) -> String {
    isa(from, to, control, 'P')
}

/// The same, marked as test data.
pub fn x12_test(from: &str, to: &str, control: u32) -> String {
    isa(from, to, control, 'T')
}

fn isa(from: &str, to: &str, control: u32, usage: char) -> String {
    let (fq, fid) = from.split_once(':').unwrap();
    let (tq, tid) = to.split_once(':').unwrap();
    format!(
        "ISA*00*          *00*          *{fq:<2}*{fid:<15}*{tq:<2}*{tid:<15}*260101*1200*U*00401*{control:09}*0*{usage}*>~\n\
         GS*PO*{fid}*{tid}*20260101*1200*{control}*X*004010~\nST*850*0001~\nBEG*00*SA*PO{control}**20260101~\n\
         PO1*1*10*EA*9.25**UP*123456789012~\nCTT*1~\nSE*5*0001~\nGE*1*{control}~\nIEA*1*{control:09}~\n"
    )
}

/// One interchange of EDIFACT with one order, from and to `qualifier:id`.
pub fn edifact(from: &str, to: &str, control: u32) -> String {
    let (fq, fid) = from.split_once(':').unwrap();
    let (tq, tid) = to.split_once(':').unwrap();
    format!(
        "UNA:+.? 'UNB+UNOC:3+{fid}:{fq}+{tid}:{tq}+260101:1200+{control}++ORDERS'UNH+1+ORDERS:D:96A:UN'\
         BGM+220+PO{control}+9'DTM+137:20260101:102'UNS+S'CNT+2:0'UNT+6+1'UNZ+1+{control}'"
    )
}
