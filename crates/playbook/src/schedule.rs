//! When a schedule fires: cron expressions as people write them, in the time zone that they mean.
//!
//! [`Cron`] is read from five fields, from six with the seconds first, or from a name like `@daily`. Its fields are ours,
//! so that every mistake has its column; the calendar is that of the `cron` crate, which only ever sees lists of numbers
//! and the names of days, and only ever computes in a time without summer. What clocks that are changed make of it is
//! decided here, and nowhere else:
//!
//! - A time that the clock skips fires at the first moment after the gap.
//! - A time that the clock shows twice fires the first time.
//! - A schedule whose hour field begins with `*` follows the hours that really pass: nothing fires in place of a time
//!   that is skipped, and a time that is shown twice fires twice.
//!
//! Nothing here reads a clock: [`Cron::next_after`] is a function of its arguments.

mod change;
mod clock;
mod cron;
mod error;
mod field;
mod zone;

pub use self::change::Change;
pub use self::cron::Cron;
pub use error::{CronError, CronFault};
pub use zone::{UnknownZone, Zone};
