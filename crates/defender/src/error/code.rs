//! The codes of both providers, and what they mean for a caller.

use crate::wire::provider_enum;

provider_enum! {
    /// The code in the body of a refusal.
    ///
    /// Source: "Common REST API error codes",
    /// <https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors>.
    pub enum ErrorCode {
        /// 400: a general mistake in the request.
        BadRequest = "BadRequest",
        /// 400: the OData query cannot be used.
        ODataError = "ODataError",
        /// 400: a parameter has an unusable value.
        InvalidInput = "InvalidInput",
        /// 400: the body cannot be used.
        InvalidRequestBody = "InvalidRequestBody",
        /// 400: not a file hash.
        InvalidHashValue = "InvalidHashValue",
        /// 400: not a domain name.
        InvalidDomainName = "InvalidDomainName",
        /// 400: not an IP address.
        InvalidIpAddress = "InvalidIpAddress",
        /// 400: not a URL.
        InvalidUrl = "InvalidUrl",
        /// 400: too many values in one batch.
        MaximumBatchSizeExceeded = "MaximumBatchSizeExceeded",
        /// 400: a parameter is missing.
        MissingRequiredParameter = "MissingRequiredParameter",
        /// 400: the device's operating system cannot do this.
        OsPlatformNotSupported = "OsPlatformNotSupported",
        /// 400: the device's sensor is too old for this.
        ClientVersionNotSupported = "ClientVersionNotSupported",
        /// 400: the same action is already running on the device.
        ActiveRequestAlreadyExists = "ActiveRequestAlreadyExists",
        /// 401: the token was not accepted.
        Unauthorized = "Unauthorized",
        /// 403: the application lacks the permission.
        Forbidden = "Forbidden",
        /// 403: the tenant has the feature switched off.
        DisabledFeature = "DisabledFeature",
        /// 403: the operation is not allowed.
        DisallowedOperation = "DisallowedOperation",
        /// 404: nothing of this kind.
        NotFound = "NotFound",
        /// 404: no such resource.
        ResourceNotFound = "ResourceNotFound",
        /// 429: too many requests.
        TooManyRequests = "TooManyRequests",
        /// 500: a failure inside Defender.
        InternalServerError = "InternalServerError",
    }
}

/// What a refusal means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// 400: the request is wrong or the device cannot do this. The same request fails again.
    Invalid,
    /// 400: the same action is already running on the device. Look for it.
    AlreadyActive,
    /// 401, with a fresh token: the application is not accepted.
    Unauthorized,
    /// 403: a permission, a feature or a policy is in the way.
    Forbidden,
    /// 404: the device or action does not exist, or (for a package) is not ready.
    NotFound,
    /// Another 4xx.
    Other,
}

impl Refusal {
    pub(crate) fn of(status: u16, code: &ErrorCode, message: &str) -> Refusal {
        match status {
            // The operations' pages name this case by its message alone, so the code may be missing or a general one.
            400 if *code == ErrorCode::ActiveRequestAlreadyExists
                || message.to_ascii_lowercase().contains("action is already in progress") =>
            {
                Refusal::AlreadyActive
            }
            400 => Refusal::Invalid,
            401 => Refusal::Unauthorized,
            403 => Refusal::Forbidden,
            404 => Refusal::NotFound,
            _ => Refusal::Other,
        }
    }
}

/// What is wrong when the authority refuses a token.
///
/// Source: "Microsoft Entra authentication and authorization error codes",
/// <https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenRefusal {
    /// AADSTS7000215: the secret is wrong; often its id was given instead of its value.
    WrongSecret,
    /// AADSTS7000222: the secret has expired.
    ExpiredSecret,
    /// AADSTS700027: the certificate is not among those of the application, or did not sign this.
    UnknownCertificate,
    /// AADSTS70021 and AADSTS700211 to AADSTS700213: no trust of the application fits issuer, subject or audience of the
    /// federated token.
    UnknownFederation,
    /// AADSTS700024: the assertion is not valid at this time: a clock is wrong, or a federated token is old.
    AssertionOutOfTime,
    /// AADSTS700016 and AADSTS7000112: the application is not known in this tenant, or is disabled there.
    UnknownApplication,
    /// AADSTS90002 and AADSTS900023: there is no such tenant.
    UnknownTenant,
    /// AADSTS500011 and AADSTS70011: the scope is not known in this tenant.
    UnknownScope,
    /// Another refusal; its code says more.
    Other,
}

impl TokenRefusal {
    pub(crate) fn of(aadsts: Option<u64>) -> TokenRefusal {
        match aadsts {
            Some(7_000_215) => TokenRefusal::WrongSecret,
            Some(7_000_222) => TokenRefusal::ExpiredSecret,
            Some(700_027) => TokenRefusal::UnknownCertificate,
            Some(70_021 | 700_211..=700_213) => TokenRefusal::UnknownFederation,
            Some(700_024) => TokenRefusal::AssertionOutOfTime,
            Some(700_016 | 7_000_112) => TokenRefusal::UnknownApplication,
            Some(90_002 | 900_023) => TokenRefusal::UnknownTenant,
            Some(500_011 | 70_011) => TokenRefusal::UnknownScope,
            _ => TokenRefusal::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_understood_by_status_then_code_then_message() {
        let other = ErrorCode::Unknown(String::new());
        for (status, code, message, kind) in [
            (400, &ErrorCode::ActiveRequestAlreadyExists, "", Refusal::AlreadyActive),
            (400, &other, "Action is already in progress", Refusal::AlreadyActive),
            (400, &ErrorCode::BadRequest, "Action is already in progress.", Refusal::AlreadyActive),
            (400, &ErrorCode::OsPlatformNotSupported, "", Refusal::Invalid),
            (401, &ErrorCode::Unauthorized, "", Refusal::Unauthorized),
            (403, &ErrorCode::DisabledFeature, "", Refusal::Forbidden),
            (404, &ErrorCode::ResourceNotFound, "", Refusal::NotFound),
            (409, &ErrorCode::ActiveRequestAlreadyExists, "", Refusal::Other),
        ] {
            assert_eq!(Refusal::of(status, code, message), kind, "{status} {code} {message}");
        }
    }

    #[test]
    fn codes_are_known_in_any_case_and_kept_otherwise() {
        assert_eq!(ErrorCode::from("resourcenotfound"), ErrorCode::ResourceNotFound);
        assert_eq!(ErrorCode::from("QuotaExceeded").as_str(), "QuotaExceeded");
    }
}
