//! Several playbooks, checked together: they call each other by name.

use crate::load::{Loaded, Read, check, read};
use crate::signature::{Called, Signature, Signatures};
use crate::yaml::{Node, Spanned};
use crate::{Code, Diagnostic};
use indexmap::IndexMap;
use riposte_expr::with_parser_stack;
use riposte_model::Catalogue;
use std::collections::HashMap;
use std::ops::Range;

/// Most levels of playbooks that call each other.
pub const MAX_CALL_DEPTH: usize = 16;

/// Reads and checks playbooks that belong together. `files` are names for the reports, and texts; what comes back is in
/// the same order. Names are unique among them, and what they call is among them too.
pub fn load_all(files: Vec<(String, String)>, catalogue: &Catalogue) -> Vec<Loaded> {
    with_parser_stack(|| load_on_one_thread(files, catalogue))
}

fn load_on_one_thread(files: Vec<(String, String)>, catalogue: &Catalogue) -> Vec<Loaded> {
    let mut files: Vec<(String, Read)> = files
        .into_iter()
        .map(|(file, source)| {
            let read = read(&source);
            (file, read)
        })
        .collect();
    let heads: Vec<Head> = files.iter().map(|(_, read)| Head::of(read.root.as_ref())).collect();
    let graph = Graph::of(&heads);
    for (index, (other, span)) in graph.duplicates {
        let first = files[other].0.clone();
        files[index].1.found.push(
            Diagnostic::error(
                Code::DuplicatePlaybook,
                "another playbook has this name",
                span,
                format!("{first} is called so too"),
            )
            .with_help("names are unique: rename one of them"),
        );
    }
    for (index, span, problem) in graph.problems {
        files[index].1.found.push(problem.at(span));
    }

    let mut signatures = Signatures::unchecked(graph.by_name.keys());
    let mut loaded: Vec<Option<Loaded>> = files.iter().map(|_| None).collect();
    let mut files: Vec<Option<(String, Read)>> = files.into_iter().map(Some).collect();
    for index in graph.order {
        let Some((file, read)) = files.get_mut(index).and_then(Option::take) else { continue };
        let (checked, outputs) = check(&file, read, catalogue, Some(&signatures));
        if let Some(name) = &heads[index].name
            && graph.by_name.get(name) == Some(&index)
        {
            let called = match &checked.playbook {
                Some(playbook) => Called::Sound(Signature { inputs: playbook.inputs.clone(), outputs }),
                None => Called::Broken(file),
            };
            signatures.put(name, called);
        }
        loaded[index] = Some(checked);
    }
    loaded.into_iter().flatten().collect()
}

/// What is seen of a playbook before it is checked.
#[derive(Default)]
struct Head {
    name: Option<String>,
    name_span: Range<usize>,
    calls: Vec<(String, Range<usize>)>,
}

impl Head {
    fn of(root: Option<&Spanned<Node>>) -> Head {
        let mut head = Head::default();
        let Some(Spanned { value: Node::Map(entries), .. }) = root else { return head };
        for (key, value) in entries {
            match (key.value.as_str(), &value.value) {
                ("name", Node::Str(text)) => {
                    (head.name, head.name_span) = (Some(text.value.clone()), value.span.clone());
                }
                ("steps" | "on_failure" | "always", _) => calls(value, &mut head.calls),
                _ => {}
            }
        }
        head
    }
}

/// Every `call` in a list of steps. What is no step is told about by the check.
fn calls(steps: &Spanned<Node>, found: &mut Vec<(String, Range<usize>)>) {
    let Node::Seq(steps) = &steps.value else { return };
    for step in steps {
        let Node::Map(entries) = &step.value else { continue };
        for (key, value) in entries {
            match (key.value.as_str(), &value.value) {
                ("call", Node::Str(text)) => found.push((text.value.clone(), value.span.clone())),
                ("steps" | "parallel" | "on_failure" | "always", _) => calls(value, found),
                _ => {}
            }
        }
    }
}

/// Who calls whom.
struct Graph {
    /// The first playbook with each name.
    by_name: IndexMap<String, usize>,
    /// Who has the name of an earlier one, which that is, and where the name stands.
    duplicates: Vec<(usize, (usize, Range<usize>))>,
    /// Whoever is called comes before those that call it.
    order: Vec<usize>,
    problems: Vec<(usize, Range<usize>, CallProblem)>,
}

enum CallProblem {
    /// The names on the way round, beginning with the caller.
    Cycle(Vec<String>),
    TooDeep,
}

impl CallProblem {
    fn at(self, span: Range<usize>) -> Diagnostic {
        match self {
            CallProblem::Cycle(names) => Diagnostic::error(
                Code::CallCycle,
                "a playbook cannot call itself, however far round",
                span,
                format!("leads back here: {}", names.join(" → ")),
            )
            .with_help("put what both need into a third playbook"),
            CallProblem::TooDeep => Diagnostic::error(
                Code::CallCycle,
                format!("playbooks call each other at most {MAX_CALL_DEPTH} levels deep"),
                span,
                "one level too many",
            )
            .with_help("let this playbook do some of the steps itself"),
        }
    }
}

impl Graph {
    fn of(heads: &[Head]) -> Graph {
        let mut graph = Graph {
            by_name: IndexMap::new(),
            duplicates: Vec::new(),
            order: Vec::new(),
            problems: Vec::new(),
        };
        for (index, head) in heads.iter().enumerate() {
            let Some(name) = &head.name else { continue };
            match graph.by_name.get(name) {
                Some(first) => graph.duplicates.push((index, (*first, head.name_span.clone()))),
                None => drop(graph.by_name.insert(name.clone(), index)),
            }
        }
        graph.sort(heads);
        graph
    }

    /// Depth first, with a stack of its own: a chain of calls may be as long as there are files.
    fn sort(&mut self, heads: &[Head]) {
        /// How many levels are below each playbook that is done; `None`: it is on the stack.
        type Levels = HashMap<usize, Option<usize>>;
        let mut levels: Levels = HashMap::new();
        for root in 0..heads.len() {
            // A playbook, and how many of its calls have been followed.
            let mut stack = vec![(root, 0)];
            while let Some((index, followed)) = stack.last_mut() {
                let (index, call) = (*index, *followed);
                *followed += 1;
                if call == 0 {
                    if levels.contains_key(&index) {
                        stack.pop();
                        continue;
                    }
                    levels.insert(index, None);
                }
                // Each call is looked at when its turn comes, and again, with what is below, at the end.
                if let Some((name, span)) = heads[index].calls.get(call) {
                    let Some(&callee) = self.by_name.get(name) else { continue };
                    match levels.get(&callee) {
                        None => stack.push((callee, 0)),
                        Some(Some(_)) => {}
                        Some(None) => {
                            let from = stack.iter().position(|(on, _)| *on == callee).unwrap_or(0);
                            let names = stack[from..].iter().map(|(on, _)| *on).chain([callee]);
                            let names = names.map(|on| heads[on].name.clone().unwrap_or_default()).collect();
                            self.problems.push((index, span.clone(), CallProblem::Cycle(names)));
                        }
                    }
                    continue;
                }
                let below = |name: &String| levels.get(self.by_name.get(name)?).copied().flatten();
                let deepest =
                    heads[index].calls.iter().filter_map(|(name, span)| Some((below(name)? + 1, span)));
                let deepest = deepest.max_by_key(|(depth, _)| *depth);
                let depth = deepest.map_or(0, |(depth, _)| depth);
                // Whoever is just one level too many is told; those that call it would be told the same.
                if let Some((depth, span)) = deepest
                    && depth == MAX_CALL_DEPTH
                {
                    self.problems.push((index, span.clone(), CallProblem::TooDeep));
                }
                levels.insert(index, Some(depth));
                self.order.push(index);
                stack.pop();
            }
        }
    }
}
