//! How long a caller will wait. The header `grpc-timeout` says it; a default and a maximum are ours.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::{
    auth::Caller,
    refusal::{Refusal, Violations},
};

const HEADER: &str = "grpc-timeout";

/// The moment after which the caller no longer waits, if there is one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline: a stream that follows a feed, or work that nobody waits for.
    pub const NONE: Self = Self(None);

    /// Returns the deadline that lies this far ahead.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// Returns the deadline of a call that is being answered.
    pub fn of<T>(request: &tonic::Request<T>) -> Self {
        match request.extensions().get::<Caller>() {
            Some(caller) => caller.deadline(),
            None => request.extensions().get().copied().unwrap_or_default(),
        }
    }

    /// Returns the moment itself.
    pub fn at(&self) -> Option<Instant> {
        self.0
    }

    /// Returns the time that is left; zero when it has passed.
    pub fn remaining(&self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Returns the earlier of the two.
    pub fn min(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some(a.min(b))),
            (a, b) => Self(a.or(b)),
        }
    }

    /// Reads the caller's deadline. A unary call gets the default when it names none, and the maximum when it names more.
    pub(super) fn read(headers: &HeaderMap, limits: &Limits, streaming: bool) -> Result<Self, Status> {
        let asked = headers.get(HEADER).map(|value| parse(value.as_bytes())).transpose()?;
        if asked == Some(Duration::ZERO) {
            return Err(passed());
        }
        match (asked, streaming) {
            (None, true) => Ok(Self::NONE),
            (Some(time), true) => Ok(Self::after(time)),
            (asked, false) => Ok(Self::after(asked.unwrap_or(limits.default).min(limits.maximum))),
        }
    }
}

/// The deadlines of calls that name none, or too distant a one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub default: Duration,
    pub maximum: Duration,
}

/// Says that the caller's time has passed.
pub(crate) fn passed() -> Status {
    let message = "the time allowed for the call has passed; ask again with the same request id";
    Refusal::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message).into()
}

/// Reads the wire form: one to eight digits and a unit.
fn parse(value: &[u8]) -> Result<Duration, Status> {
    read(value).ok_or_else(|| {
        let mut violations = Violations::default();
        violations.add(HEADER, "is one to eight digits followed by H, M, S, m, u or n");
        violations.into()
    })
}

fn read(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = digits
        .iter()
        .fold(0, |count, digit| count * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Some(Duration::from_secs(count * 3600)),
        b'M' => Some(Duration::from_secs(count * 60)),
        b'S' => Some(Duration::from_secs(count)),
        b'm' => Some(Duration::from_millis(count)),
        b'u' => Some(Duration::from_micros(count)),
        b'n' => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// Writes the wire form of a time, rounded down, in the finest unit that takes eight digits at most.
pub(crate) fn write(time: Duration) -> String {
    match time.as_micros() {
        micros @ ..100_000_000 => format!("{micros}u"),
        micros => format!("{}m", (micros / 1000).min(99_999_999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_read_as_it_was_written() {
        for time in [
            Duration::from_micros(1),
            Duration::from_millis(1500),
            Duration::from_secs(30),
            Duration::from_secs(3600),
        ] {
            assert_eq!(read(write(time).as_bytes()), Some(time));
        }
    }

    #[test]
    fn a_timeout_of_another_form_is_none() {
        for bad in ["", "S", "1", "-1S", "1 S", "1s", "123456789S", "1.5S", "0x1S", "1SS"] {
            assert_eq!(read(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
