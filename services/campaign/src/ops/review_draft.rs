//! Submits a draft, takes or sends it back, or approves it.

use common::{
    auth::Caller,
    time,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::{
    drafts::{Move, expect_draft, keep},
    publish_campaign::{check, publish},
    save_draft::latest_version,
    state::State,
};
use crate::{
    domain::{Campaign, DraftRefused, DraftStanding},
    error::Error,
    store::{campaign_from_wire, draft_standing, with_standing},
};

/// What submitting is remembered under.
const SUBMIT: i16 = 102;
/// What withdrawing is remembered under.
const WITHDRAW: i16 = 103;
/// What rejecting is remembered under.
const REJECT: i16 = 104;
/// What approving is remembered under.
const APPROVE: i16 = 105;

/// Asks to submit a draft.
#[derive(Clone, Debug)]
pub struct SubmitDraft {
    /// The request, as it came.
    pub request: pb::SubmitDraftRequest,
    /// What is strange about the campaigns of the program with the revision.
    pub findings: Vec<pb::Finding>,
    /// Who submits it.
    pub operator: String,
}

/// Asks to take a draft back, or to send it back.
#[derive(Clone, Debug)]
pub struct SendBackDraft {
    /// Which of the two, and the request, as it came.
    pub request: SendBack,
    /// The draft.
    pub draft: String,
    /// The revision that is meant.
    pub revision: i32,
    /// Why.
    pub comment: String,
    /// Who does it.
    pub operator: String,
}

/// Who wants a draft back.
#[derive(Clone, Debug)]
pub enum SendBack {
    /// Those who wrote it.
    Withdraw(pb::WithdrawDraftRequest),
    /// Those who looked at it.
    Reject(pb::RejectDraftRequest),
}

/// Asks to approve a draft.
#[derive(Clone, Debug)]
pub struct ApproveDraft {
    /// The request, as it came.
    pub request: pb::ApproveDraftRequest,
    /// Who approves it.
    pub operator: String,
}

impl SubmitDraft {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), SUBMIT, &self.request.request_id, &self.request)
    }

    /// Lets somebody else look at it, where it could be published as things stand.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let draft = expect_draft(state, stamp, &self.request.draft)?;
        let standing = draft_standing(&draft).submitted(self.request.revision, &self.operator);
        let standing = standing.map_err(|refused| of(&draft, refused))?;
        check_base(state, stamp, &draft)?;
        check(&state.rules.of(stamp.program_id()), &campaign_of(&draft))?;
        let now = time::to_micros(stamp.now());
        if draft
            .effective_from
            .and_then(time::from_wire)
            .is_some_and(|at| at < now)
            && draft.based_on_version > 0
        {
            return Err(Error::EffectiveInPast { clock_at: now });
        }
        let draft = pb::Draft {
            findings: self.findings.clone(),
            ..draft
        };
        let did = Move {
            is: pb::DraftMove::Submitted,
            by: &self.operator,
            comment: "",
        };
        let draft = moved(state, stamp, draft, standing, &did);
        Ok(pb::SubmitDraftResponse { draft: Some(draft) }.encode_to_vec())
    }
}

impl SendBackDraft {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        let program = caller.program();
        match &self.request {
            SendBack::Withdraw(request) => Key::of_program(program, WITHDRAW, &request.request_id, request),
            SendBack::Reject(request) => Key::of_program(program, REJECT, &request.request_id, request),
        }
    }

    /// Lets it be written on.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let draft = expect_draft(state, stamp, &self.draft)?;
        let standing = draft_standing(&draft).sent_back(self.revision);
        let standing = standing.map_err(|refused| of(&draft, refused))?;
        let is = match &self.request {
            SendBack::Withdraw(_) => pb::DraftMove::Withdrawn,
            SendBack::Reject(_) => pb::DraftMove::Rejected,
        };
        let did = Move {
            is,
            by: &self.operator,
            comment: &self.comment,
        };
        let draft = Some(moved(state, stamp, draft, standing, &did));
        Ok(match &self.request {
            SendBack::Withdraw(_) => pb::WithdrawDraftResponse { draft }.encode_to_vec(),
            SendBack::Reject(_) => pb::RejectDraftResponse { draft }.encode_to_vec(),
        })
    }
}

impl ApproveDraft {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), APPROVE, &self.request.request_id, &self.request)
    }

    /// Approves it, and publishes it.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let draft = expect_draft(state, stamp, &self.request.draft)?;
        let standing = draft_standing(&draft).approved(self.request.revision, &self.operator);
        let standing = standing.map_err(|refused| of(&draft, refused))?;
        check_base(state, stamp, &draft)?;
        let wire = draft.campaign.clone().unwrap_or_default();
        let effective_from = draft.effective_from.and_then(time::from_wire);
        let (campaign_version, _) = publish(state, stamp, wire, &campaign_of(&draft), effective_from)?;
        let draft = pb::Draft {
            published_version: campaign_version.version,
            ..draft
        };
        let did = Move {
            is: pb::DraftMove::Approved,
            by: &self.operator,
            comment: &self.request.comment,
        };
        let draft = moved(state, stamp, draft, standing, &did);
        let answer = pb::ApproveDraftResponse {
            draft: Some(draft),
            campaign_version: Some(campaign_version),
        };
        Ok(answer.encode_to_vec())
    }
}

fn moved(
    state: &mut State,
    stamp: &mut Stamp<'_>,
    draft: pb::Draft,
    standing: DraftStanding,
    did: &Move<'_>,
) -> pb::Draft {
    let draft = with_standing(standing, draft);
    keep(state, stamp, &draft, did);
    draft
}

/// Refuses a draft that was written without knowing the campaign's latest version: it would take back what that changed, a stop for example.
fn check_base(state: &State, stamp: &Stamp<'_>, draft: &pb::Draft) -> Result<(), Error> {
    let latest_version = latest_version(&state.rules.of(stamp.program_id()), &draft.campaign_code);
    if latest_version == draft.based_on_version {
        return Ok(());
    }
    Err(Error::DraftOutdated {
        draft: draft.draft.clone(),
        based_on_version: draft.based_on_version,
        latest_version,
    })
}

fn campaign_of(draft: &pb::Draft) -> Campaign {
    let wire = draft.campaign.clone().unwrap_or_default();
    campaign_from_wire(&wire).expect("a draft is kept if its campaign can be read")
}

fn of(draft: &pb::Draft, refused: DraftRefused) -> Error {
    Error::Draft {
        draft: draft.draft.clone(),
        refused,
    }
}
