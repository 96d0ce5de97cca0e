//! The OpenAPI 3.1 document: the same loop over the catalogue that routes, so that it cannot tell another story.

use crate::rest::route::{Segment, template};
use api::Entry;
use hub::{Bulk, Rest, access::Policy};
use schemars::{
    SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

/// The document as text, always the same for the same program.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// The document.
pub fn document() -> Value {
    let (mut inputs, mut outputs) = (generator(Contract::Deserialize), generator(Contract::Serialize));
    let (mut paths, mut tags) = (Map::new(), Vec::new());
    for entry in api::catalogue() {
        let tag = json!({ "name": entry.spec.group.as_str() });
        if !tags.contains(&tag) {
            tags.push(tag);
        }
        for (nth, rest) in std::iter::once(&entry.spec.rest).chain(entry.spec.also).enumerate() {
            let operation = operation(entry, rest, nth, &mut inputs, &mut outputs);
            let path = paths.entry(shown(rest.path)).or_insert_with(|| json!({}));
            if let Some(path) = path.as_object_mut() {
                path.entry(rest.method.to_ascii_lowercase()).or_insert(operation);
            }
        }
    }
    let mut schemas = inputs.take_definitions(true);
    schemas.extend(outputs.take_definitions(true));
    schemas.insert("Envelope".into(), envelope());
    schemas.insert("Error".into(), error());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Crossdock",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A self-hosted EDI network, wire-compatible with the ECGrid REST API v2.6.",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "security": [{ "apiKey": [] }, { "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": { "Error": {
                "description": "Refused or failed. `errorCode` says why, in words of a closed list.",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
            } },
            "securitySchemes": {
                "apiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
            },
        },
    })
}

const ABOUT: &str = "Every answer comes in one envelope: `success`, `data`, and in a failure `errorCode`, `message` and \
`errors`.\n\nNames of members match in any letter case; `x-aliases` lists other documented spellings. Numbers may stand \
in quotes. Members that nobody knows are ignored.\n\nAn object that is missing and one that belongs to somebody else \
give the same answer: 404.";

fn generator(contract: Contract) -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    settings.contract = contract;
    settings.into_generator()
}

/// The media type of content as it is.
const CONTENT: &str = "application/octet-stream";

/// A path as documents show it.
fn shown(path: &'static str) -> String {
    template(path).fold(String::new(), |text, segment| match segment {
        Segment::Word(word) => format!("{text}/{word}"),
        Segment::Param { shown, .. } => format!("{text}/{{{shown}}}"),
    })
}

fn operation(
    entry: &Entry,
    rest: &Rest,
    nth: usize,
    inputs: &mut SchemaGenerator,
    outputs: &mut SchemaGenerator,
) -> Value {
    let spec = entry.spec;
    let mut input = Input::of(entry, inputs);
    let text = std::mem::take(&mut input.text);
    let (summary, description) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut operation = json!({
        "operationId": if nth == 0 { spec.name.to_owned() } else { format!("{}{}", spec.name, nth + 1) },
        "tags": [spec.group.as_str()],
        "summary": summary.trim().trim_end_matches('.'),
        "responses": responses(entry, outputs),
        "x-policy": format!("{:?}", spec.policy),
    });
    let aliases = aliases(spec.aliases);
    let mut parameters: Vec<Value> = template(rest.path).filter_map(|segment| input.in_path(segment)).collect();
    // A GET has no body; what else has parameters in its path takes the others from the query or from a body.
    if rest.method == "GET" || (rest.method == "DELETE" && !parameters.is_empty()) {
        parameters.extend(input.in_query());
    }
    if spec.bulk == Bulk::Input {
        parameters.extend(beside_content(Input::of(entry, inputs)));
    }
    let Some(members) = operation.as_object_mut() else { return operation };
    if !description.is_empty() {
        members.insert("description".into(), description.trim().into());
    }
    if !parameters.is_empty() {
        members.insert("parameters".into(), parameters.into());
    }
    if let Some(mut body) = input.in_body() {
        if spec.bulk == Bulk::Input {
            body["content"][CONTENT] = json!({});
            body["content"]["multipart/form-data"] = form(&body["content"]["application/json"]["schema"]);
        }
        members.insert("requestBody".into(), body);
    }
    if !aliases.is_empty() {
        members.insert("x-aliases".into(), aliases.into());
    }
    if spec.policy == Policy::Open {
        members.insert("security".into(), json!([]));
    }
    if nth > 0 {
        members.insert("x-same-as".into(), spec.name.into());
    }
    operation
}

/// Where the body is the content itself, the other members stand in the query.
fn beside_content(mut input: Input) -> Vec<Value> {
    input.properties.remove("content");
    input.required.clear();
    input.in_query()
}

/// A form: the members of an object in JSON, with a file in place of its content.
fn form(json: &Value) -> Value {
    let mut properties = object(json["properties"].clone());
    properties.remove("content");
    properties.insert("file".into(), json!({ "type": "string", "contentMediaType": CONTENT }));
    json!({ "schema": { "type": "object", "required": ["file"], "properties": properties } })
}

/// The other spellings of each field.
fn aliases(table: &[(&str, &str)]) -> Map<String, Value> {
    let mut aliases = Map::new();
    for (alias, field) in table {
        if let Some(list) = aliases.entry(*field).or_insert_with(|| json!([])).as_array_mut() {
            list.push((*alias).into());
        }
    }
    aliases
}

/// An operation's input, taken apart into path, query and body.
struct Input {
    text: String,
    properties: Map<String, Value>,
    required: Vec<Value>,
    example: Map<String, Value>,
}

impl Input {
    fn of(entry: &Entry, schemas: &mut SchemaGenerator) -> Self {
        let mut schema = Value::from((entry.input)(schemas));
        let mut take = |name| schema.get_mut(name).map(Value::take).unwrap_or_default();
        let (text, properties, required) = (take("description"), take("properties"), take("required"));
        Self {
            text: text.as_str().unwrap_or(entry.spec.name).to_owned(),
            properties: object(properties),
            required: if let Value::Array(required) = required { required } else { Vec::new() },
            example: object(serde_json::from_str((entry.example)()).unwrap_or_default()),
        }
    }

    fn take(&mut self, field: &str) -> (Value, Option<Value>, bool) {
        let needed = self.required.iter().any(|r| r == field);
        self.required.retain(|r| r != field);
        (self.properties.remove(field).unwrap_or_else(|| json!({})), self.example.remove(field), needed)
    }

    fn in_path(&mut self, segment: Segment) -> Option<Value> {
        let Segment::Param { shown, field } = segment else { return None };
        let (schema, example, _) = self.take(field);
        Some(parameter(shown, "path", true, schema, example))
    }

    fn in_query(&mut self) -> Vec<Value> {
        let fields: Vec<String> = self.properties.keys().cloned().collect();
        let of = |field: String| {
            let (mut schema, example, needed) = self.take(&field);
            nullable_no_more(&mut schema);
            parameter(&field, "query", needed, schema, example)
        };
        fields.into_iter().map(of).collect()
    }

    fn in_body(self) -> Option<Value> {
        if self.properties.is_empty() {
            return None;
        }
        let needed = !self.required.is_empty();
        let mut schema = json!({ "type": "object", "properties": self.properties });
        if needed && let Some(schema) = schema.as_object_mut() {
            schema.insert("required".into(), self.required.into());
        }
        let mut media = json!({ "schema": schema });
        if !self.example.is_empty()
            && let Some(media) = media.as_object_mut()
        {
            media.insert("example".into(), self.example.into());
        }
        Some(json!({ "required": needed, "content": { "application/json": media } }))
    }
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn parameter(name: &str, place: &str, required: bool, mut schema: Value, example: Option<Value>) -> Value {
    let text = schema.as_object_mut().and_then(|s| s.remove("description"));
    let mut parameter = json!({ "name": name, "in": place, "required": required, "schema": schema });
    if let Some(members) = parameter.as_object_mut() {
        members.extend(text.map(|text| ("description".to_owned(), text)));
        members.extend(example.map(|example| ("example".to_owned(), example)));
    }
    parameter
}

/// A query has no null: what is not there is left out.
fn nullable_no_more(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if let Some(kinds) = members.get_mut("type")
        && let Some(list) = kinds.as_array_mut()
    {
        list.retain(|kind| kind != "null");
        if let [only] = list.as_slice() {
            *kinds = only.clone();
        }
    }
    let null = json!({ "type": "null" });
    if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
        choices.retain(|choice| *choice != null);
        if choices.len() == 1
            && let Some(Value::Object(only)) = choices.pop()
        {
            members.remove("anyOf");
            members.extend(only);
        }
    }
}

fn responses(entry: &Entry, outputs: &mut SchemaGenerator) -> Value {
    let data = (entry.output)(outputs);
    let error = json!({ "$ref": "#/components/responses/Error" });
    let mut responses = json!({
        "200": {
            "description": "Done.",
            "content": { "application/json": { "schema": { "allOf": [
                { "$ref": "#/components/schemas/Envelope" },
                { "type": "object", "properties": { "data": data } },
            ] } } },
        },
        "400": error,
        "429": error,
        "default": error,
    });
    if entry.spec.bulk == Bulk::Output {
        responses["200"]["content"][CONTENT] = json!({});
    }
    if entry.spec.policy != Policy::Open
        && let Some(responses) = responses.as_object_mut()
    {
        for status in ["401", "403", "404"] {
            responses.insert(status.into(), error.clone());
        }
    }
    responses
}

fn envelope() -> Value {
    let text = json!({ "type": ["string", "null"] });
    let number = json!({ "type": "integer", "format": "int64" });
    json!({
        "type": "object",
        "description": "What every success comes in. Some operations add the members that are not required.",
        "required": ["success", "data"],
        "properties": {
            "success": { "const": true },
            "data": { "description": "What was asked for." },
            "errorCode": text,
            "message": text,
            "totalRecords": number,
            "pageNo": number,
            "recordsPerPage": number,
        },
    })
}

fn error() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "description": "What every failure comes in: the envelope, and a problem document (RFC 9457) at once.",
        "required": ["success", "data", "errorCode", "message", "type", "title", "status", "detail", "instance", "traceId"],
        "properties": {
            "success": { "const": false },
            "data": { "type": "null" },
            "errorCode": { "type": "string", "enum": [
                "InvalidAPIKey", "InvalidSession", "AccessDenied", "ObjectNotFound", "InvalidParameter",
                "DuplicateObject", "RateLimitExceeded", "InternalError",
            ] },
            "message": text,
            "type": { "type": "string", "format": "uri", "description": "The exact kind of error, as a URN." },
            "title": text,
            "status": { "type": "integer" },
            "detail": text,
            "instance": { "type": "string", "format": "uri", "description": "The request, as a URN." },
            "traceId": { "type": "string", "format": "uuid", "description": "The request, as in `X-Request-Id`." },
            "errors": { "type": "array", "items": {
                "type": "object", "required": ["param", "reason"], "properties": { "param": text, "reason": text },
            } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_schema_for_inputs_and_outputs() {
        let (mut inputs, mut outputs) = (generator(Contract::Deserialize), generator(Contract::Serialize));
        for entry in api::catalogue() {
            let _ = ((entry.input)(&mut inputs), (entry.output)(&mut outputs));
        }
        let (inputs, outputs) = (inputs.take_definitions(true), outputs.take_definitions(true));
        for (name, schema) in &inputs {
            assert_eq!(Some(schema), outputs.get(name).or(Some(schema)), "{name}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_operation_is_there() {
        fn check(value: &Value, document: &Value) {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(reference)) = map.get("$ref") {
                        let pointer = reference.trim_start_matches('#');
                        assert!(document.pointer(pointer).is_some(), "{reference}");
                    }
                    map.values().for_each(|value| check(value, document));
                }
                Value::Array(list) => list.iter().for_each(|value| check(value, document)),
                _ => {}
            }
        }
        let document = document();
        check(&document, &document);
        for entry in api::catalogue() {
            for rest in std::iter::once(&entry.spec.rest).chain(entry.spec.also) {
                let operation = document["paths"][shown(rest.path)].get(rest.method.to_ascii_lowercase());
                assert!(operation.is_some(), "{} {}", rest.method, rest.path);
            }
        }
    }

    #[test]
    fn a_parameter_is_shown_under_the_contracts_name_and_a_query_has_no_null() {
        assert_eq!(shown("/v2/users/{id=userId}"), "/v2/users/{id}");
        let mut schema = json!({ "anyOf": [{ "$ref": "#/x" }, { "type": "null" }] });
        nullable_no_more(&mut schema);
        assert_eq!(schema, json!({ "$ref": "#/x" }));
        let mut schema = json!({ "type": ["integer", "null"] });
        nullable_no_more(&mut schema);
        assert_eq!(schema, json!({ "type": "integer" }));
    }
}
