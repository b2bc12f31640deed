//! Automated response playbooks for Microsoft Defender for Endpoint.

fn main() {}
