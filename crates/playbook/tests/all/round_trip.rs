//! What a file says is in its plan, all of it: any playbook loads, prints and loads again to the same plan.

mod made;
mod print;

use crate::{catalogue::catalogue, check, editor};
use made::Choices;
use proptest::prelude::*;
use riposte_playbook::{Playbook, Style, load_all};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Loads a playbook beside the one that it may call.
fn loaded(source: &str) -> Arc<Playbook> {
    let sources = [("made.yaml", source), ("other.yaml", made::OTHER)];
    let sources = sources.map(|(name, source)| (name.to_owned(), source.to_owned())).to_vec();
    let mut loaded = load_all(sources, &catalogue()).into_iter();
    let made = loaded.next().unwrap();
    assert!(!made.report.has_errors(), "{}\n{source}", made.report.render(Style::Plain));
    made.playbook.unwrap()
}

/// A plan as text, without what depends on how the file is laid out.
fn plan(playbook: &Playbook) -> String {
    let Playbook { name, hash: _, source: _, description, inputs, triggers, concurrency, body, outputs } =
        playbook;
    let plan = format!(
        "{name:?} {description:#?} {inputs:#?} {triggers:#?} {concurrency:#?} {body:#?} {outputs:#?}"
    );
    let is_layout = |line: &&str| !line.trim_start().starts_with("line: ");
    plan.lines().filter(is_layout).collect::<Vec<_>>().join("\n")
}

/// The first line that two plans do not share.
fn difference(one: &str, other: &str) -> Option<(String, String)> {
    let padded = |plan: &str| plan.lines().map(str::to_owned).chain([String::new()]).collect::<Vec<_>>();
    let pairs = padded(one).into_iter().zip(padded(other));
    pairs.into_iter().find(|(one, other)| one != other)
}

/// What `said` has and `kept` has not, by its place.
fn lost(said: &Value, kept: &Value, place: &str) -> Vec<String> {
    match (said, kept) {
        (Value::Object(said), Value::Object(kept)) => {
            let entries = said.iter().flat_map(|(key, value)| {
                lost(value, kept.get(key).unwrap_or(&Value::Null), &format!("{place}/{key}"))
            });
            entries.collect()
        }
        (Value::Array(said), Value::Array(kept)) if said.len() == kept.len() => {
            let items = said.iter().zip(kept).enumerate();
            items.flat_map(|(index, (said, kept))| lost(said, kept, &format!("{place}/{index}"))).collect()
        }
        (Value::Number(said), Value::Number(kept)) if said.as_f64() == kept.as_f64() => Vec::new(),
        (said, kept) if said == kept => Vec::new(),
        (said, kept) => vec![format!("{place}: {said} became {kept}")],
    }
}

/// The same playbook, its keys in the opposite order wherever their order means nothing.
fn turned_round(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries = map.iter().rev().map(|(key, value)| {
                let ordered =
                    matches!(key.as_str(), "inputs" | "set" | "with" | "outputs" | "properties" | "bind");
                (key.clone(), if ordered { value.clone() } else { turned_round(value) })
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(turned_round).collect()),
        value => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_playbook_loads_prints_and_loads_again_to_the_same_plan(
        choices in prop::collection::vec(any::<u8>(), 0..400)
    ) {
        let said = made::playbook(&mut Choices::new(choices));
        let source = serde_yaml::to_string(&said).unwrap();
        let first = loaded(&source);
        prop_assert_eq!(editor::problems(&source), [""; 0], "{}", source);

        let printed = print::playbook(&first);
        let mut kept = said.clone();
        // What steps take that say nothing else is in the steps afterwards.
        kept.as_object_mut().unwrap().remove("defaults");
        prop_assert_eq!(lost(&kept, &printed, ""), [""; 0], "{}", source);

        let wanted = plan(&first);
        let layouts = [
            serde_yaml::to_string(&printed).unwrap(),
            // However it is laid out: as JSON, which is YAML too, and with its keys in another order.
            serde_json::to_string(&said).unwrap(),
            serde_json::to_string_pretty(&said).unwrap(),
            serde_yaml::to_string(&turned_round(&said)).unwrap(),
        ];
        for layout in layouts {
            let difference = difference(&wanted, &plan(&loaded(&layout)));
            prop_assert!(difference.is_none(), "{:?}\n{}\nas:\n{}", difference, source, layout);
        }
    }
}

#[test]
fn the_playbook_that_others_call_is_one() {
    assert!(check(made::OTHER).report.is_empty());
}
