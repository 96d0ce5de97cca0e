//! SBDH documents.

use super::Chance;
use crate::finding::Code;

pub(super) const FAULTS: &[Code] = &[Code::E270, Code::W271];

pub(super) fn write(out: &mut Vec<u8>, fault: Option<Code>, chance: &mut Chance) {
    let party = |name: &str, id: &str| {
        format!("<{name}><Identifier Authority=\"iso6523-actorid-upis\">0088:{id}</Identifier></{name}>")
    };
    let (sender, receiver) = (party("Sender", &chance.digits(13)), party("Receiver", &chance.digits(13)));
    let receivers = if fault == Some(Code::E270) { 2 } else { 1 };
    let end = if fault == Some(Code::W271) { "</Invoices>" } else { "</Invoice>" };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<StandardBusinessDocument \
         xmlns=\"http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader\"><StandardBusinessDocumentHeader>\
         {sender}{}<DocumentIdentification><Type>Invoice</Type><InstanceIdentifier>{}</InstanceIdentifier>\
         </DocumentIdentification></StandardBusinessDocumentHeader><Invoice><ID>{}</ID>{end}</StandardBusinessDocument>\n",
        receiver.repeat(receivers),
        chance.digits(12),
        chance.digits(6),
    );
    out.extend(text.bytes());
}
