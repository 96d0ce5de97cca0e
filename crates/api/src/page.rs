//! Pages of lists (decisions D1 to D4, ruling 36).

use hub::{Error, Result, Totals};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Other documented spellings of the paging fields.
pub(crate) const ALIASES: &[(&str, &str)] = &[("pageSize", "recordsPerPage"), ("PageNumber", "pageNo")];

/// Rows that page numbers can reach.
const DEEPEST: i64 = 10_000;

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    page: i64,
    per_page: i64,
}

impl Paging {
    /// Reads the paging fields: absent or 0 is the default, negative or too large an error, never silently cut.
    pub fn read(page: Option<i64>, per_page: Option<i64>, index: Option<i64>, default: i64, most: i64) -> Result<Self> {
        let per_page = match per_page.unwrap_or(0) {
            0 => default,
            n if (1..=most).contains(&n) => n,
            _ => return Err(Error::parameter("recordsPerPage", format!("must be from 1 to {most}"))),
        };
        let page = match (page, index) {
            (Some(page), Some(index)) if page != index + 1 => {
                return Err(Error::parameter("pageNo", "is given twice with different values"));
            }
            (Some(page), _) => page.max(i64::from(page == 0)),
            (None, index) => index.map_or(1, |index| index.saturating_add(1)),
        };
        if page < 1 {
            return Err(Error::parameter("pageNo", "must be 1 or more"));
        }
        if (page - 1).saturating_mul(per_page) > DEEPEST {
            let reason = format!("pages reach {DEEPEST} rows deep; narrow the list with its other fields");
            return Err(Error::parameter("pageNo", reason));
        }
        Ok(Self { page, per_page })
    }

    /// As the store takes it.
    pub fn page(self) -> store::Page {
        store::Page { limit: self.per_page, skip: (self.page - 1) * self.per_page }
    }

    /// With the number of all.
    pub fn totals(self, total: i64) -> Totals {
        Totals { total, page: self.page, per_page: self.per_page }
    }
}

/// A list that is shown as a bare array; its totals stand beside it.
pub struct Listing<T> {
    items: Vec<T>,
    totals: Totals,
}

impl<T> Listing<T> {
    pub(crate) fn new<E: Into<T>>(items: Vec<E>, total: i64, paging: Paging) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), totals: paging.totals(total) }
    }
    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }
}
impl<T: Serialize> Serialize for Listing<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(s)
    }
}
impl<T: JsonSchema> JsonSchema for Listing<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }
    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(schemas)
    }
}
