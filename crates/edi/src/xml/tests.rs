use crate::{Code, XmlKind, interchanges};

fn only(xml: &str) -> crate::Interchange {
    let mut found = interchanges(xml.as_bytes());
    assert_eq!(found.interchanges.len(), 1);
    found.interchanges.remove(0)
}

#[test]
fn an_sbdh_names_sender_receiver_and_instance() {
    let found = only(
        r#"<?xml version="1.0"?><s:StandardBusinessDocument xmlns:s="urn:x"><s:StandardBusinessDocumentHeader>
        <s:Sender><s:Identifier Authority="iso6523-actorid-upis"> 0088:1 </s:Identifier></s:Sender>
        <s:Receiver><s:Identifier Authority="iso6523-actorid-upis">0088:2&amp;3</s:Identifier></s:Receiver>
        <s:DocumentIdentification><s:Type>Invoice</s:Type><s:InstanceIdentifier>abc</s:InstanceIdentifier></s:DocumentIdentification>
        <s:BusinessScope><s:Scope><s:Type>PROCESSID</s:Type><s:InstanceIdentifier>p1</s:InstanceIdentifier></s:Scope></s:BusinessScope>
        </s:StandardBusinessDocumentHeader><Invoice/></s:StandardBusinessDocument>"#,
    );
    let xml = found.xml.clone().unwrap();
    assert_eq!(xml.kind, XmlKind::Sbdh);
    assert_eq!((xml.namespace.as_str(), xml.root.as_str()), ("urn:x", "StandardBusinessDocument"));
    assert_eq!((found.sender.id.as_str(), found.receiver.id.as_str()), ("0088:1", "0088:2&3"));
    assert_eq!(found.receiver.qualifier, "iso6523-actorid-upis");
    assert_eq!(found.receiver.raw, found.receiver.id);
    assert_eq!((found.control_number.as_str(), found.document_type.as_str()), ("abc", "Invoice"));
    assert_eq!(xml.process_id, "p1");
    assert_eq!(found.refusal, None);
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
}

#[test]
fn a_scope_is_named_by_its_own_type() {
    let found = only(
        "<StandardBusinessDocumentHeader><Receiver><Identifier>1</Identifier></Receiver><BusinessScope><Scope>
        <Type>PROCESSID</Type><Other><Type>DOCUMENTID</Type></Other><InstanceIdentifier>p1</InstanceIdentifier>
        <Other><InstanceIdentifier>p2</InstanceIdentifier></Other></Scope></BusinessScope></StandardBusinessDocumentHeader>",
    );
    let xml = found.xml.unwrap();
    assert_eq!((xml.process_id.as_str(), xml.document_id.as_str()), ("p1", ""));
}

#[test]
fn two_receivers_are_refused() {
    let id = "<Receiver><Identifier>1</Identifier></Receiver>";
    let xml = |n: usize| format!("<StandardBusinessDocumentHeader>{}</StandardBusinessDocumentHeader>", id.repeat(n));
    assert_eq!(only(&xml(1)).refusal, None);
    for n in [0, 2] {
        assert_eq!(only(&xml(n)).refusal.unwrap().code, Code::E270);
    }
}

#[test]
fn what_is_not_well_formed_is_said() {
    for (xml, problem) in [
        ("<a><b></a>", "closes no open element"),
        ("<a>", "is not closed"),
        ("<a/><b/>", "second root"),
        ("<a b=c/>", "not quoted"),
        ("<a b c='1'/>", "has no value"),
        ("<a/>text", "outside"),
        ("<?xml version='1.0'?>", "no root"),
        ("<a", "not closed|inside a tag|no root"),
        ("<a b='<'/>", "holds '<'"),
    ] {
        let found = only(xml);
        let warning = found.warnings.first().unwrap_or_else(|| panic!("{xml}: nothing found"));
        assert_eq!(warning.code, Code::W271);
        assert!(problem.split('|').any(|p| warning.message.contains(p)), "{xml}: {}", warning.message);
    }
    for xml in [
        "<a/>",
        "<a><!-- -- > --><![CDATA[ <b> ]]></a>",
        "<!DOCTYPE a [ <!ENTITY x 'y>'> ]><a>&x;</a>",
        "<a b='1' c = \"2\" />\n",
        "<a></a\n >",
        "<a b  =  '1' c\n=\n'2'/>",
        "<_a><:b/><é/></_a>",
    ] {
        assert!(only(xml).warnings.is_empty(), "{xml}: {:?}", only(xml).warnings);
    }
}

#[test]
fn elements_may_be_nested_256_deep() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert!(only(&nested(256)).warnings.is_empty());
    assert!(only(&nested(257)).warnings[0].message.contains("nested too deep"));
}

#[test]
fn an_ampersand_must_start_a_reference() {
    let sbdh = |id: &str| {
        let header = "StandardBusinessDocumentHeader";
        only(&format!("<{header}><Receiver><Identifier>{id}</Identifier></Receiver></{header}>"))
    };
    assert_eq!(sbdh("a&#38;b").receiver.id, "a&b");
    for id in ["a & b; c", "a&b#c;", "a&##38;"] {
        let found = sbdh(id);
        assert!(found.warnings[0].message.contains("'&' starts no reference"), "{id}: {:?}", found.warnings);
    }
}

#[test]
fn an_entity_bomb_is_not_expanded() {
    let xml = "<!DOCTYPE a [<!ENTITY x 'xxxxxxxx'><!ENTITY y '&x;&x;'>]><StandardBusinessDocumentHeader><Receiver><Identifier>&y;</Identifier></Receiver></StandardBusinessDocumentHeader>";
    assert_eq!(only(xml).receiver.id, "&y;");
}

#[test]
fn utf_16_and_latin_1_are_honoured() {
    let xml = "<?xml version=\"1.0\"?><cXML payloadID=\"ö\"><Header><From><Credential domain=\"DUNS\"><Identity>1</Identity></Credential></From></Header><Request deploymentMode=\"test\"><OrderRequest/></Request></cXML>";
    let little: Vec<u8> = [0xFF, 0xFE].into_iter().chain(xml.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(xml.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let bare: Vec<u8> = xml.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [xml.as_bytes().to_vec(), little, big, bare] {
        let found = interchanges(&bytes).interchanges.remove(0);
        assert_eq!((found.control_number.as_str(), found.sender.id.as_str()), ("ö", "1"), "{:?}", bytes.get(..8));
        assert_eq!((found.document_type.as_str(), found.is_test()), ("OrderRequest", true));
        assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    }
    let euro = "<cXML payloadID='\u{20AC}\u{1D11E}'/>";
    for blanks in ["", " \n"] {
        let bare = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            blanks.encode_utf16().chain(euro.encode_utf16()).flat_map(bytes).collect()
        };
        for bytes in [bare(u16::to_be_bytes), bare(u16::to_le_bytes)] {
            let found = interchanges(&bytes).interchanges.remove(0);
            assert_eq!((found.control_number.as_str(), found.warnings.len()), ("\u{20AC}\u{1D11E}", 0));
        }
    }
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><cXML payloadID='\xF6'/>";
    assert_eq!(interchanges(latin).interchanges.remove(0).control_number, "ö");
}

/// Found by fuzzing: what stands behind an error was read when it came in the same chunk.
#[test]
fn nothing_is_read_behind_an_error() {
    let xml = format!("<?xml version='1.0'?>text{}<a/>", "\n".repeat(30_000));
    let found = only(&xml);
    assert_eq!(found.document_type, "");
    let mut chunked = crate::Document::default();
    let mut reader = crate::Reader::new(crate::Limits::default());
    xml.as_bytes().chunks(1000).for_each(|chunk| assert_eq!(reader.push(chunk, &mut chunked), crate::Step::More));
    assert!(matches!(reader.finish(&mut chunked), crate::Finish::Done(_)));
    assert_eq!(chunked.interchanges, [found]);
}
