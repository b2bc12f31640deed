//! Each way to prove oneself, and everything that is nearly one.

use crate::fixture::{BEARER, HMAC, House, NOW, STANDARD, TOKEN, WHSEC, playbook, post, trigger};
use base64::Engine as _;
use base64::engine::general_purpose;
use ring::hmac;
use riposte_model::Timestamp;
use std::fmt::Write as _;

const BODY: &str = r#"{"device":"00ff"}"#;

fn house(auth: &str) -> House {
    House::new(&[playbook("contain", &trigger("alert", auth, &[]))])
}

/// The status of a request with these headers, and that every refusal is the same one.
async fn knock(house: &House, headers: &[(&str, &str)], body: &str) -> u16 {
    let before = house.begun();
    let (status, said) = house.ask(post("/hooks/alert", headers, body.to_owned())).await;
    if status == 401 {
        assert_eq!(
            said,
            "content-type: application/problem+json\nwww-authenticate: Webhook realm=\"hooks\"\n{\"type\":\"urn:riposte:problem:\
             unauthorized\",\"title\":\"The sender did not prove who it is\",\"status\":401}"
        );
        assert_eq!(house.begun(), before, "a stranger has started a run");
    }
    status
}

fn sign(key: &[u8], message: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[tokio::test]
async fn a_bearer_has_the_token_and_nothing_like_it() {
    let house = house(BEARER);
    let right = format!("Bearer {TOKEN}");
    assert_eq!(knock(&house, &[("authorization", &right)], BODY).await, 202);
    assert_eq!(knock(&house, &[("authorization", &format!("bearer {TOKEN}"))], BODY).await, 202);
    for wrong in [
        format!("Bearer {}", &TOKEN[..TOKEN.len() - 1]),
        format!("Bearer {TOKEN}x"),
        format!("Bearer  {TOKEN}"),
        format!("Bearer {}", TOKEN.to_uppercase()),
        format!("Bearer {}", general_purpose::STANDARD.encode(TOKEN)),
        format!("Basic {TOKEN}"),
        format!("Bearer{TOKEN}"),
        TOKEN.to_owned(),
        "Bearer ".to_owned(),
        "Bearer".to_owned(),
        String::new(),
    ] {
        assert_eq!(knock(&house, &[("authorization", &wrong)], BODY).await, 401, "{wrong}");
    }
    assert_eq!(knock(&house, &[], BODY).await, 401);
    let twice = [("authorization", right.as_str()), ("authorization", right.as_str())];
    assert_eq!(knock(&house, &twice, BODY).await, 401);
}

#[tokio::test]
async fn a_signature_is_of_this_body_in_the_form_that_github_writes() {
    let house = house(HMAC);
    let tag = sign(TOKEN.as_bytes(), BODY);
    let right = format!("sha256={}", hex(&tag));
    assert_eq!(knock(&house, &[("x-hub-signature-256", &right)], BODY).await, 202);
    for wrong in [
        hex(&tag),
        right.to_uppercase(),
        format!("sha256={}", hex(&tag).to_uppercase()),
        format!("sha256={}", general_purpose::STANDARD.encode(&tag)),
        format!("sha1={}", hex(&tag)),
        right[..right.len() - 1].to_owned(),
        right[..right.len() - 2].to_owned(),
        format!("{right}0"),
        format!("{right}00"),
        format!("{right},{right}"),
        format!("sha256={}", hex(&sign(b"another secret of some length", BODY))),
        format!("sha256={}", hex(&sign(TOKEN.as_bytes(), r#"{"device":"00fe"}"#))),
        format!("sha256={}", hex(&sign(TOKEN.as_bytes(), ""))),
        format!("sha256={}", hex(&sign(b"", BODY))),
        "sha256=".to_owned(),
        String::new(),
    ] {
        assert_eq!(knock(&house, &[("x-hub-signature-256", &wrong)], BODY).await, 401, "{wrong}");
    }
    assert_eq!(knock(&house, &[], BODY).await, 401);
    let twice = [("x-hub-signature-256", right.as_str()), ("x-hub-signature-256", right.as_str())];
    assert_eq!(knock(&house, &twice, BODY).await, 401);
    // The same JSON in other bytes, and less of it.
    for body in [r#"{"device": "00ff"}"#, &BODY[..BODY.len() - 1], ""] {
        assert_eq!(knock(&house, &[("x-hub-signature-256", &right)], body).await, 401, "{body}");
    }
}

#[tokio::test]
async fn every_bit_of_a_signature_counts() {
    let house = house(HMAC);
    let tag = sign(TOKEN.as_bytes(), BODY);
    for bit in 0..256 {
        let mut wrong = tag.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        let header = format!("sha256={}", hex(&wrong));
        assert_eq!(knock(&house, &[("x-hub-signature-256", &header)], BODY).await, 401, "bit {bit}");
    }
}

fn key() -> Vec<u8> {
    general_purpose::STANDARD.decode(WHSEC.strip_prefix("whsec_").unwrap()).unwrap()
}

/// The signature of a request of Standard Webhooks.
fn v1(id: &str, time: &str, body: &str) -> String {
    format!("v1,{}", general_purpose::STANDARD.encode(sign(&key(), &format!("{id}.{time}.{body}"))))
}

fn seconds(offset: i64) -> String {
    (NOW.as_millis() / 1000 + offset).to_string()
}

async fn standard(house: &House, id: &str, time: &str, signature: &str) -> u16 {
    let headers = [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)];
    knock(house, &headers, BODY).await
}

#[tokio::test]
async fn the_example_of_standard_webhooks_is_let_in() {
    // From the specification's reference implementations.
    let body = r#"{"test": 2432232314}"#;
    let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let house = house(STANDARD);
    *house.clock.0.lock().unwrap() = Timestamp::from_millis(1_614_265_330_000);
    let headers = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", signature),
    ];
    // It is let in, and then its body does not fit.
    assert_eq!(knock(&house, &headers, body).await, 422);
}

#[tokio::test]
async fn standard_webhooks_are_signed_with_their_id_and_their_time() {
    let house = house(STANDARD);
    let now = seconds(0);
    let right = v1("msg_1", &now, BODY);
    assert_eq!(standard(&house, "msg_1", &now, &right).await, 202);
    // A sender that changes its secret signs with both.
    let other = format!("v1,{}", general_purpose::STANDARD.encode([0; 32]));
    for (number, signature) in [
        |right: &str, other: &str| format!("{other} {right}"),
        |right: &str, _: &str| format!("v1a,whatever {right} v2,x"),
    ]
    .iter()
    .enumerate()
    {
        let id = format!("msg_other_{number}");
        let signature = signature(&v1(&id, &now, BODY), &other);
        assert_eq!(standard(&house, &id, &now, &signature).await, 202, "{signature}");
    }
    let tag = right.strip_prefix("v1,").unwrap();
    let url_safe = general_purpose::URL_SAFE_NO_PAD.encode(general_purpose::STANDARD.decode(tag).unwrap());
    let bytes = general_purpose::STANDARD.decode(tag).unwrap();
    for wrong in [
        tag.to_owned(),
        format!("V1,{tag}"),
        format!("v1={tag}"),
        format!("v2,{tag}"),
        format!("v1a,{tag}"),
        format!("v1,{}", tag.trim_end_matches('=')),
        format!("v1,{url_safe}"),
        format!("v1,{}", hex(&bytes)),
        format!("v1,{}", general_purpose::STANDARD.encode(&bytes[..31])),
        format!("v1,{}", tag.to_uppercase()),
        format!("{right},{right}"),
        format!("{}{right}", "v1,x ".repeat(16)),
        v1("msg_2", &now, BODY),
        v1("msg_1", &seconds(1), BODY),
        v1("msg_1", &now, "{}"),
        other,
        "v1,".to_owned(),
        String::new(),
    ] {
        assert_eq!(standard(&house, "msg_1", &now, &wrong).await, 401, "{wrong}");
    }
    let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", &now), ("webhook-signature", &right)];
    for missing in 0..headers.len() {
        let mut some = headers.to_vec();
        some.remove(missing);
        assert_eq!(knock(&house, &some, BODY).await, 401, "without {}", headers[missing].0);
    }
}

#[tokio::test]
async fn a_request_of_another_time_is_a_replay() {
    let house = house(STANDARD);
    for (offset, expected) in [(-300, 202), (300, 202), (-301, 401), (301, 401), (-86_400, 401)] {
        let (id, time) = (format!("msg_{offset}"), seconds(offset));
        assert_eq!(standard(&house, &id, &time, &v1(&id, &time, BODY)).await, expected, "{offset}");
    }
    let now = seconds(0);
    for time in [
        format!("+{now}"),
        format!(" {now}"),
        format!("{now}.0"),
        format!("{now}000"),
        "-1".into(),
        String::new(),
    ] {
        assert_eq!(standard(&house, "msg_t", &time, &v1("msg_t", &time, BODY)).await, 401, "{time}");
    }
}

#[tokio::test]
async fn a_replay_within_its_time_starts_nothing() {
    let house = house(STANDARD);
    let now = seconds(0);
    let right = v1("msg_1", &now, BODY);
    assert_eq!(standard(&house, "msg_1", &now, &right).await, 202);
    assert_eq!(standard(&house, "msg_1", &now, &right).await, 200);
    assert_eq!(house.begun(), 1);
}

#[tokio::test]
async fn the_parts_of_what_is_signed_cannot_move() {
    let house = house(STANDARD);
    let now = seconds(0);
    for id in ["a.b", "", "msg 1"] {
        assert_eq!(standard(&house, id, &now, &v1(id, &now, BODY)).await, 401, "{id}");
    }
}

#[tokio::test]
async fn a_delivery_whose_name_is_too_long_is_told_so() {
    let house = house(STANDARD);
    let now = seconds(0);
    for (length, expected) in [(256, 202), (257, 400)] {
        let id = "m".repeat(length);
        assert_eq!(standard(&house, &id, &now, &v1(&id, &now, BODY)).await, expected, "{length}");
    }
    let id = "m".repeat(257);
    let answer = house.ask(post("/hooks/alert", &[("webhook-id", &id)], BODY)).await;
    assert!(
        answer.1.contains("urn:riposte:problem:long-id") && answer.1.contains("at most 256 bytes"),
        "{answer:?}"
    );
}
