//! What alerts and devices have in common with a file, a domain, an address or a user.

use riposte_defender::{
    FindMachineInfoByIp, GetDomainAlerts, GetDomainMachines, GetDomainStatistics, GetFileAlerts, GetIpAlerts,
    GetIpStatistics, GetUserAlerts, UploadLibraryFile,
};

use super::row::Row;

const IP: &str = "10.209.67.177";

pub(super) fn rows() -> Vec<Row> {
    let address = || IP.parse().expect("an address");
    let older = FindMachineInfoByIp {
        address: "10.166.93.61".parse().expect("an address"),
        moment: "2018-06-19T10:00:00Z".parse().expect("a moment"),
    };
    let upload = UploadLibraryFile {
        file_name: "mdatp1.png".into(),
        content: b"\r\n--not a picture\0".to_vec(),
        description: Some("test description".into()),
        parameters_description: Some("test".into()),
        override_if_exists: true,
    };
    vec![
        Row::new(
            "get_file_alerts",
            GetFileAlerts { sha1: "6532ec91d513acc05f43ee0aa3002599729fd3e1".into() },
        )
        .answered_by("list_alerts", ""),
        Row::new("get_domain_alerts", GetDomainAlerts { domain: "client.wns.windows.com".into() })
            .answered_by("list_alerts", ""),
        Row::new("get_ip_alerts", GetIpAlerts { address: address() }).answered_by("list_alerts", ""),
        Row::new("get_user_alerts", GetUserAlerts { user: "user1".into() }).answered_by("list_alerts", ""),
        Row::new(
            "get_domain_machines",
            GetDomainMachines { domain: "api.securitycenter.microsoft.com".into() },
        )
        .answered_by("list_machines", ""),
        Row::new(
            "get_domain_statistics",
            GetDomainStatistics { domain: "example.com".into(), look_back_hours: Some(48) },
        ),
        Row::new("get_ip_statistics", GetIpStatistics { address: address(), look_back_hours: Some(48) }),
        Row::new("find_machine_info_by_ip", older).path(
            "/testwdatppreview/machines/find(timestamp=2018-06-19T10:00:00Z,key='10.166.93.61')",
            "/api/machines/find(timestamp=2018-06-19T10:00:00Z,key='10.166.93.61')",
            "the example calls the host of a preview; the page gives the path below `/api`",
        ),
        Row::new("upload_library_file", upload).answered_by("list_library_files", "/value/0"),
    ]
}
