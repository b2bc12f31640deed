//! One documented exchange, the operation that makes it, and the slips of the documentation between the two.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    path::Path,
    pin::Pin,
    sync::Arc,
};

use riposte_defender::{Malformed, Operation};
use serde_json::Value;

use super::shown::Shown;
use crate::examples::check;

/// What an answer became: the typed fields under the provider's names, and the documents that were kept as they came.
pub(crate) struct Read {
    pub(crate) shown: Value,
    pub(crate) raws: Vec<Value>,
}

impl Read {
    fn of(answer: &impl Shown) -> Read {
        Read { shown: answer.shown(), raws: answer.raws() }
    }
}

type Exchange = Pin<Box<dyn Future<Output = Read>>>;

/// A row of the table.
pub(crate) struct Row {
    /// Name of the file below `tests/examples`, without its ending.
    pub(crate) file: &'static str,
    /// Which exchange of the file: 0, then those under `more`.
    pub(crate) place: usize,
    /// The operation's name.
    pub(crate) operation: &'static str,
    /// The exchange as it is to be: the documented one, but for the slips below.
    example: Value,
    /// Documented names of fields, and where their values are found.
    renamed: BTreeMap<&'static str, &'static str>,
    /// Places whose value is read in another way, with what it is read as.
    read_as: BTreeMap<&'static str, &'static str>,
    exchange: Box<dyn Fn(Value) -> Exchange>,
    decode: Box<dyn Fn(Value) -> Result<Read, Malformed>>,
}

/// What is written down beside a slip is for the reader of the table.
type Why<'a> = &'a str;

impl Row {
    /// The first exchange of a file.
    pub(crate) fn new<O>(file: &'static str, operation: O) -> Row
    where
        O: Operation + 'static,
        O::Answer: Shown,
    {
        Row::more(file, 0, operation)
    }

    /// The exchange at a place of a file.
    pub(crate) fn more<O>(file: &'static str, place: usize, operation: O) -> Row
    where
        O: Operation + 'static,
        O::Answer: Shown,
    {
        let whole = load(file);
        let example = match place.checked_sub(1) {
            None => whole,
            Some(more) => whole["more"][more].clone(),
        };
        let operation = Arc::new(operation);
        let decoder = Arc::clone(&operation);
        Row {
            file,
            place,
            operation: O::NAME,
            example,
            renamed: BTreeMap::new(),
            read_as: BTreeMap::new(),
            exchange: Box::new(move |example| {
                let operation = Arc::clone(&operation);
                Box::pin(async move { Read::of(&check(&*operation, &example).await) })
            }),
            decode: Box::new(move |body| decoder.decode(body).map(|answer| Read::of(&answer))),
        }
    }

    /// The page shows no answer: this one of another example stands in.
    pub(crate) fn answered_by(mut self, file: &str, pointer: &str) -> Row {
        assert_eq!(self.example["response"]["body_documented"], false, "{}", self.file);
        self.example["response"]["body"] = body_of(file, pointer);
        self
    }

    /// The page's path cannot be sent as it stands.
    pub(crate) fn path(mut self, documented: &str, sent: &str, _: Why<'_>) -> Row {
        assert_eq!(self.example["request"]["path"], documented, "{}", self.file);
        self.example["request"]["path"] = sent.into();
        self
    }

    /// The documented operation is not served any more, so another one is asked, with this request.
    pub(crate) fn road(mut self, request: Value, _: Why<'_>) -> Row {
        assert_ne!(self.example["request"], request, "{}", self.file);
        self.example["request"] = request;
        self
    }

    /// The answer that this other operation documents.
    pub(crate) fn arriving_at(mut self, file: &str, pointer: &str) -> Row {
        self.example["response"]["status"] = load(file)["response"]["status"].clone();
        self.example["response"]["body"] = body_of(file, pointer);
        self
    }

    /// A field whose documented name is another one than the resource has.
    pub(crate) fn renamed(mut self, documented: &'static str, name: &'static str, _: Why<'_>) -> Row {
        self.renamed.insert(documented, name);
        self
    }

    /// A value that is read as something else.
    pub(crate) fn read_as(mut self, place: &'static str, value: &'static str, _: Why<'_>) -> Row {
        self.read_as.insert(place, value);
        self
    }

    /// Whether the answer stands on the operation's own page.
    pub(crate) fn is_answered(&self) -> bool {
        self.example["response"]["body_documented"] == true
    }

    /// The answer's body.
    pub(crate) fn body(&self) -> &Value {
        &self.example["response"]["body"]
    }

    /// Reads a body without a network.
    pub(crate) fn decode(&self, body: Value) -> Result<Read, Malformed> {
        (self.decode)(body)
    }

    /// The name under which a documented field is found.
    pub(crate) fn name_of<'a>(&self, documented: &'a str) -> &'a str {
        self.renamed.get(documented).copied().unwrap_or(documented)
    }

    /// What is to be read: place to text, under the names that the resource has.
    pub(crate) fn expected(&self) -> BTreeMap<String, String> {
        let mut unused: BTreeSet<&str> = self.renamed.keys().chain(self.read_as.keys()).copied().collect();
        let mut expected = BTreeMap::new();
        for (place, mut text) in leaves(self.body()) {
            if let Some(value) = self.read_as.get(place.as_str()) {
                unused.remove(place.as_str());
                text = (*value).to_owned();
            }
            let parts: Vec<_> = place
                .split('.')
                .map(|part| {
                    let documented = bare(part);
                    unused.remove(documented);
                    part.replacen(documented, self.name_of(documented), 1)
                })
                .collect();
            let place = parts.join(".");
            expected.insert(place, text);
        }
        assert!(unused.is_empty(), "{}: the documentation has no such slip any more: {unused:?}", self.file);
        expected
    }

    /// Sends the operation to a server that gives the documented answer, compares what arrived with the documented
    /// request, and what was read with the documented answer.
    #[expect(clippy::print_stdout, reason = "shown only if an assertion behind it fails")]
    pub(crate) async fn pass(&self) {
        println!("{} {} by {}", self.file, self.place, self.operation);
        let read = (self.exchange)(self.example.clone()).await;
        assert_eq!(leaves(&read.shown), self.expected());
        let body = self.body();
        let rows = body.get("value").and_then(Value::as_array).cloned();
        let documents = rows.unwrap_or_else(|| vec![body.clone()]);
        if !read.raws.is_empty() {
            assert_eq!(read.raws, documents);
        }
    }
}

/// An example, by the name of its file.
pub(crate) fn load(file: &str) -> Value {
    let path = folder().join(format!("{file}.json"));
    let text = std::fs::read_to_string(path).expect("the file of an example");
    serde_json::from_str(&text).expect("an example of json")
}

/// Where the examples are.
pub(crate) fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples")
}

fn body_of(file: &str, pointer: &str) -> Value {
    load(file)["response"]["body"].pointer(pointer).expect("an answer that can stand in").clone()
}

/// A name without its index: `value[0]` is `value`.
fn bare(part: &str) -> &str {
    part.split('[').next().unwrap_or_default()
}

/// Every value of a document that says something, as text, by its place: `value[0].ipAddresses[1].macAddress`. Nulls, empty
/// texts and OData's annotations say nothing.
pub(crate) fn leaves(document: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(document, String::new(), &mut found);
    found
}

fn collect(value: &Value, place: String, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => drop(found.insert(place, text.clone())),
        Value::Bool(_) | Value::Number(_) => drop(found.insert(place, value.to_string())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{place}[{index}]"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
                let dot = if place.is_empty() { "" } else { "." };
                collect(field, format!("{place}{dot}{name}"), found);
            }
        }
    }
}
