//! What a file looks like.

use crate::defender::shape;
use riposte_model::Schema;

/// A file by SHA-1 or SHA-256.
pub(in crate::defender) fn file_hash() -> Schema {
    shape::like("^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$").described("SHA-1 or SHA-256 of the file")
}

/// A file by SHA-1 alone.
pub(in crate::defender) fn sha1() -> Schema {
    shape::like("^[0-9A-Fa-f]{40}$").described("SHA-1 of the file")
}

/// Resource type `File`.
pub(in crate::defender) fn file() -> Schema {
    let text = || Schema::string().or_null();
    Schema::object()
        .required("sha1", Schema::string())
        .optional("sha256", text())
        .optional("md5", text())
        .optional("globalPrevalence", Schema::integer().or_null())
        .optional("globalFirstObserved", text())
        .optional("globalLastObserved", text())
        .optional("size", Schema::integer().or_null())
        .optional("fileType", text())
        .optional("isPeFile", Schema::boolean().or_null())
        .optional("filePublisher", text())
        .optional("fileProductName", text())
        .optional("signer", text())
        .optional("issuer", text())
        .optional("signerHash", text())
        .optional("isValidCertificate", Schema::boolean().or_null())
        .optional("determinationType", text())
        .optional("determinationValue", text())
}

/// How common a file is.
pub(in crate::defender) fn file_statistics() -> Schema {
    let text = || Schema::string().or_null();
    Schema::object()
        .required("sha1", Schema::string())
        .optional("organizationPrevalence", Schema::integer().or_null())
        .optional("orgFirstSeen", text())
        .optional("orgLastSeen", text())
        .optional("globallyPrevalence", Schema::integer().or_null())
        .optional("globalFirstObserved", text())
        .optional("globalLastObserved", text())
        .optional("topFileNames", Schema::array(Schema::string()).or_null())
}
