//! Every change of the service, in three steps: load what the work concerns, decide one after another, persist what changed.
//!
//! What members did comes in with the feed of the campaign service, who there is with that of the member service. A request changes a ladder; nothing
//! that a caller can ask for changes where a member stands.

mod bring_up;
pub mod publish_ladder;
mod take_in;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use common::{
    ids::ProgramId,
    versions::{Catalogue, Published},
    writer::{Event, Memory, Stamp, Steps, Work, Writes},
};
use sqlx::PgConnection;
use tokio::sync::Notify;

use crate::{
    SCHEMA,
    domain::Ladders,
    error::Error,
    store::{self, LadderTerms, MemberKey, MemberRecord, Members},
};

pub use publish_ladder::PublishLadder;

/// What is asked of the service.
pub enum Command {
    /// Publish a ladder.
    PublishLadder(PublishLadder),
    /// Judge the member whose key it comes with, because something is due.
    BringUp,
}

/// The state of what a batch concerns.
pub struct State {
    ladders: Published<LadderTerms>,
    /// The ladders by which members of a program are judged, once somebody was.
    judged_by: HashMap<ProgramId, Arc<Ladders>>,
    members: Members,
    /// The programs that were known before the batch: on which day something happened depends on that.
    known_programs: BTreeSet<ProgramId>,
    published: bool,
}

impl State {
    /// Returns the ladders of a program.
    fn ladders_of(&mut self, program_id: ProgramId) -> Arc<Ladders> {
        let versions = self.ladders.of(program_id);
        let ladders = || Arc::new(versions.map(|versions| store::ladders_of(versions)).unwrap_or_default());
        self.judged_by.entry(program_id).or_insert_with(ladders).clone()
    }
}

/// Decides where members stand.
pub struct Judge {
    ladders: Arc<Catalogue<LadderTerms>>,
    published: Notify,
}

impl Judge {
    /// Prepares to decide by the ladders of a catalogue.
    pub fn new(ladders: Arc<Catalogue<LadderTerms>>) -> Judge {
        Judge {
            ladders,
            published: Notify::new(),
        }
    }

    /// Waits until a ladder is published here.
    pub async fn ladder_published(&self) {
        self.published.notified().await;
    }
}

impl Steps for Judge {
    type Command = Command;
    type State = State;
    type Remembered = MemberRecord;
    type Refusal = Error;

    const SCHEMA: &'static str = SCHEMA;

    async fn load(
        &self,
        connection: &mut PgConnection,
        memory: &mut Memory<MemberRecord>,
        work: &Work<'_, Command>,
    ) -> Result<State, sqlx::Error> {
        let judged = work
            .calls
            .iter()
            .filter(|(_, command)| matches!(command, Command::BringUp));
        let judged = judged.map(|(key, _)| (key.program_id(), key.member_id()));
        let concerned: BTreeSet<MemberKey> = judged
            .chain(work.events.iter().filter_map(|event| take_in::whom(event)))
            .collect();
        let ladders = self.ladders.load(connection, work).await?;
        let mut members = Members::with_capacity(concerned.len());
        let mut unknown = BTreeSet::new();
        for key in concerned {
            match memory.take(key.0, key.1) {
                Some(known) => drop(members.insert(key, known.into_stored())),
                None => drop(unknown.insert(key)),
            }
        }
        members.extend(store::load_members(connection, &unknown, work.programs).await?);
        Ok(State {
            ladders,
            judged_by: HashMap::new(),
            members,
            known_programs: work.programs.keys().copied().collect(),
            published: false,
        })
    }

    fn decide(&self, state: &mut State, command: &Command, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        match command {
            Command::PublishLadder(command) => publish_ladder::decide(state, command, stamp),
            Command::BringUp => {
                bring_up::decide(state, stamp);
                Ok(Vec::new())
            }
        }
    }

    fn take_in(&self, state: &mut State, event: &Event, stamp: &mut Stamp<'_>) {
        take_in::take_in(state, event, stamp);
    }

    fn persist(&self, state: &mut State, writes: &mut Writes) {
        self.ladders.persist(&mut state.ladders, writes);
        store::save_members(&state.members, writes);
    }

    fn remember(&self, state: &mut State, memory: &mut Memory<MemberRecord>) {
        for ((program_id, member_id), record) in state.members.drain() {
            if state.known_programs.contains(&program_id) {
                memory.keep(program_id, member_id, record.into_new());
            }
        }
    }

    async fn committed(&self, state: State) {
        if state.published {
            self.published.notify_one();
        }
    }
}
