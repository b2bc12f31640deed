//! RFC 9535 by the suite that implementations of JSONPath share.

use riposte_expr::Path;
use serde_json::Value;

use crate::deviations::Deviations;

const SUITE: &str = include_str!("../jsonpath-compliance/cts.json");
const DEVIATIONS: &str = include_str!("../jsonpath-compliance/deviations.txt");

#[test]
fn every_deviation_from_the_compliance_suite_is_listed() {
    let suite: Value = serde_json::from_str(SUITE).unwrap();
    let cases = suite["tests"].as_array().unwrap();
    let mut deviations = Deviations::default();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let invalid = case["invalid_selector"] == true;
        match Path::parse(case["selector"].as_str().unwrap()) {
            Err(_) if invalid => {}
            Err(problems) => {
                let reason = problems.first().map_or("", |problem| problem.message.as_str());
                deviations.add(format!("refused: {reason}"), name);
            }
            Ok(_) if invalid => deviations.add("accepted although the selector is invalid", name),
            Ok(path) => {
                let found: Value = path.select(&case["document"]).unwrap().into_iter().cloned().collect();
                let right = match case["results"].as_array() {
                    Some(results) => results.contains(&found),
                    None => case["result"] == found,
                };
                if !right {
                    deviations.add("answered otherwise", name);
                }
            }
        }
    }
    assert_eq!(cases.len(), 703);
    deviations.assert_listed(DEVIATIONS);
    // What is not refused is answered as the suite says.
    assert_eq!(deviations.count("accepted") + deviations.count("answered"), 0);
}
