//! W3: one run that goes over ten thousand items.

use super::{MIB, PAUSE, Size, turns};
use crate::load;
use crate::report::{Line, Target};
use crate::stage::{Setup, Stage, TOKEN, Who};
use anyhow::{Result, bail};
use serde_json::json;
use sqlx::Row;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const PLAYBOOK: &str = r"name: bench
description: Goes over many items.

inputs:
  items: { type: array, items: { type: string } }

triggers:
  - webhook: bench
    auth: { bearer: { token: { credential: bench } } }
    bind: { items: $.items }

steps:
  - id: all
    for_each: inputs.items
    as: item
    steps:
      - id: note
        set: { name: 'item ${{ item }}' }
    outputs:
      name: ${{ steps.note.output.name }}
";

/// Items: as many as a loop may have, and fewer.
const ITEMS: [usize; 3] = [2_500, 5_000, 10_000];

const W3: &str = "W3 for_each";

pub(crate) async fn measure(stage: &mut Stage, size: Size) -> Result<Vec<Line>> {
    let sizes = ITEMS.map(|items| size.of(items));
    let mut costs: [Vec<f64>; 3] = Default::default();
    let mut most = Vec::new();
    for round in 0..size.rounds {
        let subject =
            stage.set_up(Who::Riposte, Setup { playbook: PLAYBOOK, pause: PAUSE, counting: false })?;
        let (process, address) = subject.start().await?;
        for (over, which) in turns(round, [0, 1, 2]).into_iter().enumerate() {
            let items = sizes[which];
            let names: Vec<String> = (0..items).map(|item| format!("device-{item}")).collect();
            let mut stream = TcpStream::connect(address).await?;
            let request = load::request(TOKEN, &json!({ "items": names }).to_string());
            stream.write_all(request.as_bytes()).await?;
            if !load::answer(&mut stream, &mut Vec::new()).await? {
                bail!("the list was not taken");
            }
            subject.until_over(over + 1).await?;
            let mut journal = subject.look().await?;
            let took = "SELECT finished_ms - started_ms FROM runs ORDER BY run DESC LIMIT 1";
            let took: i64 = sqlx::query(took).fetch_one(&mut journal).await?.try_get(0)?;
            crate::note(&format!("{W3}: {items} items took {took} ms"));
            costs[which].push(took as f64 * 1e3 / items as f64);
        }
        most.push(process.usage()?.resident_most as f64 / MIB);
        process.end().await?;
    }
    let mut lines = super::by_size(W3, "µs an item", sizes.map(|items| format!("of {items}")), costs);
    lines.push(Line::new(W3, "MiB at most").with(most).aims_at(Target::AtMost(80.0)));
    Ok(lines)
}
