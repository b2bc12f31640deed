//! One call of the API on its way through the tenant.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::ApiError;
use super::state::{Incoming, State};
use crate::config::{Config, MAX_PAGE};
use crate::log::Effect;
use crate::oauth::Access;
use crate::operation::Operation;

/// A call that succeeded.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) body: Value,
    /// What it changed.
    pub(super) effect: Option<Effect>,
}

impl Done {
    /// A call that changed nothing.
    pub(super) fn read(body: Value) -> Self {
        Self { status: 200, body, effect: None }
    }
}

/// How a call ends.
pub(super) type Answered = Result<Done, ApiError>;

/// What an operation needs to decide about one call.
pub(super) struct Call<'a> {
    pub(super) config: &'a Config,
    pub(super) state: &'a mut State,
    pub(super) request: &'a Incoming,
    pub(super) operation: Operation,
    pub(super) now: DateTime<Utc>,
    /// The time as of which lists are answered: now, unless they are to lag behind.
    pub(super) view: DateTime<Utc>,
}

impl<'a> Call<'a> {
    /// Lets the call in: a good token, one of these permissions, and room within the limits, in this order.
    pub(super) fn admit(&mut self, any_of: &[&str]) -> Result<Access, ApiError> {
        let token = self.request.bearer.as_deref().ok_or_else(ApiError::unauthorized)?;
        let access = self.state.tokens.access(token, self.now).cloned().ok_or_else(ApiError::unauthorized)?;
        if !access.allows(any_of) {
            return Err(ApiError::forbidden(any_of));
        }
        if self.config.rate_limits {
            self.state.limits.spend(self.operation, self.now).map_err(ApiError::too_many_requests)?;
        }
        Ok(access)
    }

    pub(super) fn query(&self) -> &'a str {
        let request: &'a Incoming = self.request;
        request.query.as_deref().unwrap_or_default()
    }

    /// Scheme and host for links. Borrows from the request only, so that the state stays free to change.
    pub(super) fn base(&self) -> &'a str {
        let request: &'a Incoming = self.request;
        &request.base
    }

    pub(super) fn page_size(&self) -> usize {
        self.config.page_size.clamp(1, MAX_PAGE)
    }
}
