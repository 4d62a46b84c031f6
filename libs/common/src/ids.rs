//! Typed identifiers. Two ids of different things cannot be mixed up, and each is written in exactly one way.
//!
//! All of them are UUIDs of version 7 when we make them. The time inside an id is never used to order events: ids from
//! several processes are only roughly in order, and the feeds have their own numbers.

use thiserror::Error;
use uuid::Uuid;

/// Says that a text is not an id in its one written form: 36 characters, lower case, with hyphens.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
#[error("is not a UUID in its usual form, such as 0190b5a6-7c2e-7d3a-8f10-2b3c4d5e6f70")]
pub struct NotAnId;

/// Reads a UUID in its one written form, so that equal ids are equal texts wherever they travel.
pub fn parse_uuid(text: &str) -> Result<Uuid, NotAnId> {
    let uuid = Uuid::try_parse(text).map_err(|_| NotAnId)?;
    let mut canonical = [0; uuid::fmt::Hyphenated::LENGTH];
    if uuid.hyphenated().encode_lower(&mut canonical) == text {
        Ok(uuid)
    } else {
        Err(NotAnId)
    }
}

/// Declares id types: each wraps a UUID, travels as text, and is stored as `uuid`.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize, sqlx::Type,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Makes an id that nothing else has.
            #[allow(clippy::new_without_default, reason = "a default that differs each time would surprise")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// Returns the id that stands for *none*, as in records that concern the whole program.
            pub const fn nil() -> Self {
                Self(uuid::Uuid::nil())
            }

            /// Tells whether this is the id that stands for *none*.
            pub const fn is_nil(&self) -> bool {
                self.0.is_nil()
            }

            /// Returns the UUID inside.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::ids::NotAnId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                crate::ids::parse_uuid(text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }
    )+};
}

ids! {
    /// A program: one brand's loyalty program, the tenant of the suite.
    ProgramId,
    /// A member of a program.
    MemberId,
    /// An entry in the points ledger.
    EntryId,
    /// A lot: points that were earned together and expire together.
    LotId,
    /// A hold on points.
    HoldId,
    /// Something a member did.
    ActivityId,
    /// A reward in the catalog.
    RewardId,
    /// A reward that a member has taken.
    RedemptionId,
    /// A lottery.
    LotteryId,
    /// A ticket of a lottery.
    TicketId,
    /// A part of a budget's reserve that is to be released.
    ReleaseId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_what_it_writes() {
        let id = MemberId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.uuid().get_version_num(), 7);
    }

    #[test]
    fn an_id_has_one_written_form() {
        let id = MemberId::new().to_string();
        for other in [
            id.to_uppercase(),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
            id.replace('-', ""),
            String::new(),
        ] {
            assert_eq!(other.parse::<MemberId>(), Err(NotAnId), "{other:?}");
        }
    }
}
