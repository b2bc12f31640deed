//! Until when a certificate is good, out of its DER. Nothing else of it is understood, and nothing is decided by it: what counts
//! is what Entra says. It is there so that a person can be told in time.
//!
//! Source: RFC 5280, section 4.1: `Certificate` and `TBSCertificate` are sequences; in the second one `version` (which may be
//! absent), `serialNumber`, `signature` and `issuer` come before `validity`, a sequence of two times.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of a certificate's validity; none if that cannot be found.
pub(super) fn not_after(certificate: &[u8]) -> Option<SystemTime> {
    let (body, _) = expect(SEQUENCE, certificate)?;
    let (signed, _) = expect(SEQUENCE, body)?;
    let (tag, _, mut rest) = element(signed)?;
    // The serial number is the first, or the one after the version.
    if tag == VERSION {
        (_, _, rest) = element(rest)?;
    }
    for _ in ["signature", "issuer"] {
        (_, _, rest) = element(rest)?;
    }
    let (validity, _) = expect(SEQUENCE, rest)?;
    let (_, _, rest) = element(validity)?;
    let (tag, end, _) = element(rest)?;
    moment(tag, std::str::from_utf8(end).ok()?)
}

fn expect(wanted: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = element(bytes)?;
    (tag == wanted).then_some((content, rest))
}

/// The first element: its tag, what it holds, and what comes after it. DER writes a length in one way, of at most four bytes here.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// A time as RFC 5280 has it: in UTC, with seconds. Two digits of a year are of 1950 to 2049.
fn moment(tag: u8, text: &str) -> Option<SystemTime> {
    let digits = text.strip_suffix('Z')?;
    let full = match (tag, digits.len()) {
        (UTC_TIME, 12) if digits < "50" => format!("20{digits}"),
        (UTC_TIME, 12) => format!("19{digits}"),
        (GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return None,
    };
    let moment: DateTime<Utc> = NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%S").ok()?.and_utc();
    let start = NaiveDate::from_ymd_opt(1970, 1, 1)?.and_hms_opt(0, 0, 0)?.and_utc();
    let since = (moment - start).to_std().unwrap_or(Duration::ZERO);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;

    const CERTIFICATE: &str = include_str!("../../tests/keys/certificate.pem");

    fn seconds(moment: Option<SystemTime>) -> Option<u64> {
        Some(moment?.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs())
    }

    #[test]
    fn the_end_is_found_as_openssl_shows_it() {
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("a certificate");
        // By `openssl x509 -enddate`.
        assert_eq!(seconds(not_after(&certificate)), Some(END));
        for cut in 0..certificate.len() {
            // Nothing that is cut off makes it panic.
            let _ = not_after(&certificate[..cut]);
        }
    }

    const END: u64 = 4_949_298_062;

    #[test]
    fn years_have_two_digits_or_four() {
        for (tag, text, expected) in [
            (UTC_TIME, "700101000001Z", Some(1)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (UTC_TIME, "7001010000Z", None),
            (GENERALIZED_TIME, "20501301000000Z", None),
            (0x16, "700101000001Z", None),
            (UTC_TIME, "70010100000éZ", None),
        ] {
            assert_eq!(seconds(moment(tag, text)), expected, "{text}");
        }
    }
}
