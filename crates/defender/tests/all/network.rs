//! What alerts and devices have in common with a file, a domain, an address or a user, against the documented examples.
//! Where a page shows no answer, the documented answer of another page for the same resource stands in.

use riposte_defender::{
    FindMachineInfoByIp, GetDomainAlerts, GetDomainMachines, GetDomainStatistics, GetFileAlerts, GetIpAlerts,
    GetIpStatistics, GetUserAlerts, Timestamp,
};
use serde_json::Value;

use crate::{
    entities::{answered, body},
    examples::{check, example},
};

const IP: &str = "10.209.67.177";

#[tokio::test]
async fn alerts_of_a_file_a_domain_an_address_and_a_user_are_as_documented() {
    let alerts = body(&example!("list_alerts"));
    let id = &alerts["value"][0]["id"];
    let sha1 = "6532ec91d513acc05f43ee0aa3002599729fd3e1".into();
    let of_file = check(&GetFileAlerts { sha1 }, &answered(example!("get_file_alerts"), &alerts)).await;
    let domain = "client.wns.windows.com".into();
    let of_domain =
        check(&GetDomainAlerts { domain }, &answered(example!("get_domain_alerts"), &alerts)).await;
    let address = IP.parse().expect("an address");
    let of_ip = check(&GetIpAlerts { address }, &answered(example!("get_ip_alerts"), &alerts)).await;
    let user = "user1".into();
    let of_user = check(&GetUserAlerts { user }, &answered(example!("get_user_alerts"), &alerts)).await;
    for found in [of_file, of_domain, of_ip, of_user] {
        assert_eq!(found.iter().map(|alert| &alert.id).collect::<Vec<_>>(), [id.as_str().expect("an id")]);
    }
}

#[tokio::test]
async fn machines_of_a_domain_are_as_documented() {
    let machines = body(&example!("list_machines"));
    let domain = "api.securitycenter.microsoft.com".into();
    let example = answered(example!("get_domain_machines"), &machines);
    assert_eq!(check(&GetDomainMachines { domain }, &example).await.len(), 1);
}

#[tokio::test]
async fn statistics_of_a_domain_and_an_address_are_as_documented() {
    let domain = GetDomainStatistics { domain: "example.com".into(), look_back_hours: Some(48) };
    let domain = check(&domain, &example!("get_domain_statistics")).await;
    assert_eq!((domain.host.as_str(), domain.organization_prevalence), ("example.com", Some(4070)));
    assert!(domain.org_first_seen.as_ref().and_then(Timestamp::moment).is_some());
    assert_eq!(domain.org_last_seen.as_ref().map(Timestamp::as_str), Some("2017-08-29T13:09:05Z"));
    assert!(domain.other.is_empty());
    let ip = GetIpStatistics { address: IP.parse().expect("an address"), look_back_hours: Some(48) };
    let ip = check(&ip, &example!("get_ip_statistics")).await;
    assert_eq!((ip.ip_address.as_str(), ip.organization_prevalence), (IP, Some(63_515)));
    assert!(ip.org_first_seen.as_ref().and_then(Timestamp::moment).is_some());
    assert_eq!(ip.org_last_seen.as_ref().map(Timestamp::as_str), Some("2017-08-29T13:32:59Z"));
    assert!(ip.other.is_empty());
}

#[tokio::test]
async fn without_a_look_back_none_is_sent() {
    let mut example = example!("get_ip_statistics");
    example["request"]["path"] = format!("/api/ips/{IP}/stats").into();
    let address = IP.parse().expect("an address");
    check(&GetIpStatistics { address, look_back_hours: None }, &example).await;
}

#[tokio::test]
async fn the_older_search_by_address_is_as_documented() {
    let mut example = example!("find_machine_info_by_ip");
    // The example calls the host of a preview; the page gives the path below `/api`.
    let path = example["request"]["path"].as_str().expect("a path").replace("/testwdatppreview", "/api");
    example["request"]["path"] = path.into();
    let find = FindMachineInfoByIp {
        address: "10.166.93.61".parse().expect("an address"),
        moment: "2018-06-19T10:00:00Z".parse().expect("a moment"),
    };
    let found = check(&find, &example).await;
    assert_eq!((found[0].id.as_str(), found.len()), ("04c99d46599f078f1c3da3783cf5b95f01ac61bb", 1));
    // The empty name of the documented answer.
    assert_eq!(found[0].computer_dns_name, None);
}
