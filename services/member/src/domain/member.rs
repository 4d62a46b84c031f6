//! A member, without the person: what may be told to everyone who works with members.

use common::ids::MemberId;
use jiff::Timestamp;
use thiserror::Error;

use super::{EtagMismatch, Revision, Status, StatusNotAllowed};

/// Someone enrolled in a program, or a prospect, known by an id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// The id.
    pub member_id: MemberId,
    /// Where the member stands.
    pub status: Status,
    /// The channel that brought them in.
    pub channel: String,
    /// When they enrolled, by the program's clock; nothing for who has not joined.
    pub enrolled_at: Option<Timestamp>,
    /// Changes with every change of the member, the profile's included.
    pub revision: Revision,
}

/// Says that something is said to have happened after the program's present.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
#[error("the time lies after the program's clock, which stands at {clock_at}")]
pub struct OccurredInFuture {
    /// The program's present.
    pub clock_at: Timestamp,
}

/// Says why a prospect is not enrolled.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum RegisterRefused {
    /// They are no prospect.
    #[error(transparent)]
    StatusNotAllowed(#[from] StatusNotAllowed),
    /// They are said to have joined in the future.
    #[error(transparent)]
    OccurredInFuture(#[from] OccurredInFuture),
}

/// Says why a member cannot be updated.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum UpdateRefused {
    /// The membership is closed.
    #[error("the membership is closed")]
    MemberClosed,
    /// The member changed since the caller read it.
    #[error(transparent)]
    EtagMismatch(#[from] EtagMismatch),
}

impl Member {
    /// Enrols someone, at the given time or now.
    pub fn enroll(
        member_id: MemberId,
        channel: String,
        occurred_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Member, OccurredInFuture> {
        Ok(Member {
            member_id,
            status: Status::ENROLLED,
            channel,
            enrolled_at: Some(passed(occurred_at, now)?),
            revision: Revision::FIRST,
        })
    }

    /// Makes a customer known who has not joined.
    pub fn prospect(member_id: MemberId, channel: String) -> Member {
        Member {
            member_id,
            status: Status::KNOWN,
            channel,
            enrolled_at: None,
            revision: Revision::FIRST,
        }
    }

    /// Enrols a prospect, at the given time or now, by the channel that is given or the one that made them known.
    pub fn register(
        &self,
        channel: Option<String>,
        occurred_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Member, RegisterRefused> {
        let status = self.status.register()?;
        Ok(Member {
            enrolled_at: Some(passed(occurred_at, now)?),
            channel: channel.unwrap_or_else(|| self.channel.clone()),
            ..self.standing_at(status)
        })
    }

    /// Changes the channel, when a new one is given, and makes room for a changed profile.
    pub fn update(&self, etag: &str, channel: Option<String>) -> Result<Member, UpdateRefused> {
        if self.status == Status::Closed {
            return Err(UpdateRefused::MemberClosed);
        }
        self.revision.check(etag)?;
        let channel = channel.unwrap_or_else(|| self.channel.clone());
        Ok(Member {
            channel,
            revision: self.revision.next(),
            ..self.clone()
        })
    }

    /// Confirms a registered member.
    pub fn activate(&self) -> Result<Member, StatusNotAllowed> {
        self.status.activate().map(|status| self.standing_at(status))
    }

    /// Holds a membership.
    pub fn freeze(&self) -> Result<Member, StatusNotAllowed> {
        self.status.freeze().map(|status| self.standing_at(status))
    }

    /// Gives a held membership back what it was.
    pub fn unfreeze(&self) -> Result<Member, StatusNotAllowed> {
        self.status.unfreeze().map(|status| self.standing_at(status))
    }

    /// Ends a membership for good.
    pub fn close(&self) -> Result<Member, StatusNotAllowed> {
        self.status.close().map(|status| self.standing_at(status))
    }

    fn standing_at(&self, status: Status) -> Member {
        Member {
            status,
            revision: self.revision.next(),
            ..self.clone()
        }
    }
}

/// Returns when something happened, now unless it is said; refuses the future.
pub fn passed(occurred_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, OccurredInFuture> {
    let occurred_at = occurred_at.unwrap_or(now);
    if occurred_at > now {
        return Err(OccurredInFuture { clock_at: now });
    }
    Ok(occurred_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Standing;

    const NOON: Timestamp = Timestamp::constant(867_758_400, 0);
    const LATER: Timestamp = Timestamp::constant(867_758_401, 0);

    fn member() -> Member {
        Member::enroll(MemberId::new(), "web".into(), None, NOON).unwrap()
    }

    #[test]
    fn someone_enrols_now_or_earlier_but_never_later() {
        let enroll = |occurred_at, now| Member::enroll(MemberId::new(), "web".into(), occurred_at, now);
        assert_eq!(enroll(None, LATER).unwrap().enrolled_at, Some(LATER));
        assert_eq!(enroll(Some(NOON), LATER).unwrap().enrolled_at, Some(NOON));
        assert_eq!(enroll(Some(NOON), NOON).unwrap().enrolled_at, Some(NOON));
        assert_eq!(enroll(Some(LATER), NOON), Err(OccurredInFuture { clock_at: NOON }));
    }

    #[test]
    fn a_prospect_has_not_enrolled_before_they_join_and_joins_once() {
        let prospect = Member::prospect(MemberId::new(), "web".into());
        assert_eq!((prospect.status, prospect.enrolled_at), (Status::KNOWN, None));
        let joined = prospect.register(Some("store-12".into()), Some(NOON), LATER).unwrap();
        assert_eq!((joined.status, joined.enrolled_at), (Status::ENROLLED, Some(NOON)));
        assert_eq!(
            (joined.channel.as_str(), joined.revision),
            ("store-12", prospect.revision.next())
        );
        assert_eq!(prospect.register(None, None, LATER).unwrap().channel, "web");
        assert_eq!(
            prospect.register(None, Some(LATER), NOON),
            Err(OccurredInFuture { clock_at: NOON }.into())
        );
        let status = Status::ENROLLED;
        assert_eq!(
            joined.register(None, None, LATER),
            Err(StatusNotAllowed { status }.into())
        );
    }

    #[test]
    fn every_change_makes_a_new_revision_and_leaves_the_rest_alone() {
        let member = member();
        let frozen = member.freeze().unwrap();
        assert_eq!(frozen.status, Status::Frozen(Standing::Registered));
        assert_eq!(frozen.revision, Revision::FIRST.next());
        assert_eq!(
            Member {
                status: member.status,
                revision: member.revision,
                ..frozen
            },
            member
        );
    }

    #[test]
    fn an_update_keeps_the_channel_unless_a_new_one_is_given() {
        assert_eq!(member().update("1", None).unwrap().channel, "web");
        assert_eq!(
            member().update("", Some("store-12".into())).unwrap().channel,
            "store-12"
        );
    }

    #[test]
    fn a_closed_or_changed_member_is_not_updated() {
        let current = Revision::FIRST;
        assert_eq!(
            member().update("7", None),
            Err(UpdateRefused::EtagMismatch(EtagMismatch { current }))
        );
        let closed = member().close().unwrap();
        assert_eq!(closed.update("", None), Err(UpdateRefused::MemberClosed));
    }
}
