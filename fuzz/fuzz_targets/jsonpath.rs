//! Any path over any JSON: the first line is the path, the rest the value.

#![no_main]

use libfuzzer_sys::fuzz_target;
use riposte_expr::Path;
use riposte_model::parse_bounded;

fuzz_target!(|text: &str| {
    let (source, json) = text.split_once('\n').unwrap_or((text, "[]"));
    match Path::parse(source) {
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(source.get(problem.span.clone()).is_some(), "{source:?}: {problem:?}");
            }
        }
        Ok(path) => {
            let Ok(value) = parse_bounded(json.as_bytes(), 1 << 20) else { return };
            if let Ok(found) = path.select(&value) {
                assert_eq!(Ok(found), path.select(&value), "the same again");
            }
        }
    }
});
