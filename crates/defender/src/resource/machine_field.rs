//! What devices can be filtered by.

use crate::odata::Field;

/// What devices can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineField {
    /// `id`.
    Id,
    /// `computerDnsName`.
    ComputerDnsName,
    /// `version`.
    Version,
    /// `deviceValue`.
    DeviceValue,
    /// `machineTags`, a list: [`Filter::any`](crate::Filter::any) looks into it.
    MachineTags,
    /// `lastSeen`.
    LastSeen,
    /// `exposureLevel`.
    ExposureLevel,
    /// `onboardingStatus`.
    OnboardingStatus,
    /// `lastIpAddress`.
    LastIpAddress,
    /// `healthStatus`.
    HealthStatus,
    /// `osPlatform`.
    OsPlatform,
    /// `riskScore`.
    RiskScore,
}

impl Field for MachineField {
    fn name(&self) -> &'static str {
        match self {
            MachineField::Id => "id",
            MachineField::ComputerDnsName => "computerDnsName",
            MachineField::Version => "version",
            MachineField::DeviceValue => "deviceValue",
            MachineField::MachineTags => "machineTags",
            MachineField::LastSeen => "lastSeen",
            MachineField::ExposureLevel => "exposureLevel",
            MachineField::OnboardingStatus => "onboardingStatus",
            MachineField::LastIpAddress => "lastIpAddress",
            MachineField::HealthStatus => "healthStatus",
            MachineField::OsPlatform => "osPlatform",
            MachineField::RiskScore => "riskScore",
        }
    }
}
