//! A typed client of the Microsoft Defender for Endpoint API.
//!
//! An [operation](Operation) is a value: it is built without I/O and sent by a [`Client`], which adds the token, bounds
//! the answer and turns it into a type. Every failure is an [`Error`] that tells whether the request may have reached
//! Defender ([`Error::delivery`]), because a response action that was sent twice is worse than one that was not sent.
//!
//! A file behind a secret link, such as an investigation package, is [downloaded](Client::download) from where an earlier
//! download of it ended.
//!
//! What this crate must never do: repeat a request by itself (one repetition after a 401 excepted, which proves that
//! nothing happened), follow a redirect, send the token to another host, or let a secret, a token or a body into a log
//! line, an error or a `Debug` text.
//!
//! ```no_run
//! use std::time::Duration;
//! use riposte_defender::{Client, Cloud, Connection, Credential, Isolate, IsolationType};
//!
//! # async fn run(secret: secrecy::SecretString) -> Result<(), Box<dyn std::error::Error>> {
//! let credential = Credential::ClientSecret { client_id: "b5c1…".into(), secret };
//! let client = Client::new(Connection::new(Cloud::Global, "contoso.onmicrosoft.com", credential))?;
//! let isolate = Isolate {
//!     machine_id: "1e5bc9d7e413ddd7902c2932e418702b84d0cc07".into(),
//!     comment: "Isolate machine due to alert 1234".into(),
//!     isolation_type: Some(IsolationType::Full),
//! };
//! let action = client.send(&isolate, Duration::from_secs(30)).await?;
//! println!("{} is {}", action.id, action.status);
//! # Ok(())
//! # }
//! ```
//!
//! The facts about Defender come from its public documentation,
//! <https://learn.microsoft.com/en-us/defender-endpoint/api/apis-intro>; each operation links its own page.

mod budget;
mod certificate;
mod client;
mod clock;
mod cloud;
mod connection;
mod meter;
mod outgoing;

mod download;
mod form;
mod operation;
mod request;
mod resource;

mod error;
mod odata;

mod answer;
mod auth;
mod paging;
mod redact;
mod transport;
mod wire;

pub use budget::{Budget, Class, Limit, Rank, Turn};
pub use certificate::{CertificateError, ClientCertificate};
pub use client::{Client, MAX_DEADLINE};
pub use clock::Clocks;
pub use cloud::{Cloud, UnknownCloud};
pub use connection::{ConfigError, Connection, Credential, Timeouts};
pub use meter::{Meter, Unmetered};

pub use download::{DownloadError, Linked, Place, Saved};
pub use form::Form;
pub use operation::{
    AddMachineTag, AddMachineTagMultiple, AlertUpdate, BatchDeleteIndicators, BatchUpdateAlerts,
    CancelMachineAction, CollectInvestigationPackage, CreateAlertByReference, CreateIndicator,
    DeleteIndicator, DeleteLibraryFile, DeviceValue, FindMachineInfoByIp, FindMachinesByIp,
    FindMachinesByTag, GetAlert, GetAlertDomains, GetAlertFiles, GetAlertIps, GetAlertMachine, GetAlertUser,
    GetDomainAlerts, GetDomainMachines, GetDomainStatistics, GetFile, GetFileAlerts, GetFileMachines,
    GetFileStatistics, GetInvestigation, GetIpAlerts, GetIpStatistics, GetLiveResponseResult, GetMachine,
    GetMachineAction, GetMachineAlerts, GetMachineLogonUsers, GetPackageUri, GetUserAlerts, GetUserMachines,
    ImportIndicators, Isolate, IsolationType, ListAlerts, ListIndicators, ListInvestigations,
    ListLibraryFiles, ListMachineActions, ListMachines, LiveResponseCommand, NewIndicator, Offboard,
    RemoveMachineTag, RemoveMachineTagMultiple, RestrictCodeExecution, RunAdvancedQuery, RunAntivirusScan,
    RunLiveResponse, ScanType, SetDeviceValue, StartInvestigation, StopAndQuarantineFile, Unisolate,
    UnrestrictCodeExecution, UpdateAlert, UpdateMachine, UploadLibraryFile,
};
pub use request::{Body, InvalidRequest, MAX_SEGMENT_BYTES, MAX_URL_BYTES, Method, Operation, RequestParts};
pub use resource::{
    ActionKind, ActionStatus, Alert, AlertClassification, AlertComment, AlertDetermination, AlertEvidence,
    AlertField, AlertSeverity, AlertStatus, AlertUser, Column, Domain, DomainStatistics, File,
    FileStatistics, HealthStatus, ImportedIndicator, Indicator, IndicatorAction, IndicatorField,
    IndicatorSeverity, IndicatorType, Investigation, InvestigationField, InvestigationState, Ip, IpAddress,
    IpStatistics, LibraryFile, LiveResponseCommandKind, LiveResponseCommandResult, LiveResponseCommandStatus,
    LiveResponseResultLink, Machine, MachineAction, MachineActionField, MachineField, PackageUri,
    QueryResult, RelatedFileInfo, RiskScore, User,
};

pub use error::{Delivery, Error, ErrorCode, Incompleteness, Loss, Refusal, TokenRefusal};
pub use odata::{Field, Filter};

pub use paging::{MAX_ITEMS, MAX_LISTING_BYTES, MAX_PAGE_ROWS, MAX_PAGES, Paging};
pub use transport::{MAX_ANSWER_BYTES, Transport};
pub use wire::{Malformed, Timestamp};
