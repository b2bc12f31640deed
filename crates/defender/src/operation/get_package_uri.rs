use serde_json::Value;

use crate::{
    budget::Class,
    download::{Linked, Place},
    request::{InvalidRequest, Operation, RequestParts},
    resource::PackageUri,
    wire::Malformed,
};

/// Asks for the link to a collected investigation package. The link is short-lived: download at once.
///
/// Limited to 2 calls a minute and 120 an hour. `NotFound` also while the collection is not complete, so ask when the action
/// has succeeded.
///
/// Source: "Get package SAS URI API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-package-sas-uri>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetPackageUri {
    /// Id of a machine action of kind `CollectInvestigationPackage`.
    pub action_id: String,
}

impl Operation for GetPackageUri {
    type Answer = PackageUri;
    const NAME: &'static str = "get_package_sas_uri";
    const CLASS: Class = Class::PackageUri;

    fn request(&self) -> RequestParts {
        // The page spells it both `getPackageUri` and `GetPackageUri`; this is its example.
        RequestParts::get(["machineactions", &self.action_id, "GetPackageUri"])
    }

    fn decode(&self, answer: Value) -> Result<PackageUri, Malformed> {
        PackageUri::read(&answer)
    }
}

impl Linked for GetPackageUri {
    fn link(answer: &PackageUri) -> &PackageUri {
        answer
    }

    fn place(&self) -> Result<Place, InvalidRequest> {
        Place::of_action("packages", &self.action_id, ".zip")
    }
}
