//! A file, and how common it is.

use crate::wire::{Timestamp, provider_object};

provider_object! {
    /// A file that Defender knows. Only the SHA-1 is certain to be there.
    ///
    /// Source: "File resource type", <https://learn.microsoft.com/en-us/defender-endpoint/api/files>.
    pub struct File, "a file with a sha1" {
        /// SHA-1.
        sha1: String = "sha1",
        /// SHA-256.
        sha256: Option<String> = "sha256",
        /// MD5; seen for the files of an alert only.
        md5: Option<String> = "md5",
        /// On how many devices worldwide.
        global_prevalence: Option<i64> = "globalPrevalence",
        /// First observed worldwide.
        global_first_observed: Option<Timestamp> = "globalFirstObserved",
        /// Last observed worldwide.
        global_last_observed: Option<Timestamp> = "globalLastObserved",
        /// Size in bytes.
        size: Option<i64> = "size",
        /// Type, for example `APP`.
        file_type: Option<String> = "fileType",
        /// Whether it is a portable executable.
        is_pe_file: Option<bool> = "isPeFile",
        /// Publisher.
        file_publisher: Option<String> = "filePublisher",
        /// Product.
        file_product_name: Option<String> = "fileProductName",
        /// Who signed it.
        signer: Option<String> = "signer",
        /// Who issued the certificate.
        issuer: Option<String> = "issuer",
        /// Hash of the certificate.
        signer_hash: Option<String> = "signerHash",
        /// Whether the certificate was verified.
        is_valid_certificate: Option<bool> = "isValidCertificate",
        /// Verdict, for example `Unknown` or `Pua`.
        determination_type: Option<String> = "determinationType",
        /// Detail of the verdict.
        determination_value: Option<String> = "determinationValue",
    }
}

provider_object! {
    /// How common a file is in the organisation and worldwide.
    ///
    /// Source: "Get file statistics API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics>.
    pub struct FileStatistics, "statistics of a file with its sha1" {
        /// SHA-1.
        sha1: String = "sha1",
        /// On how many devices of the organisation.
        organization_prevalence: Option<i64> = "organizationPrevalence",
        /// First seen in the organisation.
        org_first_seen: Option<Timestamp> = "orgFirstSeen",
        /// Last seen in the organisation.
        org_last_seen: Option<Timestamp> = "orgLastSeen",
        /// On how many devices worldwide; the provider spells it so.
        globally_prevalence: Option<i64> = "globallyPrevalence",
        /// First observed worldwide.
        global_first_observed: Option<Timestamp> = "globalFirstObserved",
        /// Last observed worldwide.
        global_last_observed: Option<Timestamp> = "globalLastObserved",
        /// Commonest names.
        top_file_names: Vec<String> = "topFileNames",
    }
}
