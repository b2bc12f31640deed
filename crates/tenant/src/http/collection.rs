//! `$filter`, `$top`, `$skip` and `pageSize`: which rows of a collection are answered, and where the next ones are.

use url::form_urlencoded::{byte_serialize, parse};

use super::error::ApiError;
use crate::config::MAX_PAGE;
use crate::odata::{Field, Filter, Row};

/// What was asked of a collection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    filter: Option<(Filter, String)>,
    top: Option<usize>,
    skip: usize,
    page_size: Option<usize>,
}

/// The rows of one page.
#[derive(Debug, PartialEq)]
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    /// The query of the next page, if there is one.
    pub(super) next: Option<String>,
}

impl Query {
    /// Reads a query as sent. Options that Defender's collections do not document are errors, other names are not.
    pub(super) fn parse(query: &str, fields: &'static [Field]) -> Result<Self, ApiError> {
        let mut read = Self { filter: None, top: None, skip: 0, page_size: None };
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in parse(query.as_bytes()) {
            if seen.iter().any(|other| *other == name) {
                return Err(ApiError::odata(format!("The query option '{name}' comes twice.")));
            }
            match name.as_ref() {
                "$filter" => {
                    let filter = Filter::parse(&value, fields)
                        .map_err(|error| ApiError::odata(format!("Invalid filter clause: {error}.")))?;
                    read.filter = Some((filter, value.into_owned()));
                }
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
        let mut rows = rows
            .filter(|row| self.filter.as_ref().is_none_or(|(filter, _)| filter.matches(row)))
            .skip(self.skip);
        let page: Vec<T> = rows.by_ref().take(size).collect();
        let more = wanted > size && rows.next().is_some();
        Page { next: more.then(|| self.next(size)), rows: page }
    }

    fn next(&self, size: usize) -> String {
        let mut options = Vec::new();
        if let Some((_, filter)) = &self.filter {
            options.push(format!("$filter={}", byte_serialize(filter.as_bytes()).collect::<String>()));
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

    const FIELDS: &[Field] = &[Field { name: "n", kind: FieldType::NumberOrText }];

    impl Row for u32 {
        fn value(&self, _: &str) -> Value {
            Value::Number((*self).into())
        }
    }

    fn page(query: &str) -> (Vec<u32>, Option<String>) {
        let page = Query::parse(query, FIELDS).unwrap().page(0_u32..10, 6);
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
    fn bad_options_are_odata_errors() {
        for query in
            ["$top=x", "$top=10001", "$skip=-1", "$stop=1", "$filter=", "$top=1&$top=1", "$filter=m eq 1"]
        {
            let error = Query::parse(query, FIELDS).unwrap_err();
            assert_eq!(error.body()["error"]["code"], "ODataError", "{query}");
        }
    }
}
