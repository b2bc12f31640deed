//! What can be wrong, and what each is called.

use axum::http::StatusCode;

/// Seconds that somebody is asked to wait for what takes a person to mend.
const FOR_A_PERSON: u64 = 60;

/// What can be wrong. Names are for programs and stay the same; titles are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 404
    NotFound,
    /// 405
    Method,
    /// 401: the sender of a webhook did not prove itself. One answer for every reason.
    Unproven,
    /// 401: no token of the API, or one that is not known.
    NoToken,
    /// 403: whoever asks may not.
    Forbidden,
    /// 408
    Slow,
    /// 413
    TooLarge,
    /// 415
    NotJson,
    /// 400: the body broke off.
    Broken,
    /// 400: the body is not JSON, or too deep.
    Malformed,
    /// 400: a handshake's token has what no token has.
    Handshake,
    /// 400: the delivery's own name is longer than is kept.
    LongId,
    /// 400: the address or a header says something that cannot be read.
    BadRequest,
    /// 422: the body is JSON, and not of the shape that is taken there.
    Invalid,
    /// 422: the body, or inputs, do not fit the playbook.
    Unfit,
    /// 409: that cannot be done to it as it is now.
    Conflict,
    /// 409: as many runs of the playbook as may be are under way, and it says `when_full: skip`.
    Skipped,
    /// 409: there is an error in what was to be loaded.
    NotReloaded,
    /// 429
    Rate,
    /// 503: too much at once.
    Busy,
    /// 503: as many as may follow runs do already.
    Followers,
    /// 503: an operator has stopped what this would start.
    Stopped,
    /// 503: the disk is full.
    DiskFull,
    /// 503: it could not be recorded.
    Journal,
    /// 503: it is known, and not recorded yet.
    NotYet,
    /// 503: the configuration does not allow it to run.
    Configuration,
    /// 503: going down.
    Closing,
    /// 500: the journal is damaged, or failed in a way of its own.
    Internal,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 28] = [
        Kind::NotFound,
        Kind::Method,
        Kind::Unproven,
        Kind::NoToken,
        Kind::Forbidden,
        Kind::Slow,
        Kind::TooLarge,
        Kind::NotJson,
        Kind::Broken,
        Kind::Malformed,
        Kind::Handshake,
        Kind::LongId,
        Kind::BadRequest,
        Kind::Invalid,
        Kind::Unfit,
        Kind::Conflict,
        Kind::Skipped,
        Kind::NotReloaded,
        Kind::Rate,
        Kind::Busy,
        Kind::Followers,
        Kind::Stopped,
        Kind::DiskFull,
        Kind::Journal,
        Kind::NotYet,
        Kind::Configuration,
        Kind::Closing,
        Kind::Internal,
    ];

    fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Kind::NotFound => (404, "not-found", "Nothing is at this address"),
            Kind::Method => (405, "method", "This address does not take that method"),
            Kind::Unproven => (401, "unauthorized", "The sender did not prove who it is"),
            Kind::NoToken => (401, "no-token", "A token that is known here is needed"),
            Kind::Forbidden => (403, "forbidden", "Whoever asks may not do that"),
            Kind::Slow => (408, "slow", "The body took too long to come"),
            Kind::TooLarge => (413, "too-large", "The body is too large"),
            Kind::NotJson => (415, "not-json", "Only JSON is taken"),
            Kind::Broken => (400, "broken", "The body did not come to its end"),
            Kind::Malformed => (400, "malformed", "The body is not JSON"),
            Kind::Handshake => (400, "handshake", "This is no validation token"),
            Kind::LongId => (400, "long-id", "The webhook-id is too long"),
            Kind::BadRequest => (400, "bad-request", "The request cannot be read"),
            Kind::Invalid => (422, "invalid", "The body is not of the shape that is taken here"),
            Kind::Unfit => (422, "unfit", "The body does not fit the playbook"),
            Kind::Conflict => (409, "conflict", "That cannot be done to it as it is now"),
            Kind::Skipped => (409, "skipped", "The playbook is under way already"),
            Kind::NotReloaded => (409, "not-reloaded", "Not reloaded, and what was loaded stays"),
            Kind::Rate => (429, "rate", "Too many requests in this time"),
            Kind::Busy => (503, "busy", "Too much is under way"),
            Kind::Followers => (503, "followers", "Too many follow runs already"),
            Kind::Stopped => (503, "stopped", "An operator has stopped this"),
            Kind::DiskFull => (503, "disk-full", "The journal's disk is full"),
            Kind::Journal => (503, "journal", "The journal did not take it"),
            Kind::NotYet => (503, "not-yet", "That is not recorded yet"),
            Kind::Configuration => (503, "configuration", "The playbook cannot run with this configuration"),
            Kind::Closing => (503, "closing", "riposte is stopping"),
            Kind::Internal => (500, "internal", "The journal failed"),
        }
    }

    /// Its name: the last part of `type`.
    pub fn name(self) -> &'static str {
        self.words().1
    }

    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.words().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(super) fn title(self) -> &'static str {
        self.words().2
    }

    /// What would prove who it is.
    pub(super) fn challenge(self) -> Option<&'static str> {
        match self {
            Kind::Unproven => Some("Webhook realm=\"hooks\""),
            Kind::NoToken => Some("Bearer realm=\"riposte\""),
            _ => None,
        }
    }

    /// In how many seconds it may be worth to try again.
    pub(super) fn retry_after(self) -> Option<u64> {
        match self {
            Kind::Busy | Kind::Rate => Some(1),
            Kind::Closing | Kind::Journal | Kind::NotYet => Some(5),
            Kind::Followers => Some(10),
            Kind::Stopped | Kind::DiskFull | Kind::Configuration => Some(FOR_A_PERSON),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use std::collections::HashSet;

    #[test]
    fn every_problem_has_a_name_of_its_own_and_a_status_that_is_one() {
        let names: HashSet<_> = Kind::ALL.map(Kind::name).into_iter().collect();
        assert_eq!(names.len(), Kind::ALL.len());
        assert_eq!(Kind::ALL.into_iter().collect::<HashSet<_>>().len(), Kind::ALL.len());
        for kind in Kind::ALL {
            let status = kind.status();
            assert_eq!(status.as_u16(), kind.words().0);
            assert!(status.is_client_error() || status.is_server_error(), "{kind:?}");
        }
    }
}
