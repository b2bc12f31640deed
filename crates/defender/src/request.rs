//! A request as a value: what an operation asks for, before anything is sent.

use std::fmt;

use serde_json::{Map, Value};
use url::Url;

use crate::{budget::Class, form::Form, paging::Paging, wire::Malformed};

/// Longest part of a path that is sent. Device ids have 40 characters, computer names up to 255.
pub const MAX_SEGMENT_BYTES: usize = 512;
/// Longest address that is sent. Servers commonly refuse more than 8 KiB, without saying so clearly.
pub const MAX_URL_BYTES: usize = 8 * 1024;

/// One call of the Defender API, as a value.
///
/// Building and decoding are pure; [`Client::send`](crate::Client::send) does the rest. A new operation is a struct with
/// its parameters and this trait.
pub trait Operation: Send + Sync {
    /// What a successful answer becomes.
    type Answer;

    /// The operation's stable name in logs and metrics, in snake case.
    const NAME: &'static str;

    /// What it is counted with against the documented limits.
    const CLASS: Class = Class::General;

    /// What is to be sent.
    fn request(&self) -> RequestParts;

    /// Reads a successful answer; `Null` stands for an empty body. For a [paged](Operation::paging) operation the answer
    /// is one object whose `value` has the rows of all pages.
    ///
    /// # Errors
    /// When the answer lacks what the type cannot do without.
    fn decode(&self, answer: Value) -> Result<Self::Answer, Malformed>;

    /// How to go on after the first page; None for an operation whose answer is one document.
    fn paging(&self) -> Option<Paging> {
        None
    }
}

/// The HTTP methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Acts or creates.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// Method, path, query and body of one request. `Debug` leaves the body out.
#[derive(Clone, PartialEq)]
pub struct RequestParts {
    /// HTTP method.
    pub method: Method,
    /// Parts of the path below `/api`, not encoded.
    pub segments: Vec<String>,
    /// Names and values of the query, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// What it carries.
    pub body: Body,
}

/// What a request carries.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A JSON object.
    Json(Map<String, Value>),
    /// A form with a file.
    Form(Form),
}

/// Why a request cannot be built. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// A part of the path is empty, `.` or `..`: it would address something else.
    #[error("part {position} of the path is empty or a dot segment")]
    Segment {
        /// Place in the path, from 1.
        position: usize,
    },
    /// A part of the path holds control characters.
    #[error("part {position} of the path holds control characters")]
    Control {
        /// Place in the path, from 1.
        position: usize,
    },
    /// A part of the path exceeds [`MAX_SEGMENT_BYTES`].
    #[error("part {position} of the path is longer than {MAX_SEGMENT_BYTES} bytes")]
    LongSegment {
        /// Place in the path, from 1.
        position: usize,
    },
    /// The address exceeds [`MAX_URL_BYTES`]; mostly a filter with too many values.
    #[error("the address is longer than {MAX_URL_BYTES} bytes")]
    LongUrl,
    /// A value is not what the operation takes.
    #[error("`{name}` is not {expected}")]
    Value {
        /// Which one.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// An update that says nothing that is to be changed.
    #[error("there is nothing to change: none of {0} is given")]
    NoChange(&'static str),
    /// A live response session has no command.
    #[error("there is no command to run")]
    NoCommand,
    /// The HTTP library refused to build the request.
    #[error("the http library refuses the request")]
    Http,
}

impl RequestParts {
    /// Begins a GET of a path below `/api`.
    pub fn get<const N: usize>(segments: [&str; N]) -> RequestParts {
        RequestParts::new(Method::Get, segments)
    }

    /// Begins a POST to a path below `/api`, with an empty JSON object as body.
    pub fn post<const N: usize>(segments: [&str; N]) -> RequestParts {
        RequestParts { body: Body::Json(Map::new()), ..RequestParts::new(Method::Post, segments) }
    }

    /// Begins a POST of a form to a path below `/api`.
    pub fn upload<const N: usize>(segments: [&str; N], form: Form) -> RequestParts {
        RequestParts { body: Body::Form(form), ..RequestParts::new(Method::Post, segments) }
    }

    /// Begins a request without a body.
    pub fn new<const N: usize>(method: Method, segments: [&str; N]) -> RequestParts {
        let segments = segments.into_iter().map(str::to_owned).collect();
        RequestParts { method, segments, query: Vec::new(), body: Body::Empty }
    }

    /// Adds one key of the body, which becomes a JSON object if it is none yet; in a form the value becomes its text.
    /// Keys are case-sensitive.
    pub fn field(mut self, key: &str, value: impl Into<Value>) -> RequestParts {
        match (&mut self.body, value.into()) {
            (Body::Json(fields), value) => {
                fields.insert(key.to_owned(), value);
            }
            (Body::Form(form), Value::String(text)) => form.push(key, text),
            (Body::Form(form), value) => form.push(key, value.to_string()),
            (Body::Empty, value) => self.body = Body::Json(Map::from_iter([(key.to_owned(), value)])),
        }
        self
    }

    /// Adds one key of the body when there is a value: absent optional fields are not sent as null.
    pub fn optional_field(self, key: &str, value: Option<impl Into<Value>>) -> RequestParts {
        match value {
            Some(value) => self.field(key, value),
            None => self,
        }
    }

    /// Sets one parameter of the query, replacing an earlier one of this name.
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> RequestParts {
        self.query.retain(|(known, _)| *known != name);
        self.query.push((name, value.into()));
        self
    }

    /// Sets one parameter of the query when there is a value.
    pub fn optional_query(self, name: &'static str, value: Option<impl ToString>) -> RequestParts {
        match value {
            Some(value) => self.query(name, value.to_string()),
            None => self,
        }
    }

    /// The whole address below a base like `https://host/api`.
    pub(crate) fn url(&self, base: &Url) -> Result<Url, InvalidRequest> {
        for (index, segment) in self.segments.iter().enumerate() {
            check_segment(segment, index + 1)?;
        }
        let mut url = base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&self.segments);
        }
        url.set_query(self.encoded_query().as_deref());
        if url.as_str().len() > MAX_URL_BYTES {
            return Err(InvalidRequest::LongUrl);
        }
        Ok(url)
    }

    /// Blanks become `%20`: form encoding's `+` is read as a plus sign by stricter servers. The `$` of OData's names stays
    /// as documented.
    fn encoded_query(&self) -> Option<String> {
        let mut text = String::new();
        for (name, value) in &self.query {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(name);
            text.push('=');
            // A blank comes alone.
            let parts = url::form_urlencoded::byte_serialize(value.as_bytes());
            text.extend(parts.map(|part| if part == "+" { "%20" } else { part }));
        }
        (!text.is_empty()).then_some(text)
    }
}

/// The `url` crate silently skips dot segments, drops tabs and line breaks and keeps empty parts; each of these would turn
/// `machines/{id}/isolate` into another address.
fn check_segment(segment: &str, position: usize) -> Result<(), InvalidRequest> {
    if matches!(segment, "" | "." | "..") {
        return Err(InvalidRequest::Segment { position });
    }
    if segment.chars().any(char::is_control) {
        return Err(InvalidRequest::Control { position });
    }
    if segment.len() > MAX_SEGMENT_BYTES {
        return Err(InvalidRequest::LongSegment { position });
    }
    Ok(())
}

impl fmt::Debug for RequestParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestParts")
            .field("method", &self.method)
            .field("segments", &self.segments)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(id: &str) -> Result<String, InvalidRequest> {
        let base = Url::parse("https://api.example.com/api").expect("a constant address");
        RequestParts::post(["machines", id, "isolate"]).url(&base).map(String::from)
    }

    #[test]
    fn a_path_part_cannot_become_two() {
        for (id, encoded) in [
            ("1e5b", "1e5b"),
            ("a/b", "a%2Fb"),
            ("a\\b", "a%5Cb"),
            ("a?b#c", "a%3Fb%23c"),
            ("%2e%2e", "%252e%252e"),
            ("desk top.contoso.com", "desk%20top.contoso.com"),
            ("büro", "b%C3%BCro"),
        ] {
            assert_eq!(url(id), Ok(format!("https://api.example.com/api/machines/{encoded}/isolate")));
        }
    }

    #[test]
    fn a_path_part_that_would_vanish_is_refused() {
        for id in ["", ".", ".."] {
            assert_eq!(url(id), Err(InvalidRequest::Segment { position: 2 }));
        }
        for id in ["a\tb", "a\nb", "\u{0}", "a\u{7f}"] {
            assert_eq!(url(id), Err(InvalidRequest::Control { position: 2 }));
        }
        assert_eq!(url(&"a".repeat(MAX_SEGMENT_BYTES + 1)), Err(InvalidRequest::LongSegment { position: 2 }));
    }

    #[test]
    fn a_query_value_is_encoded_without_plus_for_blank() {
        let base = Url::parse("https://api.example.com/api").expect("a constant address");
        let parts = RequestParts::get(["machineactions"])
            .query("$top", "1")
            .query("$filter", "machineId eq 'a+b & c'")
            .query("$top", "2");
        assert_eq!(
            parts.url(&base).map(String::from).as_deref(),
            Ok(
                "https://api.example.com/api/machineactions?$filter=machineId%20eq%20%27a%2Bb%20%26%20c%27&$top=2"
            )
        );
        let long = RequestParts::get(["machineactions"]).query("$filter", "x".repeat(MAX_URL_BYTES));
        assert_eq!(long.url(&base), Err(InvalidRequest::LongUrl));
    }

    #[test]
    fn debug_leaves_the_body_out() {
        let parts = RequestParts::post(["machines"]).field("Comment", "only for the provider");
        assert!(!format!("{parts:?}").contains("only for"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// What a strict server finds in the address is what was asked for, or nothing leaves.
        #[test]
        fn any_text_stays_in_its_place(id in any::<String>(), value in any::<String>()) {
            let base = Url::parse("https://api.example.com/api").expect("a constant address");
            let parts = RequestParts::post(["machines", &id, "isolate"]).query("$filter", &*value);
            if let Ok(url) = parts.url(&base) {
                let segments: Vec<_> = url.path_segments().expect("a path").collect();
                prop_assert_eq!(segments.len(), 4);
                // A form gives a meaning to three marks that a path leaves alone.
                let decode = |text: &str| {
                    let form = text.replace('+', "%2B").replace('=', "%3D").replace('&', "%26");
                    url::form_urlencoded::parse(form.as_bytes()).next().map(|(name, _)| name.into_owned())
                };
                prop_assert_eq!(decode(segments[2]), Some(id));
                prop_assert_eq!(segments[3], "isolate");
                prop_assert!(!url.query().unwrap_or_default().contains('+'));
                let query: Vec<_> = url.query_pairs().into_owned().collect();
                prop_assert_eq!(query, [("$filter".to_owned(), value)]);
                prop_assert_eq!(url.fragment(), None);
            }
        }
    }
}
