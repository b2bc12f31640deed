//! Reading a collection to its end: which page comes next is decided here, purely.
//!
//! A `@odata.nextLink` is followed on the API's own host only; links to other hosts have been seen, and the token must not
//! go there. Without a usable link the next page is asked for with `$top` and `$skip`. Either way the result is the whole
//! collection or an error: half a list that looks whole would let a caller repeat what already happened.

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use crate::{
    error::Incompleteness,
    request::{MAX_URL_BYTES, RequestParts},
    wire::Malformed,
};

/// Most pages that are read of one collection.
pub const MAX_PAGES: usize = 20;
/// Most rows that are held of one collection.
pub const MAX_ITEMS: usize = 20_000;
/// Most bytes that are read of one collection, after decompression.
pub const MAX_LISTING_BYTES: usize = 64 * 1024 * 1024;
/// Most rows of one page, as documented for machine actions:
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection>.
pub const MAX_PAGE_ROWS: usize = 10_000;

/// How a paged operation goes on after its first page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paging {
    /// How many rows are wanted at most, over all pages; None for all of them.
    pub at_most: Option<usize>,
}

/// What to ask for next.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    Done,
    Follow(Url),
    Ask(RequestParts),
}

/// Why a page cannot be used.
#[derive(Debug, PartialEq)]
pub(crate) enum PageError {
    Malformed(Malformed),
    Incomplete(Incompleteness),
}

/// The rows of a collection so far.
pub(crate) struct Collector {
    base: Url,
    first: RequestParts,
    at_most: Option<usize>,
    /// Rows that the latest page was allowed to have.
    page_rows: usize,
    pages: usize,
    /// Rows received, repeated ones included: what `$skip` counts.
    received: usize,
    seen: HashSet<String>,
    rows: Vec<Value>,
    /// The links that were followed, so that a circle is noticed.
    followed: HashSet<Url>,
}

impl Collector {
    pub(crate) fn new(base: Url, first: RequestParts, paging: Paging) -> Collector {
        let at_most = paging.at_most;
        let page_rows = at_most.unwrap_or(MAX_PAGE_ROWS).min(MAX_PAGE_ROWS);
        Collector {
            base,
            first,
            at_most,
            page_rows,
            pages: 0,
            received: 0,
            seen: HashSet::new(),
            rows: Vec::new(),
            followed: HashSet::new(),
        }
    }

    /// The collection as one document.
    pub(crate) fn into_document(self) -> Value {
        // `json!` would copy every row.
        Value::Object(Map::from_iter([("value".to_owned(), Value::Array(self.rows))]))
    }

    /// Takes a page in and tells what comes next.
    pub(crate) fn add(&mut self, mut page: Value) -> Result<Next, PageError> {
        let Some(Value::Array(rows)) = page.get_mut("value").map(Value::take) else {
            return Err(PageError::Malformed(Malformed { expected: "a collection with a list of values" }));
        };
        self.pages += 1;
        let full = rows.len() >= self.page_rows;
        self.received += rows.len();
        let fresh = self.keep_new(rows);
        if let Some(at_most) = self.at_most
            && self.rows.len() >= at_most
        {
            self.rows.truncate(at_most);
            return Ok(Next::Done);
        }
        if self.rows.len() > MAX_ITEMS {
            return Err(PageError::Incomplete(Incompleteness::Rows { limit: MAX_ITEMS }));
        }

        let link = page.get("@odata.nextLink").and_then(Value::as_str).filter(|link| !link.is_empty());
        if link.is_none() && !full {
            return Ok(Next::Done);
        }
        if self.pages >= MAX_PAGES {
            return Err(PageError::Incomplete(Incompleteness::Pages { limit: MAX_PAGES }));
        }
        if let Some(url) = link.and_then(|link| on_same_host(&self.base, link)) {
            // An empty page may announce more, but not behind a link that has led here already.
            if !self.followed.insert(url.clone()) && fresh == 0 {
                return Err(PageError::Incomplete(Incompleteness::Stuck));
            }
            return Ok(Next::Follow(url));
        }
        if link.is_some() {
            tracing::warn!("a next link points at another host and is not followed");
        }
        // A server that ignores `$skip` sends the same rows for ever.
        if fresh == 0 {
            return Err(PageError::Incomplete(Incompleteness::Stuck));
        }
        Ok(Next::Ask(self.following()))
    }

    /// Keeps the rows that are new. Rows move between pages while actions are created, so one may come twice.
    fn keep_new(&mut self, rows: Vec<Value>) -> usize {
        let before = self.rows.len();
        for row in rows {
            let known =
                row.get("id").and_then(Value::as_str).is_some_and(|id| !self.seen.insert(id.to_owned()));
            if !known {
                self.rows.push(row);
            }
        }
        self.rows.len() - before
    }

    fn following(&mut self) -> RequestParts {
        let left = self.at_most.map_or(MAX_PAGE_ROWS, |at_most| at_most.saturating_sub(self.rows.len()));
        self.page_rows = left.min(MAX_PAGE_ROWS);
        self.first.clone().query("$top", self.page_rows.to_string()).query("$skip", self.received.to_string())
    }
}

/// The link, if it stays on scheme, host, port and path of the API and brings no credentials of its own.
fn on_same_host(base: &Url, link: &str) -> Option<Url> {
    if link.len() > MAX_URL_BYTES {
        return None;
    }
    let url = base.join(link).ok()?;
    let below = url.path().strip_prefix(base.path()).is_some_and(|rest| rest.starts_with('/'));
    let bare = url.username().is_empty() && url.password().is_none();
    (url.origin() == base.origin() && below && bare).then_some(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn collector(at_most: Option<usize>) -> Collector {
        let base = Url::parse("https://api.example.com/api").expect("a constant address");
        Collector::new(base, RequestParts::get(["machineactions"]), Paging { at_most })
    }

    fn page(ids: std::ops::Range<usize>, link: Option<&str>) -> Value {
        let rows: Vec<_> = ids.map(|id| json!({ "id": id.to_string() })).collect();
        let mut page = json!({ "value": rows });
        if let Some(link) = link {
            page["@odata.nextLink"] = link.into();
        }
        page
    }

    fn asked(next: &Result<Next, PageError>) -> &[(&'static str, String)] {
        match next {
            Ok(Next::Ask(parts)) => &parts.query,
            other => panic!("not a question: {other:?}"),
        }
    }

    #[test]
    fn a_page_that_is_not_full_is_the_last() {
        let mut collector = collector(None);
        assert_eq!(collector.add(page(0..3, None)), Ok(Next::Done));
        assert_eq!(collector.into_document()["value"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn a_full_page_is_followed_by_skipping_what_came() {
        let mut collector = collector(Some(15_000));
        let next = collector.add(page(0..10_000, None));
        assert_eq!(asked(&next), [("$top", "5000".to_owned()), ("$skip", "10000".to_owned())]);
        assert_eq!(collector.add(page(10_000..15_000, None)), Ok(Next::Done));
    }

    #[test]
    fn a_link_is_followed_on_the_same_host_only() {
        let own = "https://api.example.com/api/machineactions?$skiptoken=x";
        let expected = Url::parse(own).expect("a constant address");
        assert_eq!(collector(None).add(page(0..1, Some(own))), Ok(Next::Follow(expected)));
        for foreign in [
            "https://api.example.org/api/machineactions?$skip=1",
            "http://api.example.com/api/machineactions",
            "https://api.example.com:8443/api/machineactions",
            "https://user@api.example.com/api/machineactions",
            "https://api.example.com/other",
            "https://api.example.com/apiother",
            "https://api.example.com.example.org/api/machineactions",
            "//other.example/api/x",
            "file:///api/x",
        ] {
            let next = collector(None).add(page(0..1, Some(foreign)));
            assert_eq!(asked(&next), [("$top", "10000".to_owned()), ("$skip", "1".to_owned())], "{foreign}");
        }
    }

    #[test]
    fn a_row_that_comes_twice_is_kept_once() {
        let mut collector = collector(None);
        let own = "https://api.example.com/api/machineactions?$skiptoken=x";
        assert!(collector.add(page(0..3, Some(own))).is_ok());
        assert_eq!(collector.add(page(2..5, None)), Ok(Next::Done));
        assert_eq!(collector.into_document()["value"].as_array().map(Vec::len), Some(5));
    }

    #[test]
    fn more_that_never_comes_is_an_error() {
        let foreign = Some("https://api.example.org/api/x");
        let mut collector = collector(None);
        assert!(collector.add(page(0..2, foreign)).is_ok());
        assert_eq!(collector.add(page(0..2, foreign)), Err(PageError::Incomplete(Incompleteness::Stuck)));
    }

    #[test]
    fn links_that_lead_in_a_circle_are_an_error_and_empty_pages_are_not() {
        let own = |token: &str| format!("https://api.example.com/api/machineactions?$skiptoken={token}");
        let mut circle = collector(None);
        for token in ["x", "y"] {
            assert!(matches!(circle.add(page(0..2, Some(&own(token)))), Ok(Next::Follow(_))));
        }
        assert_eq!(
            circle.add(page(0..2, Some(&own("x")))),
            Err(PageError::Incomplete(Incompleteness::Stuck))
        );
        let mut sparse = collector(None);
        for token in ["x", "y", "z"] {
            assert!(matches!(sparse.add(page(0..0, Some(&own(token)))), Ok(Next::Follow(_))));
        }
        assert_eq!(sparse.add(page(0..1, None)), Ok(Next::Done));
    }

    #[test]
    fn pages_and_rows_are_limited() {
        let own = Some("https://api.example.com/api/machineactions?$skiptoken=x");
        let mut pages = collector(None);
        for n in 1..MAX_PAGES {
            assert!(matches!(pages.add(page(n..n + 1, own)), Ok(Next::Follow(_))));
        }
        let limit = Incompleteness::Pages { limit: MAX_PAGES };
        assert_eq!(pages.add(page(0..1, own)), Err(PageError::Incomplete(limit)));

        let limit = Incompleteness::Rows { limit: MAX_ITEMS };
        assert_eq!(collector(None).add(page(0..MAX_ITEMS + 1, None)), Err(PageError::Incomplete(limit)));
    }

    #[test]
    fn no_more_than_wanted_is_given() {
        let mut collector = collector(Some(2));
        assert_eq!(collector.add(page(0..5, None)), Ok(Next::Done));
        assert_eq!(collector.into_document()["value"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_page_without_values_is_malformed() {
        for odd in [json!({}), json!([]), json!(null), json!({"value": null}), json!({"value": {}})] {
            assert!(matches!(collector(None).add(odd), Err(PageError::Malformed(_))));
        }
    }

    /// Where a question begins: what a server would read of it.
    fn position(next: Next) -> Option<usize> {
        let number = |pairs: Vec<(String, String)>, name: &str| {
            pairs.into_iter().find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok())
        };
        match next {
            Next::Done => None,
            Next::Follow(url) => number(url.query_pairs().into_owned().collect(), "$skiptoken"),
            Next::Ask(parts) => {
                let pairs = parts.query.into_iter().map(|(name, value)| (name.to_owned(), value));
                number(pairs.collect(), "$skip")
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Pages of any size, some empty, each with a link that can be followed or one that cannot.
        #[test]
        fn a_collection_is_whole_whatever_links_lead_through_it(
            total in 0..60_usize,
            pages in prop::collection::vec((0..9_usize, any::<bool>()), 1..MAX_PAGES),
        ) {
            let mut collector = collector(None);
            let (mut at, mut turn) = (0, 0);
            let outcome = loop {
                // What is left comes with the last page.
                let (size, own) = pages.get(turn).copied().unwrap_or((total, true));
                let end = (at + size).min(total);
                let host = if own { "api.example.com" } else { "api.example.org" };
                let link = format!("https://{host}/api/machineactions?$skiptoken={end}&turn={turn}");
                let next = collector.add(page(at..end, (end < total).then_some(link.as_str())));
                match next {
                    Err(error) => break Err(error),
                    Ok(next) => match position(next) {
                        Some(position) => (at, turn) = (position, turn + 1),
                        None => break Ok(collector.into_document()["value"].as_array().map(Vec::len)),
                    },
                }
            };
            // Nothing new behind a link that leads away is no end.
            let stuck = Err(PageError::Incomplete(Incompleteness::Stuck));
            let sizes = pages.iter().take(turn + 1);
            if outcome == stuck {
                prop_assert!(sizes.clone().any(|page| *page == (0, false)), "{pages:?}");
            } else {
                prop_assert_eq!(outcome, Ok(Some(total)));
            }
        }
    }
}
