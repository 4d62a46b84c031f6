//! Makes a draft that is like a campaign, or like another draft.

use common::{
    auth::Caller,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::{
    drafts::{Move, draft_of, expect_draft, keep, problems},
    save_draft::latest_version,
    state::State,
};
use crate::{
    domain::{Contradiction, DraftStanding},
    error::Error,
    store::{campaign_from_wire, draft_standing, later_by_days, with_standing},
};

/// What this is remembered under.
const METHOD: i16 = 101;

/// Asks for a draft that is like something else.
#[derive(Clone, Debug)]
pub struct CopyCampaign {
    /// The request, as it came.
    pub request: pb::CopyCampaignRequest,
    /// What is copied.
    pub from: CopyFrom,
    /// Who copies.
    pub operator: String,
}

/// What is copied.
#[derive(Clone, Debug)]
pub enum CopyFrom {
    /// A campaign, by its code.
    Campaign(String),
    /// A draft, by its name.
    Draft(String),
}

impl CopyCampaign {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Names the drafts that it takes to decide it.
    pub fn drafts(&self) -> Vec<&str> {
        match &self.from {
            CopyFrom::Draft(from) => vec![&self.request.draft, from],
            CopyFrom::Campaign(_) => vec![&self.request.draft],
        }
    }

    /// Keeps the copy as the first revision of a new draft.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let request = &self.request;
        let rules = state.rules.of(stamp.program_id());
        let wire = self.copied(state, stamp)?;
        let unreadable = |_| Error::CampaignInvalid(vec![out_of_calendar()]);
        let campaign = campaign_from_wire(&wire).map_err(unreadable)?;
        let before = draft_of(state, stamp, &request.draft).map(|wire| draft_standing(&wire));
        let standing = DraftStanding::saved(before.as_ref(), 0, false, &self.operator);
        let standing = standing.map_err(|refused| Error::Draft {
            draft: request.draft.clone(),
            refused,
        })?;
        let source = match &self.from {
            CopyFrom::Campaign(campaign) => format!("the campaign {campaign}"),
            CopyFrom::Draft(draft) => format!("the draft {draft}"),
        };
        let copy = with_standing(
            standing,
            pb::Draft {
                draft: request.draft.clone(),
                campaign: Some(wire),
                campaign_code: campaign.code.clone(),
                note: format!("a copy of {source}"),
                based_on_version: latest_version(&rules, &campaign.code),
                ..pb::Draft::default()
            },
        );
        let did = Move {
            is: pb::DraftMove::Copied,
            by: &self.operator,
            comment: &copy.note,
        };
        keep(state, stamp, &copy, &did);
        let answer = pb::CopyCampaignResponse {
            problems: problems(&rules, &campaign),
            draft: Some(copy),
        };
        Ok(answer.encode_to_vec())
    }

    fn copied(&self, state: &State, stamp: &Stamp<'_>) -> Result<pb::Campaign, Error> {
        let source = match &self.from {
            CopyFrom::Campaign(code) => {
                let rules = state.rules.of(stamp.program_id());
                let latest = rules.campaigns.latest(code);
                let latest = latest.ok_or_else(|| Error::CampaignNotFound { campaign: code.clone() })?;
                latest.wire.clone()
            }
            CopyFrom::Draft(draft) => expect_draft(state, stamp, draft)?.campaign.unwrap_or_default(),
        };
        let zone = &stamp
            .program()
            .expect("the writer refuses calls for unknown programs")
            .zone;
        let later = later_by_days(source, self.request.shift_days, zone);
        let later = later.ok_or_else(|| Error::CampaignInvalid(vec![out_of_calendar()]))?;
        let display_name = match self.request.display_name.as_str() {
            "" => later.display_name.clone(),
            name => name.to_owned(),
        };
        Ok(pb::Campaign {
            code: self.request.campaign.clone(),
            display_name,
            paused: false,
            archived: false,
            ..later
        })
    }
}

fn out_of_calendar() -> Contradiction {
    Contradiction::new("schedule", "leaves the calendar so many days later")
}
