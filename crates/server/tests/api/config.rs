//! `api` in the configuration.

use riposte_playbook::Style;
use riposte_server::config::{ApiConfig, Config, Role, TokenConfig, load};

fn read(lines: &str) -> Result<Config, String> {
    let source = format!("connections: {{}}\n{lines}");
    load("riposte.yaml", &source).map_err(|report| report.render(Style::Plain))
}

#[test]
fn tokens_are_read_with_their_names_and_roles() {
    assert_eq!(read("").unwrap().api, ApiConfig::default());
    assert_eq!(read("api: { tokens: [] }\n").unwrap().api, ApiConfig::default());
    let (a, b) = ("00ff".repeat(16), "FF00".repeat(16));
    let lines = format!(
        "api:\n  tokens:\n    - {{ name: soc-dashboard, role: viewer, sha256: \"{a}\" }}\n    - {{ name: x1, role: admin, sha256: \
         {b} }}\n"
    );
    let even = std::array::from_fn(|at| if at % 2 == 0 { 0x00 } else { 0xff });
    assert_eq!(
        read(&lines).unwrap().api.tokens,
        [
            TokenConfig { name: "soc-dashboard".into(), role: Role::Viewer, sha256: even },
            TokenConfig { name: "x1".into(), role: Role::Admin, sha256: even.map(|byte: u8| !byte) },
        ]
    );
}

#[test]
fn mistakes_in_tokens_are_lessons_and_quote_no_secret() {
    let digest = "00ff".repeat(16);
    let lines = format!(
        "api:\n  token: hunter2\n  tokens:\n    - {{ name: one, role: viewer, sha256: \"{digest}\" }}\n    - {{ name: one, role: admin, \
         sha256: \"{digest}\" }}\n    - {{ name: \"the operator\", role: root, sha256: hunter2 }}\n    - {{ role: viewer, token: hunter2 }}\n"
    );
    let said = read(&lines).unwrap_err();
    assert!(!said.contains("hunter2"), "{said}");
    insta::assert_snapshot!(said);
}
