//! The drafts that a batch concerns: loaded, changed by one decision after another, persisted with their history.

use std::collections::{BTreeMap, HashMap};

use common::{
    ids::MemberId,
    time,
    writer::{Stamp, Work, Writes},
};
use proto::campaign as pb;
use sqlx::PgConnection;

use super::{
    ApproveDraft, ArchiveCampaign, Command, CopyCampaign, PublishGovernance, SaveDraft, SendBackDraft, SubmitDraft,
    publish_campaign::check, state::State,
};
use crate::{
    domain::Campaign,
    error::Error,
    store::{DraftKey, NewDraftChange, ProgramRules, StoredDraft, insert_draft_changes, load_drafts, save_drafts},
};

/// A change of the lives of campaigns that is asked for.
pub enum DraftCommand {
    /// Saves a draft.
    Save(Box<SaveDraft>),
    /// Makes one like something else.
    Copy(CopyCampaign),
    /// Submits one.
    Submit(SubmitDraft),
    /// Takes or sends one back.
    SendBack(SendBackDraft),
    /// Approves one.
    Approve(ApproveDraft),
    /// Says whether approvals are needed.
    PublishGovernance(PublishGovernance),
    /// Puts a campaign away.
    Archive(ArchiveCampaign),
}

/// The drafts that a batch concerns.
pub struct Drafts {
    known: HashMap<DraftKey, StoredDraft>,
    changed: BTreeMap<DraftKey, StoredDraft>,
    changes: Vec<NewDraftChange>,
}

/// What somebody does with a draft.
pub struct Move<'a> {
    /// What.
    pub is: pb::DraftMove,
    /// Who does it.
    pub by: &'a str,
    /// Why.
    pub comment: &'a str,
}

impl DraftCommand {
    /// Decides it.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        match self {
            DraftCommand::Save(command) => command.decide(state, stamp),
            DraftCommand::Copy(command) => command.decide(state, stamp),
            DraftCommand::Submit(command) => command.decide(state, stamp),
            DraftCommand::SendBack(command) => command.decide(state, stamp),
            DraftCommand::Approve(command) => command.decide(state, stamp),
            DraftCommand::PublishGovernance(command) => command.decide(state, stamp),
            DraftCommand::Archive(command) => command.decide(state, stamp),
        }
    }

    fn drafts(&self) -> Vec<&str> {
        match self {
            DraftCommand::Save(command) => vec![&command.request.draft],
            DraftCommand::Copy(command) => command.drafts(),
            DraftCommand::Submit(command) => vec![&command.request.draft],
            DraftCommand::SendBack(command) => vec![&command.draft],
            DraftCommand::Approve(command) => vec![&command.request.draft],
            DraftCommand::PublishGovernance(_) | DraftCommand::Archive(_) => Vec::new(),
        }
    }
}

impl Drafts {
    /// Loads those that somebody asks for.
    pub async fn load(tx: &mut PgConnection, work: &Work<'_, Command>) -> Result<Drafts, sqlx::Error> {
        let mut asked = Vec::new();
        for (key, command) in &work.calls {
            let Command::Draft(command) = command else { continue };
            asked.extend(command.drafts().into_iter().map(|draft| DraftKey {
                program_id: key.program_id(),
                draft: draft.to_owned(),
            }));
        }
        asked.sort_unstable();
        asked.dedup();
        let known = match asked.as_slice() {
            [] => HashMap::new(),
            keys => load_drafts(tx, keys).await?,
        };
        Ok(Drafts {
            known,
            changed: BTreeMap::new(),
            changes: Vec::new(),
        })
    }

    /// Says what to write.
    pub fn persist(&self, writes: &mut Writes) {
        save_drafts(&self.changed, writes);
        insert_draft_changes(&self.changes, writes);
    }

    fn get(&self, key: &DraftKey) -> Option<&StoredDraft> {
        self.changed.get(key).or_else(|| self.known.get(key))
    }
}

/// Returns a draft of the program, if it is there.
pub fn draft_of(state: &State, stamp: &Stamp<'_>, draft: &str) -> Option<pb::Draft> {
    let found = state.drafts.get(&key(stamp, draft));
    found.map(|stored| stored.wire.clone())
}

/// Returns a draft of the program, or refuses.
pub fn expect_draft(state: &State, stamp: &Stamp<'_>, draft: &str) -> Result<pb::Draft, Error> {
    draft_of(state, stamp, draft).ok_or_else(|| Error::DraftNotFound {
        draft: draft.to_owned(),
    })
}

/// Keeps a draft as it stands after a move, with the move, and tells the feed.
pub fn keep(state: &mut State, stamp: &mut Stamp<'_>, draft: &pb::Draft, did: &Move<'_>) {
    let key = key(stamp, &draft.draft);
    let changes = state.drafts.get(&key).map_or(0, |stored| stored.changes) + 1;
    let change = pb::DraftChange {
        number: changes,
        r#move: did.is.into(),
        revision: draft.revision,
        by: did.by.to_owned(),
        at: Some(time::to_wire(time::to_micros(stamp.now()))),
        comment: did.comment.to_owned(),
    };
    let makes_revision = matches!(did.is, pb::DraftMove::Saved | pb::DraftMove::Copied);
    state.drafts.changes.push(NewDraftChange {
        key: key.clone(),
        change: change.clone(),
        made: makes_revision.then(|| draft.clone()),
    });
    let stored = StoredDraft {
        wire: draft.clone(),
        changes,
    };
    state.drafts.changed.insert(key, stored);
    let changed = pb::DraftChanged {
        draft: Some(pb::Draft {
            campaign: None,
            ..draft.clone()
        }),
        change: Some(change),
    };
    let event = pb::CampaignEvent {
        event: Some(pb::campaign_event::Event::DraftChanged(changed)),
    };
    stamp.record(MemberId::nil(), stamp.now(), &event);
}

/// Tells what keeps a campaign from being published, as the rules stand.
pub fn problems(rules: &ProgramRules, campaign: &Campaign) -> Vec<pb::DraftProblem> {
    let problem = |field: &str, sentence: String| pb::DraftProblem {
        field: format!("campaign.{field}"),
        sentence,
    };
    match check(rules, campaign) {
        Ok(()) => Vec::new(),
        Err(Error::CampaignInvalid(contradictions)) => contradictions
            .into_iter()
            .map(|of| problem(&of.field, of.sentence.to_string()))
            .collect(),
        Err(refused) => {
            let field = match refused {
                Error::AccrualNotFound { .. } => "effects",
                Error::GroupNotFound { .. } => "group",
                Error::BudgetNotFound { .. } => "funding.budget",
                _ => "grants",
            };
            vec![problem(field, refused.to_string())]
        }
    }
}

fn key(stamp: &Stamp<'_>, draft: &str) -> DraftKey {
    DraftKey {
        program_id: stamp.program_id(),
        draft: draft.to_owned(),
    }
}
