//! What was measured, as one table for people and one document for programs.

use crate::stats::median;
use serde_json::{Value, json};

/// What a figure is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// At least so many times the floor's.
    OfFloorAtLeast(f64),
    /// At most so many times the floor's.
    OfFloorAtMost(f64),
    AtMost(f64),
    Below(f64),
}

/// One figure.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) workload: &'static str,
    pub(crate) figure: String,
    /// One for each round.
    pub(crate) riposte: Vec<f64>,
    pub(crate) floor: Vec<f64>,
    pub(crate) target: Option<Target>,
}

impl Line {
    pub(crate) fn new(workload: &'static str, figure: impl Into<String>) -> Line {
        Line { workload, figure: figure.into(), riposte: Vec::new(), floor: Vec::new(), target: None }
    }

    pub(crate) fn with(self, riposte: Vec<f64>) -> Line {
        Line { riposte, ..self }
    }

    pub(crate) fn beside(self, floor: Vec<f64>) -> Line {
        Line { floor, ..self }
    }

    pub(crate) fn aims_at(self, target: Target) -> Line {
        Line { target: Some(target), ..self }
    }

    /// riposte's median over the floor's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let floor = median(&self.floor).filter(|floor| *floor > 0.0)?;
        Some(median(&self.riposte)? / floor)
    }

    /// Whether the target is met; `None` if there is none, or nothing was measured.
    pub(crate) fn is_met(&self) -> Option<bool> {
        Some(match self.target? {
            Target::OfFloorAtLeast(least) => self.ratio()? >= least,
            Target::OfFloorAtMost(most) => self.ratio()? <= most,
            Target::AtMost(most) => median(&self.riposte)? <= most,
            Target::Below(most) => median(&self.riposte)? < most,
        })
    }

    fn target_text(&self) -> String {
        match self.target {
            None => String::new(),
            Some(Target::OfFloorAtLeast(least)) => format!("≥ {least} × floor"),
            Some(Target::OfFloorAtMost(most)) => format!("≤ {most} × floor"),
            Some(Target::AtMost(most)) => format!("≤ {most}"),
            Some(Target::Below(most)) => format!("< {most}"),
        }
    }

    fn cells(&self) -> [String; 7] {
        let met = self.is_met().map_or("", |met| if met { "yes" } else { "NO" });
        [
            self.workload.to_owned(),
            self.figure.clone(),
            number(median(&self.riposte)),
            number(median(&self.floor)),
            number(self.ratio()),
            self.target_text(),
            met.to_owned(),
        ]
    }

    fn document(&self) -> Value {
        json!({
            "workload": self.workload,
            "figure": self.figure,
            "riposte": { "median": median(&self.riposte), "rounds": self.riposte },
            "floor": { "median": median(&self.floor), "rounds": self.floor },
            "ratio": self.ratio(),
            "target": self.target.map(|_| self.target_text()),
            "met": self.is_met(),
        })
    }
}

const HEAD: [&str; 7] = ["workload", "figure", "riposte", "floor", "ratio", "target", "met"];

/// The table, in Markdown.
pub(crate) fn table(lines: &[Line]) -> String {
    let rows: Vec<[String; 7]> = lines.iter().map(Line::cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let row = |cells: [&str; 7]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.map(|width| "-".repeat(width));
    let mut table = row(HEAD) + &row(rule.each_ref().map(String::as_str));
    table.extend(rows.iter().map(|cells| row(cells.each_ref().map(String::as_str))));
    table
}

/// All of it in JSON.
pub(crate) fn document(machine: &Value, lines: &[Line]) -> Value {
    json!({ "machine": machine, "lines": lines.iter().map(Line::document).collect::<Vec<_>>() })
}

/// Three digits that count, no more.
fn number(value: Option<f64>) -> String {
    match value {
        None => String::new(),
        Some(value) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(value) if value.abs() >= 0.1 || value == 0.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        vec![
            Line::new("W1", "runs a second")
                .with(vec![1500.0, 900.0, 1600.0])
                .beside(vec![2000.0])
                .aims_at(Target::OfFloorAtLeast(0.8)),
            Line::new("W1", "flushes a run").with(vec![0.5]).aims_at(Target::Below(1.0)),
            Line::new("W3", "µs an item"),
        ]
    }

    #[test]
    fn the_table_has_medians_the_ratio_and_whether_the_target_is_met() {
        let expected = "\
| workload | figure        | riposte | floor | ratio | target        | met |
| -------- | ------------- | ------- | ----- | ----- | ------------- | --- |
| W1       | runs a second | 1500    | 2000  | 0.75  | ≥ 0.8 × floor | NO  |
| W1       | flushes a run | 0.50    |       |       | < 1           | yes |
| W3       | µs an item    |         |       |       |               |     |
";
        assert_eq!(table(&lines()), expected);
    }

    #[test]
    fn the_document_has_every_round() {
        let document = document(&json!({ "cores": 2 }), &lines());
        assert_eq!(document["machine"]["cores"], 2);
        let first = &document["lines"][0];
        assert_eq!(first["riposte"], json!({ "median": 1500.0, "rounds": [1500.0, 900.0, 1600.0] }));
        assert_eq!((&first["ratio"], &first["met"]), (&json!(0.75), &json!(false)));
        assert_eq!(document["lines"][2]["met"], Value::Null);
    }

    #[test]
    fn a_target_that_cannot_be_compared_is_neither_met_nor_missed() {
        let line = Line::new("W1", "x").with(vec![1.0]).aims_at(Target::OfFloorAtMost(2.0));
        assert_eq!(line.is_met(), None);
    }
}
