//! What the parts cost, one by one.

use criterion::{Criterion, criterion_group, criterion_main};

fn nothing(_: &mut Criterion) {}

criterion_group!(parts, nothing);
criterion_main!(parts);
