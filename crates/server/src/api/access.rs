//! Who asks, and whether they may.

use crate::config::Role;
use crate::problem::{Kind, Problem};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

/// Most characters of what somebody says about why they act.
const MAX_SAID: usize = 500;

/// Somebody who has been admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    name: String,
    role: Role,
    /// Whether it came by a token: then its name is all that it is called.
    by_token: bool,
}

impl Caller {
    /// Whoever holds this token.
    pub(super) fn holder(name: &str, role: Role) -> Caller {
        Caller { name: name.to_owned(), role, by_token: true }
    }

    /// Somebody on this machine, who may do everything.
    pub(super) fn local(name: String) -> Caller {
        Caller { name, role: Role::Admin, by_token: false }
    }

    /// What is recorded of who acts: the name of the token or of the user, and behind it what they say, so that none is taken for
    /// another.
    pub(super) fn by(&self, said: Option<&str>) -> Result<String, Problem> {
        let said = said.filter(|said| !said.trim().is_empty());
        if said.is_some_and(|said| said.chars().count() > MAX_SAID) {
            return Err(Problem::with(Kind::Invalid, format!("`by` has at most {MAX_SAID} characters")));
        }
        Ok(match said {
            None => self.name.clone(),
            Some(said) => format!("{}: {said}", self.name),
        })
    }

    /// How the trigger of a run is called that they start.
    pub(super) fn trigger(&self) -> String {
        format!("api, {}", self.name)
    }

    /// Whose `Idempotency-Key`s these are: one holder's keys say nothing of another's runs.
    pub(super) fn deliveries(&self) -> String {
        if self.by_token { format!("api {}", self.name) } else { "api".to_owned() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::new(Kind::NoToken))
    }
}

/// Lets nobody through whose role is less than this one, nor anybody who was not admitted.
pub(super) async fn require(role: Role, request: Request, next: Next) -> Result<Response, Problem> {
    let caller = request.extensions().get::<Caller>().ok_or_else(|| Problem::new(Kind::NoToken))?;
    if caller.role < role {
        let (has, needs) = (caller.role.as_str(), role.as_str());
        let detail = format!("`{}` has the role {has}, and this needs {needs}", caller.name);
        return Err(Problem::with(Kind::Forbidden, detail));
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_token_is_always_called_by_its_name() {
        let holder = Caller::holder("soc", Role::Operator);
        assert_eq!(holder.by(None).unwrap(), "soc");
        assert_eq!(holder.by(Some(" ")).unwrap(), "soc");
        assert_eq!(holder.by(Some("root")).unwrap(), "soc: root");
        let ada = Caller::local("ada".into());
        assert_eq!(ada.by(None).unwrap(), "ada");
        assert_eq!(ada.by(Some("wrong devices")).unwrap(), "ada: wrong devices");
        assert!(ada.by(Some(&"é".repeat(500))).is_ok());
        assert_eq!(ada.by(Some(&"é".repeat(501))).unwrap_err().kind(), Kind::Invalid);
        assert_ne!(holder.deliveries(), ada.deliveries());
    }
}
