//! Puts a campaign away that is over or off.

use common::{
    auth::Caller,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::{publish_campaign::put, state::State};
use crate::{error::Error, store::campaign_from_wire};

/// What this is remembered under.
const METHOD: i16 = 107;

/// Asks to archive a campaign.
#[derive(Clone, Debug)]
pub struct ArchiveCampaign {
    /// The request, as it came.
    pub request: pb::ArchiveCampaignRequest,
}

impl ArchiveCampaign {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes a version that says so, from now on. What is published for later is put away with it.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let code = &self.request.campaign;
        let rules = state.rules.of(stamp.program_id());
        let latest = rules.campaigns.latest(code);
        let latest = latest.ok_or_else(|| Error::CampaignNotFound { campaign: code.clone() })?;
        let zone = &stamp
            .program()
            .expect("the writer refuses calls for unknown programs")
            .zone;
        let standing = rules.campaign_standing(code, zone, stamp.now());
        match standing.state() {
            pb::CampaignState::Paused | pb::CampaignState::Ended | pb::CampaignState::Archived => {}
            state => {
                let state = state.as_str_name().trim_start_matches("CAMPAIGN_STATE_");
                return Err(Error::CampaignStateDiffers {
                    campaign: code.clone(),
                    state,
                });
            }
        }
        let wire = pb::Campaign {
            archived: true,
            ..latest.wire.clone()
        };
        let campaign = campaign_from_wire(&wire).expect("it was published");
        let (campaign_version, changed) = put(state, stamp, wire, &campaign, None)?;
        let answer = pb::ArchiveCampaignResponse {
            campaign_version: Some(campaign_version),
            changed,
        };
        Ok(answer.encode_to_vec())
    }
}
