//! The workloads.

pub(crate) mod w1;
pub(crate) mod w2;
pub(crate) mod w3;
pub(crate) mod w4;
pub(crate) mod w5;
pub(crate) mod w6;

use crate::report::{Line, Target};
use crate::stats::median;
use std::time::Duration;

/// How much of everything there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Rounds of which the median is taken.
    pub(crate) rounds: usize,
    /// Only a look: a tenth of everything.
    pub(crate) quick: bool,
}

impl Size {
    /// So many, or a tenth of it.
    pub(crate) fn of(self, many: usize) -> usize {
        if self.quick { many / 10 } else { many }
    }
}

/// Shortest pause between two looks at an action, for both. As many actions as it can be asked after in a second (a hundred
/// with each question, one question every two pauses) must be more than there will be.
pub(crate) const PAUSE: Duration = Duration::from_millis(1);

/// Time for a process to come to rest before its memory is looked at.
pub(crate) const REST: Duration = Duration::from_millis(1000);

pub(crate) const MIB: f64 = 1_048_576.0;

/// What is linear costs as much for each at the largest size as at the smallest, but for what the caches of a processor do.
const LINEAR: f64 = 1.5;

/// Three things in the order in which they take their turns in this round: whoever comes later finds what others have left to
/// the disk and the caches. Who comes before whom stays, but for the first.
pub(crate) fn turns<T>(round: usize, mut three: [T; 3]) -> [T; 3] {
    three.rotate_left(round % 3);
    three
}

/// A line for each of three sizes, and whether the cost is linear.
pub(crate) fn by_size(
    workload: &'static str,
    figure: &str,
    sizes: [String; 3],
    costs: [Vec<f64>; 3],
) -> Vec<Line> {
    let growth = match (median(&costs[0]), median(&costs[2])) {
        (Some(small), Some(large)) if small > 0.0 => vec![large / small],
        _ => Vec::new(),
    };
    let named = sizes.into_iter().zip(costs);
    let mut lines: Vec<Line> =
        named.map(|(size, costs)| Line::new(workload, format!("{figure}, {size}")).with(costs)).collect();
    let linear = Line::new(workload, "cost of each, largest over smallest").with(growth);
    lines.push(linear.aims_at(Target::AtMost(LINEAR)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_more_the_more_there_is_is_not_linear() {
        let sizes = || ["1", "2", "3"].map(str::to_owned);
        let grows = by_size("W3", "µs", sizes(), [vec![1.0, 1.1, 0.9], vec![2.0], vec![4.0, 4.2, 3.9]]);
        assert_eq!(grows.len(), 4);
        assert_eq!(grows[3].is_met(), Some(false));
        let stays = by_size("W3", "µs", sizes(), [vec![1.0], vec![1.2], vec![1.1]]);
        assert_eq!(stays[3].is_met(), Some(true));
    }
}
