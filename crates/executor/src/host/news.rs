//! What a provider has ended, for a run that waits for its turn to hear it. A hundred thousand may: an answer as a tree of
//! values takes five times the room of its text.

use riposte_engine::Standing;
use serde_json::Value;

/// Something that has ended.
pub(crate) struct Known {
    provider_id: Box<str>,
    standing: Packed,
}

enum Packed {
    Succeeded(Box<str>),
    Other(Box<Standing>),
}

impl Known {
    pub(crate) fn new(provider_id: String, standing: Standing) -> Known {
        let standing = match standing {
            Standing::Succeeded(output) => Packed::Succeeded(output.to_string().into()),
            other => Packed::Other(Box::new(other)),
        };
        Known { provider_id: provider_id.into(), standing }
    }

    /// Its id, and where it stands. `None` would be text that is not what was put in; then the provider is asked again.
    pub(crate) fn unpack(self) -> Option<(String, Standing)> {
        let standing = match self.standing {
            Packed::Succeeded(text) => Standing::Succeeded(serde_json::from_str::<Value>(&text).ok()?),
            Packed::Other(standing) => *standing,
        };
        Some((self.provider_id.into(), standing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_model::{ErrorKind, Failure};
    use serde_json::json;

    #[test]
    fn what_comes_out_is_what_went_in() {
        for standing in [
            Standing::Succeeded(json!({ "z": [1.5, null, "\u{0}"], "a": u64::MAX })),
            Standing::Failed(Failure::new(ErrorKind::ProviderFailed, "ended as TimeOut")),
            Standing::Open { status: "Pending".to_owned() },
        ] {
            let known = Known::new("id".to_owned(), standing.clone());
            assert_eq!(known.unpack(), Some(("id".to_owned(), standing)));
        }
    }
}
