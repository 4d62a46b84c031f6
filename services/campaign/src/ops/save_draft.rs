//! Saves a draft of a campaign.

use common::{
    auth::Caller,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::{
    drafts::{Move, draft_of, keep, problems},
    state::State,
};
use crate::{
    domain::{Campaign, DraftStanding},
    error::Error,
    store::{ProgramRules, draft_standing, with_standing},
};

/// What this is remembered under.
const METHOD: i16 = 100;

/// Asks to save a draft.
#[derive(Clone, Debug)]
pub struct SaveDraft {
    /// The request, as it came.
    pub request: pb::SaveDraftRequest,
    /// The campaign.
    pub campaign: Campaign,
    /// Who saves it.
    pub operator: String,
}

impl SaveDraft {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Keeps it as the next revision.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let request = &self.request;
        let rules = state.rules.of(stamp.program_id());
        let before = draft_of(state, stamp, &request.draft).map(|wire| draft_standing(&wire));
        let standing = DraftStanding::saved(
            before.as_ref(),
            request.expected_revision,
            request.template,
            &self.operator,
        );
        let standing = standing.map_err(|refused| Error::Draft {
            draft: request.draft.clone(),
            refused,
        })?;
        let saved = with_standing(
            standing,
            pb::Draft {
                draft: request.draft.clone(),
                campaign: request.campaign.clone(),
                campaign_code: self.campaign.code.clone(),
                effective_from: request.effective_from,
                note: request.note.clone(),
                based_on_version: latest_version(&rules, &self.campaign.code),
                ..pb::Draft::default()
            },
        );
        let did = Move {
            is: pb::DraftMove::Saved,
            by: &self.operator,
            comment: &request.note,
        };
        keep(state, stamp, &saved, &did);
        let answer = pb::SaveDraftResponse {
            draft: Some(saved),
            problems: problems(&rules, &self.campaign),
        };
        Ok(answer.encode_to_vec())
    }
}

/// Returns the latest version of a campaign; 0 where there is none.
pub fn latest_version(rules: &ProgramRules, campaign: &str) -> i32 {
    rules.campaigns.latest(campaign).map_or(0, |latest| latest.version)
}
