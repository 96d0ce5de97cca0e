//! XML documents: what the known business envelopes say about sender, receiver and content.
//!
//! SBDH (UN/CEFACT Standard Business Document Header), cXML, OASIS UBL and UN/CEFACT CII are known. The document is read to its
//! end to see whether it is well formed, in bounded memory; no DTD is fetched and no entity is expanded.

mod decode;
mod token;

use crate::finding::{Code, Finding};
use crate::interchange::{Interchange, Party};
use crate::sink::Sink;
use crate::text;
use decode::Utf16;
use token::{Attribute, Events, Tokenizer};

/// Which envelope an XML document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum XmlKind {
    /// None of the known ones.
    #[default]
    Other,
    /// Standard Business Document Header.
    Sbdh,
    /// cXML.
    CXml,
    /// OASIS UBL without SBDH.
    Ubl,
    /// UN/CEFACT Cross Industry Invoice.
    Cii,
}

impl XmlKind {
    /// `XML`, `SBDH`, `cXML`, `UBL` or `CII`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Other => "XML",
            Self::Sbdh => "SBDH",
            Self::CXml => "cXML",
            Self::Ubl => "UBL",
            Self::Cii => "CII",
        }
    }
}

/// An id in an XML envelope.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct XmlId {
    /// SBDH `@Authority`, cXML `@domain`, UBL and CII `@schemeID`.
    pub scheme: String,
    /// The id.
    pub id: String,
}

/// What an XML document says about itself. Lists hold at most 16 ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Which envelope.
    pub kind: XmlKind,
    /// Local name of the root element.
    pub root: String,
    /// Its namespace.
    pub namespace: String,
    /// SBDH Sender, cXML From.
    pub senders: Vec<XmlId>,
    /// SBDH Receiver, cXML To.
    pub receivers: Vec<XmlId>,
    /// UBL AccountingSupplierParty or CII SellerTradeParty: a business party, for routing only where that is configured.
    pub seller: Option<XmlId>,
    /// UBL AccountingCustomerParty or CII BuyerTradeParty, as `seller`.
    pub buyer: Option<XmlId>,
    /// SBDH InstanceIdentifier, cXML payloadID.
    pub instance: String,
    /// SBDH Type; the element inside cXML Request, Message or Response; else the root.
    pub document_type: String,
    /// SBDH CreationDateAndTime, cXML timestamp.
    pub created: String,
    /// cXML deploymentMode.
    pub usage: String,
    /// Peppol scopes: DOCUMENTID.
    pub document_id: String,
    /// Peppol scopes: PROCESSID.
    pub process_id: String,
}

/// Bytes kept of one value.
const VALUE: usize = 512;
/// Ids kept per party.
const IDS: usize = 16;

/// Reads a document in pieces.
#[derive(Debug)]
pub(crate) struct XmlReader {
    tokenizer: Tokenizer,
    utf16: Option<Utf16>,
    finder: Finder,
}

impl XmlReader {
    /// `window` are the first bytes of the document, which will be fed again; they lie at offset `at` of the parcel.
    pub fn new(window: &[u8], at: u64) -> Self {
        let utf16 = Utf16::detect(window, at % 2 == 1);
        Self { tokenizer: Tokenizer::new(), utf16, finder: Finder::default() }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        let Some(utf16) = &mut self.utf16 else { return self.tokenizer.feed(bytes, &mut self.finder) };
        let mut decoded = Vec::new();
        for piece in bytes.chunks(4096) {
            decoded.clear();
            utf16.decode(piece, &mut decoded);
            self.tokenizer.feed(&decoded, &mut self.finder);
        }
    }

    /// Writes what was found into the interchange.
    pub fn finish<S: Sink>(mut self, interchange: &mut Interchange, limit: usize, sink: &mut S) {
        let mut note = |interchange: &mut Interchange, code, message: String| {
            let finding = Finding::new(code, interchange.start, message);
            sink.finding(&finding);
            interchange.note(finding, limit);
        };
        if let Some(problem) = self.tokenizer.finish() {
            note(interchange, Code::W271, format!("XML cannot be read: {problem}."));
        }
        let mut identity = self.finder.identity;
        if identity.document_type.is_empty() {
            identity.root.clone_into(&mut identity.document_type);
        }
        if identity.kind == XmlKind::Sbdh && identity.receivers.len() != 1 {
            note(interchange, Code::E270, format!("SBDH names {} receivers.", identity.receivers.len()));
        }
        let party = |ids: &[XmlId]| {
            let first = ids.first().cloned().unwrap_or_default();
            Party { raw: first.id.clone(), qualifier: first.scheme, id: first.id, ..Party::default() }
        };
        interchange.sender = party(&identity.senders);
        interchange.receiver = party(&identity.receivers);
        identity.instance.clone_into(&mut interchange.control_number);
        identity.created.clone_into(&mut interchange.date);
        identity.usage.clone_into(&mut interchange.usage);
        identity.document_type.clone_into(&mut interchange.document_type);
        identity.kind.as_str().clone_into(&mut interchange.version);
        interchange.xml = Some(identity);
    }
}

/// Follows the path through the document and picks out the values of interest.
#[derive(Debug, Default)]
struct Finder {
    identity: Identity,
    path: Vec<Vec<u8>>,
    value: Vec<u8>,
    scheme: Vec<u8>,
    wanted: Option<Wanted>,
    scope: Vec<u8>,
    latin1: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Sender,
    Receiver,
    Seller,
    Buyer,
    Instance,
    Type,
    Created,
    ScopeType,
    ScopeValue,
}

fn local(name: &[u8]) -> &[u8] {
    memchr::memchr(b':', name).and_then(|at| name.get(at + 1..)).unwrap_or(name)
}

impl Finder {
    fn decode(&self, bytes: &[u8]) -> String {
        let bytes = text::trim(bytes);
        if self.latin1 { bytes.iter().map(|&b| char::from(b)).collect() } else { text::text(bytes) }
    }

    /// The ancestor `n` levels above the innermost element, by local name.
    fn above(&self, n: usize) -> &[u8] {
        self.path.iter().rev().nth(n).map_or(&[], Vec::as_slice)
    }

    fn root(&mut self, name: &[u8], attributes: &[Attribute]) {
        let prefix = memchr::memchr(b':', name).and_then(|at| name.get(..at)).unwrap_or_default();
        let declares = |attribute: &&Attribute| match attribute.name.strip_prefix(b"xmlns") {
            Some([]) => prefix.is_empty(),
            Some([b':', declared @ ..]) => declared == prefix && !prefix.is_empty(),
            _ => false,
        };
        let namespace = attributes.iter().find(declares).map(|a| a.value.clone()).unwrap_or_default();
        self.identity.root = self.decode(local(name));
        self.identity.namespace = self.decode(&namespace);
        let ubl = self.identity.namespace.starts_with("urn:oasis:names:specification:ubl:schema:xsd:");
        self.identity.kind = match local(name) {
            b"StandardBusinessDocument" | b"StandardBusinessDocumentHeader" => XmlKind::Sbdh,
            b"cXML" => XmlKind::CXml,
            b"CrossIndustryInvoice" | b"CrossIndustryDocument" => XmlKind::Cii,
            _ if ubl => XmlKind::Ubl,
            _ => XmlKind::Other,
        };
        if self.identity.kind == XmlKind::CXml {
            self.identity.instance = self.decode(attribute(attributes, b"payloadID"));
            self.identity.created = self.decode(attribute(attributes, b"timestamp"));
        }
    }

    /// What the element that was just opened holds.
    fn wanted(&self) -> Option<Wanted> {
        let (own, parent, grand, great) = (self.above(0), self.above(1), self.above(2), self.above(3));
        let sbdh = self.identity.kind == XmlKind::Sbdh;
        match own {
            b"Identifier" if sbdh && grand == b"StandardBusinessDocumentHeader" => match parent {
                b"Sender" => Some(Wanted::Sender),
                b"Receiver" => Some(Wanted::Receiver),
                _ => None,
            },
            b"InstanceIdentifier" if sbdh && parent == b"DocumentIdentification" => Some(Wanted::Instance),
            b"Type" if sbdh && parent == b"DocumentIdentification" => Some(Wanted::Type),
            b"CreationDateAndTime" if sbdh && parent == b"DocumentIdentification" => Some(Wanted::Created),
            b"Type" if sbdh && parent == b"Scope" => Some(Wanted::ScopeType),
            b"InstanceIdentifier" if sbdh && parent == b"Scope" => Some(Wanted::ScopeValue),
            b"Identity" if self.identity.kind == XmlKind::CXml && parent == b"Credential" && great == b"Header" => {
                match grand {
                    b"From" => Some(Wanted::Sender),
                    b"To" => Some(Wanted::Receiver),
                    _ => None,
                }
            }
            b"EndpointID" if parent == b"Party" => match grand {
                b"AccountingSupplierParty" => Some(Wanted::Seller),
                b"AccountingCustomerParty" => Some(Wanted::Buyer),
                _ => None,
            },
            b"URIID" | b"GlobalID" => {
                let party = if own == b"URIID" { grand } else { parent };
                match party {
                    b"SellerTradeParty" => Some(Wanted::Seller),
                    b"BuyerTradeParty" => Some(Wanted::Buyer),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn store(&mut self, wanted: Wanted) {
        let value = self.decode(&self.value);
        let id = XmlId { scheme: self.decode(&self.scheme), id: value.clone() };
        let identity = &mut self.identity;
        let push = |list: &mut Vec<XmlId>, id| {
            if list.len() < IDS {
                list.push(id);
            }
        };
        match wanted {
            Wanted::Sender => push(&mut identity.senders, id),
            Wanted::Receiver => push(&mut identity.receivers, id),
            Wanted::Seller => drop(identity.seller.get_or_insert(id)),
            Wanted::Buyer => drop(identity.buyer.get_or_insert(id)),
            Wanted::Instance => identity.instance = value,
            Wanted::Type => identity.document_type = value,
            Wanted::Created => identity.created = value,
            Wanted::ScopeType => self.scope = self.value.clone(),
            Wanted::ScopeValue => match text::trim(&self.scope) {
                b"DOCUMENTID" => identity.document_id = value,
                b"PROCESSID" => identity.process_id = value,
                _ => {}
            },
        }
    }
}

fn attribute<'a>(attributes: &'a [Attribute], name: &[u8]) -> &'a [u8] {
    attributes.iter().find(|a| local(&a.name) == name).map_or(&[], |a| a.value.as_slice())
}

impl Events for Finder {
    fn start(&mut self, name: &[u8], attributes: &[Attribute]) {
        if self.path.is_empty() {
            self.root(name, attributes);
        }
        let own = local(name).to_vec();
        if own == b"StandardBusinessDocumentHeader" {
            self.identity.kind = XmlKind::Sbdh;
        }
        if self.identity.kind == XmlKind::CXml {
            if own == b"Credential" {
                self.scheme = attribute(attributes, b"domain").to_vec();
            }
            let body: [&[u8]; 3] = [b"Request", b"Message", b"Response"];
            if self.path.len() == 1 && body.contains(&&*own) {
                self.identity.usage = self.decode(attribute(attributes, b"deploymentMode"));
            }
            if self.path.len() == 2 && body.contains(&self.above(0)) && own != b"Status" {
                self.identity.document_type = self.decode(&own);
            }
        } else if matches!(&*own, b"Identifier" | b"EndpointID" | b"URIID" | b"GlobalID") {
            let authority = attribute(attributes, b"Authority");
            self.scheme = if authority.is_empty() { attribute(attributes, b"schemeID") } else { authority }.to_vec();
        }
        self.path.push(own);
        self.wanted = self.wanted();
        self.value.clear();
    }

    fn text(&mut self, bytes: &[u8]) {
        if self.wanted.is_some() {
            let room = VALUE.saturating_sub(self.value.len());
            self.value.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        }
    }

    fn end(&mut self) {
        if let Some(wanted) = self.wanted.take() {
            self.store(wanted);
        }
        self.path.pop();
    }

    fn encoding(&mut self, name: &[u8]) {
        let name = name.to_ascii_lowercase();
        self.latin1 = name.starts_with(b"iso-8859") || name.starts_with(b"windows-125") || name.starts_with(b"latin");
    }

    fn wants_text(&self) -> bool {
        self.wanted.is_some()
    }
}

#[cfg(test)]
mod tests;
