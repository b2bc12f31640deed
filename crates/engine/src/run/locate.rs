//! From a path to the step of the playbook.

use riposte_model::StepPath;
use riposte_playbook::{Step, StepKind};

/// The step at this path; `None` if the playbook has none there.
pub(super) fn find<'p>(steps: &'p [Step], path: &StepPath) -> Option<&'p Step> {
    let mut list = steps;
    let mut found = None;
    for part in path.as_str().split('.') {
        let (id, branch) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            Some((id, number)) => (id, Some(number.parse::<usize>().ok()?)),
            None => (part, None),
        };
        let step = list.iter().find(|step| step.id == id)?;
        list = match (&step.kind, branch) {
            (StepKind::Block(inner), None) => inner,
            (StepKind::Parallel { branches, .. }, Some(number)) => branches.get(number)?,
            _ => &[],
        };
        found = Some(step);
    }
    found
}

/// The paths of the steps around this one, innermost first: of `a.b[2].c`, `a.b` and `a`.
pub(super) fn ancestors(path: &StepPath) -> impl Iterator<Item = StepPath> {
    let text = path.as_str();
    let cuts: Vec<usize> = text.match_indices('.').map(|(at, _)| at).collect();
    cuts.into_iter().rev().map(|at| {
        let parent = &text[..at];
        StepPath::root(parent.strip_suffix(']').and_then(|p| p.rsplit_once('[')).map_or(parent, |(p, _)| p))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_are_named_without_their_turn() {
        let path = StepPath::root("a").child("b").turn(2).child("c");
        let names: Vec<_> = ancestors(&path).map(|path| path.to_string()).collect();
        assert_eq!(names, ["a.b", "a"]);
    }
}
