//! Lists of what deviates from a foreign suite, compared with what really does.

use std::collections::BTreeMap;

/// What was found: the names of cases under the reason of their deviation, in the order of the suite.
#[derive(Default)]
pub(crate) struct Deviations {
    found: BTreeMap<String, Vec<String>>,
}

impl Deviations {
    pub(crate) fn add(&mut self, reason: impl Into<String>, case: impl Into<String>) {
        self.found.entry(reason.into()).or_default().push(case.into());
    }

    /// How many cases deviate for reasons that begin like this.
    pub(crate) fn count(&self, reason: &str) -> usize {
        let fitting = self.found.iter().filter(|(found, _)| found.starts_with(reason));
        fitting.map(|(_, cases)| cases.len()).sum()
    }

    /// Panics unless a list (`# reason`, then a case a line; `> ` begins a line for people) says the same.
    #[track_caller]
    pub(crate) fn assert_listed(&self, list: &str) {
        let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut reason = "";
        for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with("> ")) {
            match line.strip_prefix("# ") {
                Some(next) => reason = next,
                None => listed.entry(reason.to_owned()).or_default().push(line.to_owned()),
            }
        }
        let missing = difference(&self.found, &listed);
        let vanished = difference(&listed, &self.found);
        assert!(
            missing.is_empty() && vanished.is_empty(),
            "deviations that are not listed:\n{}\nlisted deviations that are none, or have another reason:\n{}\n\nthe whole list \
             would be:\n\n{}",
            missing.join("\n"),
            vanished.join("\n"),
            self
        );
    }
}

fn difference(left: &BTreeMap<String, Vec<String>>, right: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let cases = left.iter().flat_map(|(reason, cases)| cases.iter().map(move |case| (reason, case)));
    cases
        .filter(|(reason, case)| right.get(*reason).is_none_or(|cases| !cases.contains(case)))
        .map(|(reason, case)| format!("  {case} ({reason})"))
        .collect()
}

impl std::fmt::Display for Deviations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (reason, cases)) in self.found.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            writeln!(f, "{gap}# {reason}\n{}", cases.join("\n"))?;
        }
        Ok(())
    }
}
