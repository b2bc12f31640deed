//! `$filter`, `$orderby`, `$count`, `$top`, `$skip`, `pageSize` and `$select`: which rows of a collection are answered,
//! with what of each, and where the next ones are.

use serde_json::{Map, Value as Json};
use url::form_urlencoded::{byte_serialize, parse};

use super::error::ApiError;
use crate::config::MAX_PAGE;
use crate::odata::{Field, Filter, OrderBy, Row};

/// What there is to know about the rows of a collection.
#[derive(Debug)]
pub(super) struct Columns {
    /// What may be filtered and sorted by.
    pub(super) fields: &'static [Field],
    /// Every property of a row, as written.
    pub(super) properties: &'static [&'static str],
}

/// What was asked of a collection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    // With the text as sent, which the link to the next page repeats.
    filter: Option<(Filter, String)>,
    order: Option<(OrderBy, String)>,
    select: Option<(Select, String)>,
    count: Option<bool>,
    top: Option<usize>,
    skip: usize,
    page_size: Option<usize>,
}

/// The rows of one page.
#[derive(Debug, PartialEq)]
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    /// How many rows there are on all pages, if that was asked.
    count: Option<usize>,
    /// The query of the next page, if there is one.
    pub(super) next: Option<String>,
}

impl Query {
    /// Reads a query as sent. Options that Defender's collections do not document are errors, other names are not.
    pub(super) fn parse(query: &str, columns: &Columns) -> Result<Self, ApiError> {
        let mut read = Self {
            filter: None,
            order: None,
            select: None,
            count: None,
            top: None,
            skip: 0,
            page_size: None,
        };
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in parse(query.as_bytes()) {
            if seen.iter().any(|other| *other == name) {
                return Err(ApiError::odata(format!("The query option '{name}' comes twice.")));
            }
            match name.as_ref() {
                "$filter" => {
                    let filter = Filter::parse(&value, columns.fields)
                        .map_err(|error| ApiError::odata(format!("Invalid filter clause: {error}.")))?;
                    read.filter = Some((filter, value.into_owned()));
                }
                "$orderby" => {
                    let order = OrderBy::parse(&value, columns.fields)
                        .map_err(|error| ApiError::odata(format!("Invalid orderby clause: {error}.")))?;
                    read.order = Some((order, value.into_owned()));
                }
                "$select" => {
                    read.select = Some((Select::parse(&value, columns.properties)?, value.into_owned()));
                }
                "$count" => read.count = Some(truth("$count", &value)?),
                "$top" => read.top = Some(number("$top", &value, MAX_PAGE)?),
                "$skip" => read.skip = number("$skip", &value, usize::MAX)?,
                "pageSize" => read.page_size = Some(number("pageSize", &value, MAX_PAGE)?.max(1)),
                other if other.starts_with('$') => {
                    return Err(ApiError::odata(format!("The query option '{other}' is not supported.")));
                }
                _ => continue,
            }
            seen.push(name.into_owned());
        }
        Ok(read)
    }

    /// Takes the page out of all rows. `most` is the tenant's own page size.
    pub(super) fn page<T: Row>(&self, rows: impl Iterator<Item = T>, most: usize) -> Page<T> {
        let wanted = self.top.unwrap_or(usize::MAX);
        let size = wanted.min(self.page_size.unwrap_or(most)).min(most);
        let passes = |row: &T| self.filter.as_ref().is_none_or(|(filter, _)| filter.matches(row));
        let mut rows: Vec<T> = rows.filter(passes).collect();
        if let Some((order, _)) = &self.order {
            rows = order.sort(rows);
        }
        let all = rows.len();
        let more = wanted > size && all.saturating_sub(self.skip) > size;
        Page {
            rows: rows.into_iter().skip(self.skip).take(size).collect(),
            count: self.count.unwrap_or(false).then_some(all),
            next: more.then(|| self.next(size)),
        }
    }

    /// Writes a page, without its context and the link to the next one.
    pub(super) fn body<T>(&self, page: &Page<T>, write: impl Fn(&T) -> Json) -> Json {
        let rows = page.rows.iter().map(write).map(|row| match (&self.select, row) {
            (Some((select, _)), Json::Object(row)) => Json::Object(select.project(row)),
            (_, row) => row,
        });
        let mut body = Map::new();
        if let Some(count) = page.count {
            body.insert("@odata.count".into(), count.into());
        }
        body.insert("value".into(), rows.collect());
        Json::Object(body)
    }

    fn next(&self, size: usize) -> String {
        let mut options = Vec::new();
        let texts = [
            ("$filter", self.filter.as_ref().map(|(_, text)| text)),
            ("$orderby", self.order.as_ref().map(|(_, text)| text)),
            ("$select", self.select.as_ref().map(|(_, text)| text)),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                options.push(format!("{name}={}", byte_serialize(text.as_bytes()).collect::<String>()));
            }
        }
        if let Some(count) = self.count {
            options.push(format!("$count={count}"));
        }
        if let Some(top) = self.top {
            options.push(format!("$top={}", top.saturating_sub(size)));
        }
        if let Some(page_size) = self.page_size {
            options.push(format!("pageSize={page_size}"));
        }
        options.push(format!("$skip={}", self.skip.saturating_add(size)));
        options.join("&")
    }
}

/// The properties that are wanted of each row.
#[derive(Debug, Clone, PartialEq)]
struct Select(Vec<&'static str>);

impl Select {
    fn parse(text: &str, properties: &[&'static str]) -> Result<Self, ApiError> {
        let mut selected = Vec::new();
        for name in text.split(',').map(str::trim) {
            if name == "*" {
                return Ok(Self(properties.to_vec()));
            }
            let found = properties.iter().find(|property| property.eq_ignore_ascii_case(name));
            let property = *found.ok_or_else(|| {
                ApiError::odata(format!("Invalid select clause: the property '{name}' does not exist here."))
            })?;
            if !selected.contains(&property) {
                selected.push(property);
            }
        }
        Ok(Self(selected))
    }

    fn project(&self, mut row: Map<String, Json>) -> Map<String, Json> {
        row.retain(|name, _| self.0.contains(&name.as_str()));
        row
    }
}

fn truth(name: &str, text: &str) -> Result<bool, ApiError> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(ApiError::odata(format!("'{name}' must be true or false."))),
    }
}

fn number(name: &str, text: &str, most: usize) -> Result<usize, ApiError> {
    text.parse()
        .ok()
        .filter(|number| *number <= most)
        .ok_or_else(|| ApiError::odata(format!("'{name}' must be a whole number from 0 to {most}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::odata::{FieldType, Value};

    const COLUMNS: Columns =
        Columns { fields: &[Field { name: "n", kind: FieldType::NumberOrText }], properties: &["n", "half"] };

    impl Row for u32 {
        fn value(&self, _: &str) -> Value {
            Value::Number((*self).into())
        }
    }

    fn page(query: &str) -> (Vec<u32>, Option<String>) {
        let page = Query::parse(query, &COLUMNS).unwrap().page(0_u32..10, 6);
        (page.rows, page.next)
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        assert_eq!(page(""), ((0..6).collect(), Some("$skip=6".into())));
        assert_eq!(page("$skip=6"), ((6..10).collect(), None));
        assert_eq!(page("$top=3"), ((0..3).collect(), None));
        assert_eq!(page("$top=8"), ((0..6).collect(), Some("$top=2&$skip=6".into())));
        assert_eq!(page("$top=2&$skip=6"), ((6..8).collect(), None));
        assert_eq!(page("$top=0"), (vec![], None));
        assert_eq!(page("$skip=99"), (vec![], None));
        assert_eq!(page("pageSize=5"), ((0..5).collect(), Some("pageSize=5&$skip=5".into())));
        assert_eq!(page("pageSize=5&$skip=5"), ((5..10).collect(), None));
        let (rows, next) = page("%24filter=n+ge+3&pageSize=4&other=x");
        assert_eq!(rows, vec![3, 4, 5, 6]);
        assert_eq!(next.as_deref(), Some("$filter=n+ge+3&pageSize=4&$skip=4"));
        assert_eq!(page(&next.unwrap()), (vec![7, 8, 9], None));
    }

    #[test]
    fn the_count_is_of_all_pages_and_only_where_it_is_asked() {
        let body = |query: &str| {
            let query = Query::parse(query, &COLUMNS).unwrap();
            let page = query.page(0_u32..10, 6);
            query.body(&page, |n| serde_json::json!({ "n": n, "half": n / 2 }))
        };
        let counted = body("$count=TRUE&$filter=N ge 3&$skip=1&$top=2&$select=Half");
        assert_eq!(counted.to_string(), r#"{"@odata.count":7,"value":[{"half":2},{"half":2}]}"#);
        assert_eq!(body("$count=false&$top=1").to_string(), r#"{"value":[{"n":0,"half":0}]}"#);
        assert_eq!(body("$top=1&$select=half, n").to_string(), r#"{"value":[{"n":0,"half":0}]}"#);
        assert_eq!(body("$top=1&$select=*"), body("$top=1"));
    }

    #[test]
    fn the_next_page_is_ordered_and_counted_like_the_first() {
        let (rows, next) = page("$orderby=n desc&$count=true&$select=n");
        assert_eq!(rows, vec![9, 8, 7, 6, 5, 4]);
        assert_eq!(next.as_deref(), Some("$orderby=n+desc&$select=n&$count=true&$skip=6"));
        assert_eq!(page(&next.unwrap()), (vec![3, 2, 1, 0], None));
    }

    #[test]
    fn bad_options_are_odata_errors() {
        for query in [
            "$top=x",
            "$top=10001",
            "$skip=-1",
            "$stop=1",
            "$filter=",
            "$top=1&$top=1",
            "$filter=m eq 1",
            "$count=1",
            "$orderby=half",
            "$select=",
            "$select=n,m",
        ] {
            let error = Query::parse(query, &COLUMNS).unwrap_err();
            assert_eq!(error.body()["error"]["code"], "ODataError", "{query}");
        }
    }
}
