//! Builds the tree from the parser's events, within limits, and refuses what files here do not use.

use super::{Form, Limits, Node, Spanned, Text, fault, scalar, slip};
use crate::diagnostic::quote;
use crate::{Code, Diagnostic, Diagnostics};
use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle};
use std::collections::HashMap;
use std::ops::Range;

/// A mapping or a list whose end has not come yet.
enum Open {
    Seq {
        start: usize,
        items: Vec<Spanned<Node>>,
    },
    Map {
        start: usize,
        entries: Vec<(Spanned<String>, Spanned<Node>)>,
        key: Key,
        known: HashMap<String, Range<usize>>,
    },
}

/// What a mapping waits for.
enum Key {
    /// A key.
    Awaited,
    /// The value of this key.
    Read(Spanned<String>),
    /// A value that nobody wants, because its key was refused.
    Refused,
}

struct Reader<'s> {
    source: &'s str,
    limits: &'s Limits,
    found: Diagnostics,
    open: Vec<Open>,
    root: Option<Spanned<Node>>,
    nodes: usize,
    /// Something was left out whose value is not known: what the tree says would be misleading.
    incomplete: bool,
}

/// Reads as much as makes sense: the tree comes back whenever checking it further tells the author more.
pub(crate) fn read_on(source: &str, limits: &Limits) -> (Option<Spanned<Node>>, Diagnostics) {
    let mut reader = Reader {
        source,
        limits,
        found: Diagnostics::new(),
        open: Vec::new(),
        root: None,
        nodes: 0,
        incomplete: false,
    };
    // What costs nothing to see comes first.
    if source.len() > limits.bytes {
        reader.found.push(fault::too_large(source.len(), limits.bytes));
    } else if fault::characters(source, &mut reader.found) {
        reader.run();
    }
    let root = reader.root.filter(|_| !reader.incomplete);
    (root, reader.found)
}

impl Reader<'_> {
    fn run(&mut self) {
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            emit_comments: false,
            // One more than we allow: the parser looks ahead, and ours is the better message.
            flow_nesting_limit: self.limits.depth + 1,
            block_nesting_limit: self.limits.depth + 1,
        };
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(self.source, options) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or(self.source.len());
                    let problem = fault::syntax(self.source, error.kind(), offset, self.limits);
                    // One slip can be an alias first, and then no YAML.
                    if !self.found.iter().any(|told| *told == problem) {
                        self.found.push(problem);
                    }
                    self.incomplete = true;
                    return;
                }
            };
            let place = span.byte_range().unwrap_or(0..0);
            if let Some(tag) = span.tag_span().and_then(|tag| tag.byte_range()) {
                self.tag(tag);
            }
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.second_document(place);
                        return;
                    }
                }
                Event::Scalar(text, style, ..) => self.scalar(&text, style, place),
                Event::SequenceStart(..) => self.enter(place, |start| Open::Seq { start, items: Vec::new() }),
                Event::MappingStart(..) => self.enter(place, |start| Open::Map {
                    start,
                    entries: Vec::new(),
                    key: Key::Awaited,
                    known: HashMap::new(),
                }),
                Event::SequenceEnd | Event::MappingEnd => self.leave(place),
                Event::Anchor(..) => self.anchor(place),
                Event::Alias(_) | Event::UnresolvedAlias(_) => self.alias(place),
                _ => {}
            }
            if self.over_limits() {
                self.incomplete = true;
                return;
            }
        }
        if self.root.is_none() {
            self.root = Some(Spanned { value: Node::Null, span: 0..0 });
        }
    }

    fn over_limits(&mut self) -> bool {
        if self.nodes > self.limits.nodes {
            self.found.push(fault::too_many_nodes(self.limits.nodes));
            return true;
        }
        if self.open.len() > self.limits.depth {
            let start = self.open.last().map_or(0, Open::start);
            self.found.push(fault::too_deep(self.source, start, self.limits.depth));
            return true;
        }
        self.found.is_full()
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, mut span: Range<usize>) {
        self.nodes += 1;
        let form = match style {
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => Form::Bare,
            ScalarStyle::SingleQuoted => Form::Single,
            ScalarStyle::DoubleQuoted => Form::Double,
        };
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            // A block runs to the next line that is not its own.
            span = span.start..span.start + self.source.get(span).unwrap_or_default().trim_end().len();
        }
        let node = match style {
            ScalarStyle::Plain => scalar::resolve(text),
            _ => Ok(Node::Str(Text { value: text.to_owned(), form })),
        };
        if let Some(Open::Map { key: Key::Awaited, .. }) = self.open.last() {
            let is_merge = style == ScalarStyle::Plain && text == "<<";
            let is_text = !matches!(node, Ok(Node::Null));
            return self.key(text, span, is_merge, is_text);
        }
        let value = node.unwrap_or_else(|_| {
            self.found.push(
                Diagnostic::error(
                    Code::Number,
                    format!("{} is no number that can be held", quote(text)),
                    span.clone(),
                    "not a finite number of at most 64 bits",
                )
                .with_help(format!(
                    "if it is meant as text, put it in quotes: \"{}\"",
                    quote(text).trim_matches('`')
                )),
            );
            self.incomplete = true;
            Node::Null
        });
        self.place(Spanned { value, span });
    }

    fn key(&mut self, text: &str, span: Range<usize>, is_merge: bool, is_text: bool) {
        let Some(Open::Map { key, known, .. }) = self.open.last_mut() else { return };
        *key = Key::Refused;
        if is_merge {
            self.found.push(
                Diagnostic::error(Code::MergeKey, "merge keys are not used here", span, "a merge key")
                    .with_help("write the keys out where they belong"),
            );
            self.incomplete = true;
        } else if !is_text {
            self.found.push(fault::bad_key(span));
            self.incomplete = true;
        } else if let Some(first) = known.get(text) {
            let problem = Diagnostic::error(
                Code::DuplicateKey,
                format!("the key {} stands here twice", quote(text)),
                span,
                "again",
            )
            .with_secondary(first.clone(), "first here")
            .with_help("keep one of them");
            self.found.push(problem);
        } else {
            known.insert(text.to_owned(), span.clone());
            *key = Key::Read(Spanned { value: text.to_owned(), span });
        }
    }

    fn enter(&mut self, span: Range<usize>, open: impl FnOnce(usize) -> Open) {
        self.nodes += 1;
        self.open.push(open(span.start));
    }

    fn leave(&mut self, end: Range<usize>) {
        let (start, value, last) = match self.open.pop() {
            None => return,
            Some(Open::Seq { start, items }) => {
                let last = items.last().map_or(start, |item| item.span.end);
                (start, Node::Seq(items), last)
            }
            Some(Open::Map { start, entries, .. }) => {
                let last = entries.last().map_or(start, |(key, value)| value.span.end.max(key.span.end));
                (start, Node::Map(entries), last)
            }
        };
        // In block style the end comes with the next token; in flow style it is the bracket.
        let end = if end.is_empty() { last } else { end.end };
        self.place(Spanned { value, span: start..end.max(start) });
    }

    fn place(&mut self, node: Spanned<Node>) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Seq { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match std::mem::replace(key, Key::Awaited) {
                Key::Read(key) => entries.push((key, node)),
                Key::Refused => {}
                Key::Awaited => {
                    *key = Key::Refused;
                    self.found.push(fault::bad_key(node.span));
                    self.incomplete = true;
                }
            },
        }
    }

    fn tag(&mut self, span: Range<usize>) {
        let text = self.source.get(span.clone()).unwrap_or_default();
        let problem = Diagnostic::error(
            Code::Tag,
            format!("tags like {} are not used here", quote(text)),
            span,
            "a tag",
        );
        self.found.push(problem.with_help("remove it; put text in quotes"));
        self.incomplete = true;
    }

    fn anchor(&mut self, span: Range<usize>) {
        let problem = Diagnostic::error(Code::Anchor, "anchors are not used here", span, "an anchor");
        self.found.push(problem.with_help("remove it, and write the value out where it is needed"));
    }

    fn alias(&mut self, span: Range<usize>) {
        self.found.push(slip::bare_cron(self.source, span.start).unwrap_or_else(|| {
            Diagnostic::error(Code::Anchor, "aliases are not used here", span.clone(), "an alias")
                .with_help("write the value out, or put the text in quotes")
        }));
        self.incomplete = true;
        if let Some(Open::Map { key: key @ Key::Awaited, .. }) = self.open.last_mut() {
            *key = Key::Refused;
        } else {
            self.place(Spanned { value: Node::Null, span });
        }
    }

    fn second_document(&mut self, span: Range<usize>) {
        let problem = Diagnostic::error(
            Code::ManyDocuments,
            "a file holds one document",
            span,
            "a second one begins here",
        );
        self.found.push(problem.with_help("move it to a file of its own"));
        self.incomplete = true;
    }
}

impl Open {
    fn start(&self) -> usize {
        match self {
            Open::Seq { start, .. } | Open::Map { start, .. } => *start,
        }
    }
}
