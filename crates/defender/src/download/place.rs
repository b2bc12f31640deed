//! Where a file goes, by a name that is ours alone.

use uuid::Uuid;

use crate::{
    request::{InvalidRequest, Operation},
    resource::PackageUri,
};

/// An operation that answers with a link to a file.
pub trait Linked: Operation<Answer: Send + Sync> {
    /// The link in an answer.
    fn link(answer: &Self::Answer) -> &PackageUri;

    /// Where the file goes.
    ///
    /// # Errors
    /// When an id is not what the operation takes, and so no name either.
    fn place(&self) -> Result<Place, InvalidRequest>;
}

/// A folder and a name below it, made of ids of a strict form and never of the provider's text: nothing in them leads
/// elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    folder: &'static str,
    name: String,
}

impl Place {
    /// The place of what belongs to a machine action, whose id is a GUID.
    pub(crate) fn of_action(
        folder: &'static str,
        action_id: &str,
        rest: &str,
    ) -> Result<Place, InvalidRequest> {
        let id = Uuid::try_parse(action_id).map_err(|_| InvalidRequest::Value {
            name: "action_id",
            expected: "the id of a machine action",
        })?;
        Ok(Place { folder, name: format!("{}{rest}", id.hyphenated()) })
    }

    /// The folder's name.
    pub fn folder(&self) -> &str {
        self.folder
    }

    /// The file's name in it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GetLiveResponseResult, GetPackageUri};

    #[test]
    fn a_name_is_made_of_the_id_and_of_nothing_else() {
        let id = "988CC94E-7a8f-4b28-ab65-54970c5d5018".to_owned();
        let place = GetPackageUri { action_id: id.clone() }.place().expect("an id");
        assert_eq!((place.folder(), place.name()), ("packages", "988cc94e-7a8f-4b28-ab65-54970c5d5018.zip"));
        let place = GetLiveResponseResult { action_id: id, index: 7 }.place().expect("an id");
        assert_eq!(
            (place.folder(), place.name()),
            ("live-response", "988cc94e-7a8f-4b28-ab65-54970c5d5018-7")
        );
    }

    #[test]
    fn what_is_no_id_makes_no_name() {
        for odd in [
            "",
            "..",
            "../988cc94e-7a8f-4b28-ab65-54970c5d5018",
            "988cc94e-7a8f-4b28-ab65-54970c5d5018/x",
            "a-1",
        ] {
            let place = GetPackageUri { action_id: odd.into() }.place();
            assert!(matches!(place, Err(InvalidRequest::Value { name: "action_id", .. })), "{odd}");
        }
    }
}
