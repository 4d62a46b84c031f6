//! Points with the same dates, as the journal keeps them.

use common::points::Points;

use super::{instant, waits};
use crate::domain::{Numbers, Portion};

/// A portion as it is kept.
#[derive(Clone, PartialEq, prost::Message)]
pub struct KeptPortion {
    #[prost(int64, tag = "1")]
    pub(super) first_number: i64,
    #[prost(int64, tag = "2")]
    pub(super) points: i64,
    #[prost(sint64, optional, tag = "3")]
    pub(super) activates: Option<i64>,
    #[prost(sint64, optional, tag = "4")]
    pub(super) expires: Option<i64>,
    #[prost(string, tag = "5")]
    pub(super) activates_on: String,
}

impl KeptPortion {
    /// Packs a portion.
    pub fn pack(portion: &Portion) -> KeptPortion {
        let (activates, activates_on) = waits::pack(portion);
        KeptPortion {
            first_number: portion.numbers.first,
            points: portion.points().get(),
            activates,
            expires: portion.expires_at.map(instant::pack),
            activates_on,
        }
    }

    /// Unpacks it; nothing when it makes no sense.
    pub fn unpack(&self) -> Option<Portion> {
        Some(Portion {
            numbers: Numbers {
                first: self.first_number,
                points: Points::new(self.points)?,
            },
            waits: waits::unpack(self.activates, &self.activates_on)?,
            expires_at: instant::unpack_optional(self.expires)?,
        })
    }
}
