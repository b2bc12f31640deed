//! W4: a thousand playbooks, loaded and checked.

use super::{Size, w1};
use crate::report::Line;
use crate::stage::Stage;
use anyhow::{Result, bail};
use std::process::{Command, Stdio};
use tokio::time::Instant;

const PLAYBOOKS: [usize; 3] = [250, 500, 1000];

const W4: &str = "W4 check";

pub(crate) async fn measure(stage: &mut Stage, size: Size) -> Result<Vec<Line>> {
    let sizes = PLAYBOOKS.map(|playbooks| size.of(playbooks));
    let mut costs: [Vec<f64>; 3] = Default::default();
    for (playbooks, costs) in sizes.into_iter().zip(&mut costs) {
        let folder = stage.fresh_folder()?;
        for number in 0..playbooks {
            let text = w1::PLAYBOOK.replace("name: bench", &format!("name: bench-{number}"));
            std::fs::write(folder.join(format!("bench-{number}.yaml")), text)?;
        }
        for _ in 0..size.rounds {
            let begun = Instant::now();
            let mut check = Command::new(stage.riposte());
            check.arg("check").arg(&folder).stdout(Stdio::null()).stderr(Stdio::null());
            if !check.status()?.success() {
                bail!("the playbooks of the benchmark are not in order");
            }
            costs.push(begun.elapsed().as_secs_f64() * 1e6 / playbooks as f64);
        }
        crate::note(&format!("{W4}: {playbooks} playbooks: {costs:.0?} µs each"));
    }
    Ok(super::by_size(W4, "µs a playbook", sizes.map(|playbooks| format!("of {playbooks}")), costs))
}
