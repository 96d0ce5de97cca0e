//! The one envelope every answer comes in (decisions C1 and D1).

use crate::catalogue::{Reply, Written};
use hub::{Answer, Beside, Error, Operation, Totals};
use serde::Serialize;

/// Totals are exact up to this many.
const COUNTED: i64 = 10_000;

/// Writes `{"success":true,"data":…}` and what stands beside it.
pub fn envelope(data: &impl Serialize, beside: Beside, totals: Option<Totals>) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(br#"{"success":true,"data":"#);
    serde_json::to_writer(&mut out, data).map_err(Error::internal)?;
    if let Some(Totals { total, page, per_page }) = totals {
        let text = format!(r#","totalRecords":{total},"pageNo":{page},"recordsPerPage":{per_page}"#);
        out.extend_from_slice(text.as_bytes());
        if total > COUNTED {
            out.extend_from_slice(br#","totalRecordsExact":false"#);
        }
    }
    let text = |text: &str| serde_json::to_string(text).map_err(Error::internal);
    let beside = match beside {
        Beside::Nothing => String::new(),
        Beside::Nulls => r#","errorCode":null,"message":null"#.to_owned(),
        Beside::Message(message) => format!(r#","errorCode":null,"message":{}"#, text(message)?),
        Beside::Texts(message) => format!(r#","errorCode":"","message":{}"#, text(message)?),
    };
    out.extend_from_slice(beside.as_bytes());
    out.push(b'}');
    Ok(out)
}

/// Writes an operation's answer with its headers.
pub(crate) fn write<O: Operation>(mut answer: Answer<O::Output>) -> Result<Reply, Error> {
    let totals = O::totals(&answer.output);
    let mut headers = O::headers(&answer.output);
    if let Some(record) = answer.audit_record {
        headers.push(("x-crossdock-audit-record", record.to_string()));
    }
    if let Some(totals) = totals {
        headers.push(("x-total-count", totals.total.to_string()));
    }
    let body = match O::content(&mut answer.output) {
        Some(content) => Written::Content(content),
        None => Written::Json(envelope(&answer.output, O::SPEC.beside, totals)?),
    };
    Ok(Reply { body, headers })
}
