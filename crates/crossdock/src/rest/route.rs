//! The route table: literal segments match in any letter case, with or without a final slash, and before parameters
//! (rulings 6 and 7, decision C13).

use std::collections::HashMap;

/// One segment of a path as an operation declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Matches itself.
    Word(&'static str),
    /// Matches anything but nothing.
    Param {
        /// The name in documents: the contract's.
        shown: &'static str,
        /// The input field it fills.
        field: &'static str,
    },
}

/// Reads a template such as `/v2/users/key/{id=userId}`: shown as `{id}`, fills `userId`.
pub fn template(path: &'static str) -> impl Iterator<Item = Segment> {
    path.split('/').filter(|segment| !segment.is_empty()).map(|segment| {
        let Some(inner) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) else {
            return Segment::Word(segment);
        };
        let (shown, field) = inner.split_once('=').unwrap_or((inner, inner));
        Segment::Param { shown, field }
    })
}

/// What one method of a path leads to.
#[derive(Debug)]
pub struct End<T> {
    /// The method.
    pub method: &'static str,
    /// The input field of each path parameter, from left to right.
    pub fields: Vec<&'static str>,
    /// Where it leads.
    pub to: T,
}

/// A table of paths.
#[derive(Debug)]
pub struct Routes<T> {
    words: HashMap<String, Self>,
    any: Option<Box<Self>>,
    ends: Vec<End<T>>,
}

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self { words: HashMap::new(), any: None, ends: Vec::new() }
    }
}

impl<T> Routes<T> {
    /// Adds a path. Of two that are the same, the first stays.
    pub fn add(&mut self, method: &'static str, path: &'static str, to: T) {
        let (mut node, mut fields) = (self, Vec::new());
        for segment in template(path) {
            node = match segment {
                Segment::Word(word) => node.words.entry(word.to_ascii_lowercase()).or_default(),
                Segment::Param { field, .. } => {
                    fields.push(field);
                    node.any.get_or_insert_default()
                }
            };
        }
        if node.ends.iter().all(|end| end.method != method) {
            node.ends.push(End { method, fields, to });
        }
    }

    /// The methods of a path, and what stands where its parameters are.
    pub fn find(&self, path: &str) -> Option<(&[End<T>], Vec<String>)> {
        let path = path.strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<&str> = path.split('/').collect();
        let mut values = Vec::new();
        let node = self.walk(&segments, &mut values)?;
        Some((&node.ends, values))
    }

    fn walk(&self, segments: &[&str], values: &mut Vec<String>) -> Option<&Self> {
        let Some((first, rest)) = segments.split_first() else {
            return (!self.ends.is_empty()).then_some(self);
        };
        // What is no UTF-8 becomes a character that fits no field, so that it is refused where fields are read.
        let text = percent_encoding::percent_decode_str(first).decode_utf8_lossy();
        let word = self.words.get(&text.to_ascii_lowercase());
        if let Some(found) = word.and_then(|node| node.walk(rest, values)) {
            return Some(found);
        }
        let node = self.any.as_deref().filter(|_| !text.is_empty())?;
        values.push(text.into_owned());
        let found = node.walk(rest, values);
        if found.is_none() {
            values.pop();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes<&'static str> {
        let mut routes = Routes::default();
        for (method, path, to) in [
            ("GET", "/v2/users/me", "me"),
            ("GET", "/v2/users/{id=userId}", "user"),
            ("DELETE", "/v2/users/{id=userId}", "end"),
            ("GET", "/v2/users/key/{id}", "key"),
            ("GET", "/v2/users/{id}/api-key", "alias"),
            ("POST", "/v2/users", "create"),
        ] {
            routes.add(method, path, to);
        }
        routes
    }

    /// Method, target and fields of every end of a path, and the values of its parameters.
    fn find(path: &str) -> Option<String> {
        let routes = routes();
        let (ends, values) = routes.find(path)?;
        let ends: Vec<String> =
            ends.iter().map(|end| format!("{} {}({})", end.method, end.to, end.fields.join(","))).collect();
        Some(format!("{} {values:?}", ends.join(" ")))
    }

    #[test]
    fn a_literal_comes_before_a_parameter() {
        assert_eq!(find("/v2/users/me").as_deref(), Some("GET me() []"));
        assert_eq!(find("/v2/users/17").as_deref(), Some(r#"GET user(userId) DELETE end(userId) ["17"]"#));
        assert_eq!(find("/v2/users/key/7").as_deref(), Some(r#"GET key(id) ["7"]"#));
    }

    #[test]
    fn a_literal_that_leads_nowhere_gives_way_to_a_parameter() {
        assert_eq!(find("/v2/users/key/api-key").as_deref(), Some(r#"GET key(id) ["api-key"]"#));
        assert_eq!(find("/v2/users/me/api-key").as_deref(), Some(r#"GET alias(id) ["me"]"#));
        assert_eq!(find("/v2/users/key").as_deref(), Some(r#"GET user(userId) DELETE end(userId) ["key"]"#));
    }

    #[test]
    fn letter_case_and_a_final_slash_do_not_matter() {
        assert_eq!(find("/V2/Users/ME/").as_deref(), Some("GET me() []"));
        assert_eq!(find("/v2/users/").as_deref(), Some("POST create() []"));
    }

    #[test]
    fn parameters_are_decoded_once_and_stay_one_segment() {
        assert_eq!(
            find("/v2/users/a%2Fb%20c%2541").as_deref(),
            Some(r#"GET user(userId) DELETE end(userId) ["a/b c%41"]"#)
        );
        assert_eq!(find("/v2/users/%FF").as_deref(), Some("GET user(userId) DELETE end(userId) [\"\u{fffd}\"]"));
        assert_eq!(find("/v2/%75sers/me").as_deref(), Some("GET me() []"));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in ["", "/", "*", "/v2", "/v2//users", "/v2/users//", "/v2/users/key/", "/v2/users/1/2", "v2/users"] {
            let found = find(path);
            assert!(found.is_none() || path == "/v2/users/key/", "{path}: {found:?}");
        }
    }
}
