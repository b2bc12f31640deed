//! What is sent of an optional parameter that is not given.

use riposte_defender::GetIpStatistics;

use crate::examples::{check, example};

const IP: &str = "10.209.67.177";

#[tokio::test]
async fn without_a_look_back_none_is_sent() {
    let mut example = example!("get_ip_statistics");
    example["request"]["path"] = format!("/api/ips/{IP}/stats").into();
    let address = IP.parse().expect("an address");
    check(&GetIpStatistics { address, look_back_hours: None }, &example).await;
}
