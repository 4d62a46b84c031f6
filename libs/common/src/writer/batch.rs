//! One batch, one transaction: the story of every change.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, PgConnection};

use super::{
    Answer, Event, Item, Key, Lane, Memory, Request, Session, Stamp, Steps, WriteError, Writes,
    memory::Left,
    programs::{Programs, follow_program},
    repeats::{first_answers, remember, repeat},
    sql::{self, CursorKey, FirstAnswer, Head, Outcome, Question, Seen},
};
use crate::{
    canary,
    ids::{MemberId, ProgramId},
    journal::{JournalRow, RequestName},
    program::Program,
    refusal::Fault,
    shard::Shard,
};

/// By how much the database's clock may be off the one that is carried on. More means that this machine stood still.
const OFF_BY: SignedDuration = SignedDuration::from_secs(2);

/// The work of a batch that is new: no repeated requests, no events that were taken in before.
pub struct Work<'a, C> {
    /// The calls.
    pub calls: Vec<(&'a Key, &'a C)>,
    /// The events.
    pub events: Vec<&'a Event>,
    /// The programs that they concern, as far as they exist.
    pub programs: &'a HashMap<ProgramId, Program>,
    /// The time by the database's clock.
    pub now: Timestamp,
    /// Whether what must not be there yet need not be looked for: to insert it twice fails, and the batch is decided again with a look.
    pub presumes: bool,
}

/// On what a batch is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// On what is remembered, where that is enough.
    Recalled,
    /// On what the database says.
    Looked,
    /// On what it says while the heads are locked.
    Locked,
}

impl Way {
    /// Returns the way that fails less often.
    pub(crate) fn surer(self) -> Way {
        match self {
            Way::Recalled => Way::Looked,
            Way::Looked | Way::Locked => Way::Locked,
        }
    }
}

pub(crate) struct Done<S: Steps> {
    pub(crate) answers: Vec<Result<Answer, WriteError<S::Refusal>>>,
    pub(crate) state: S::State,
}

/// Writes a batch. Everything in it commits together; a refusal is an answer, not a failure.
///
/// Usually nothing is locked, and nothing is looked at either: everything is decided on what is remembered, and one statement writes it all if that
/// still holds, which it checks itself. Where not everything is remembered, or where that turned out to be wrong, one statement looks first.
/// With the heads locked nobody can disturb, at the price of a transaction of several round trips: that is for batches that were disturbed all the
/// same, and for those that load what is no member's.
pub(crate) async fn write<S: Steps>(
    lane: &Lane<S>,
    session: &mut Session<S>,
    items: &[Item<S>],
    way: Way,
) -> Result<Done<S>, sqlx::Error> {
    let Session {
        connection,
        memory,
        way: taken,
    } = session;
    let question = question(items);
    let claims = |item: &Item<S>| matches!(&item.request, Request::Call { command, .. } if lane.steps.claims(command));
    if way == Way::Locked || items.iter().any(claims) {
        *taken = Way::Locked;
        let mut tx = connection.begin().await?;
        lane.sql.lock(&mut tx, &question.shards).await?;
        let seen = lane.sql.look(&mut tx, &question).await?;
        let decided = decide_and_write(lane, &mut tx, memory, items, seen, Way::Locked).await?;
        tx.commit().await?;
        return Ok(settle(lane, memory, decided, Way::Locked));
    }
    let recalled = if way == Way::Recalled {
        memory.recall(&question)
    } else {
        None
    };
    let (seen, way) = match recalled {
        Some(seen) => (seen, Way::Recalled),
        None => (lane.sql.look(connection, &question).await?, Way::Looked),
    };
    *taken = way;
    match decide_and_write(lane, connection, memory, items, seen, way).await {
        Ok(decided) => Ok(settle(lane, memory, decided, way)),
        Err(error) if way == Way::Recalled => {
            memory.doubt();
            // What is remembered may contradict what is there: that is no fault yet.
            Err(if Fault::is_passing(&error) {
                error
            } else {
                sql::not_certain()
            })
        }
        Err(error) => Err(error),
    }
}

/// Learns from what is committed now, and announces it.
fn settle<S: Steps>(lane: &Lane<S>, memory: &mut Memory<S::Remembered>, mut decided: Decided<S>, way: Way) -> Done<S> {
    let left = Left {
        heads: &decided.heads,
        wrote: decided.wrote,
        cursors: &decided.cursors,
        programs: &decided.programs.known,
        now: decided.now,
    };
    memory.note(&left, way == Way::Recalled);
    lane.steps.remember(&mut decided.done.state, memory);
    for program in &decided.programs.changed {
        lane.programs.learn(decided.programs.known[program].clone());
    }
    lane.hub.publish(decided.rows);
    decided.done
}

struct Decided<S: Steps> {
    done: Done<S>,
    rows: Vec<JournalRow>,
    heads: BTreeMap<Shard, Head>,
    cursors: BTreeMap<CursorKey, i64>,
    wrote: bool,
    programs: Programs,
    now: Timestamp,
}

async fn decide_and_write<S: Steps>(
    lane: &Lane<S>,
    connection: &mut PgConnection,
    memory: &mut Memory<S::Remembered>,
    items: &[Item<S>],
    seen: Seen,
    way: Way,
) -> Result<Decided<S>, sqlx::Error> {
    memory.check(&seen.heads);
    let mut answered = first_answers::<S>(&seen.remembered)?;
    let (mut heads, mut cursors, mut now) = (seen.heads, seen.cursors, seen.now);
    // Whoever holds the locks is not to be disturbed by a clock that moves.
    let believed: Vec<Program> = match way {
        Way::Locked => Vec::new(),
        Way::Recalled | Way::Looked => seen.programs.values().cloned().collect(),
    };
    let mut programs = Programs {
        known: seen.programs,
        changed: Vec::new(),
    };

    let mut state = {
        let work = new_work(items, &answered, &cursors, (&programs.known, now), way);
        lane.steps.load(connection, memory, &work).await?
    };

    let mut rows: Vec<JournalRow> = Vec::new();
    let mut moved_cursors: BTreeMap<CursorKey, (i64, bool)> = BTreeMap::new();
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        let shard = item.request.shard();
        let head = heads.get_mut(&shard).expect("every shard of the batch was looked at");
        let recorded_at = next_instant(head, now);
        let before = rows.len();
        let (program_id, member_id) = whose(&item.request);
        let request = match &item.request {
            Request::Call { key, .. } => key.request.as_ref(),
            Request::Event { .. } => None,
        };
        let mut stamp = Stamp {
            shard,
            program_id,
            member_id,
            request: request.map(|request| (request.request_id.as_str(), request.method)),
            recorded_at,
            last_seq: head.last_seq,
            programs: &mut programs,
            rows: &mut rows,
        };
        let answer = match &item.request {
            Request::Call { key, command } => match key.name().and_then(|name| answered.get(&name)) {
                Some(first) => repeat(first, key),
                None => decide(lane, &mut state, key, command, &mut stamp),
            },
            Request::Event { source, event, after } => {
                let cursor_key = (*source, shard);
                let known = cursors.get(&cursor_key).copied();
                let cursor = known.unwrap_or(0);
                if *after > cursor {
                    // What came before it failed; the follower starts again from the cursor.
                    Err(WriteError::Unavailable)
                } else {
                    if event.seq > cursor {
                        let begun = moved_cursors
                            .get(&cursor_key)
                            .map_or(known.is_some(), |(_, begun)| *begun);
                        moved_cursors.insert(cursor_key, (event.seq, begun));
                        cursors.insert(cursor_key, event.seq);
                        follow_program(event, &mut stamp);
                        lane.steps.take_in(&mut state, event, &mut stamp);
                    }
                    Ok(Answer::default())
                }
            }
        };
        if answer.is_err() {
            rows.truncate(before);
        } else if let Some(last) = rows.get(before..).and_then(<[JournalRow]>::last) {
            head.last_seq = last.seq;
            head.last_recorded_at = recorded_at;
        }
        remember::<S>(&item.request, &answer, &mut rows[before..], &mut answered);
        answers.push(answer);
    }

    let mut writes = Writes::default();
    lane.steps.persist(&mut state, &mut writes);
    let outcome = Outcome {
        rows: &rows,
        heads: &heads,
        cursors: moved_cursors,
        // Who owns the programs keeps more of them, and saves them whole.
        programs: programs
            .changed
            .iter()
            .filter(|_| !S::OWNS_PROGRAMS)
            .map(|id| &programs.known[id])
            .collect(),
        believed: &believed,
        latest: (way == Way::Recalled).then(|| now + OFF_BY),
        writes,
    };
    let wrote = !outcome.is_nothing();
    let refused = answers.iter().any(Result::is_err);
    if way == Way::Recalled && (refused || !wrote) {
        // Nothing is refused, and nothing left undone, on what may have changed or was answered before.
        return Err(sql::not_certain());
    }
    if wrote {
        now = match lane.sql.write(connection, outcome, way == Way::Locked).await {
            Err(error) if canary::sings("answer-before-commit") && Fault::is_passing(&error) => now,
            written => written?,
        };
    } else if way == Way::Looked && refused {
        // A refusal is an answer too: it must not come of half of what somebody else just wrote.
        lane.sql.check_unchanged(connection, &heads).await?;
    }
    Ok(Decided {
        done: Done { answers, state },
        rows,
        heads,
        cursors,
        wrote,
        programs,
        now,
    })
}

/// Asks where everything stands that the items concern.
fn question<S: Steps>(items: &[Item<S>]) -> Question {
    let mut question = Question::default();
    for item in items {
        let shard = item.request.shard();
        question.shards.insert(shard);
        // An event that only says how far its feed was read is of no program.
        let program = Some(whose(&item.request).0).filter(|program| !program.is_nil());
        question.programs.extend(program);
        match &item.request {
            Request::Call { key, .. } => question
                .requests
                .extend(key.name().filter(|_| !canary::sings("forgotten-keys"))),
            Request::Event { source, .. } => _ = question.cursors.insert((*source, shard)),
        }
    }
    question
}

/// Decides a call that is new. What a refused call recorded is dropped by the caller.
fn decide<S: Steps>(
    lane: &Lane<S>,
    state: &mut S::State,
    key: &Key,
    command: &S::Command,
    stamp: &mut Stamp<'_>,
) -> Result<Answer, WriteError<S::Refusal>> {
    if stamp.program().is_none() && !S::OWNS_PROGRAMS {
        return Err(WriteError::ProgramNotFound(key.program_id()));
    }
    let before = stamp.rows.len();
    let bytes = Bytes::from(lane.steps.decide(state, command, stamp).map_err(WriteError::Refused)?);
    if key.request.is_some() && !stamp.rows[before..].iter().any(|row| row.member_id == key.member_id()) {
        // A request that changed nothing, or that made a member, is remembered in a row of its own.
        stamp.record_encoded(key.member_id(), stamp.now(), Bytes::new());
    }
    Ok(Answer {
        bytes,
        shard: stamp.shard.get(),
        seq: stamp.last_seq,
        repeated: false,
    })
}

/// Leaves out what was done before.
fn new_work<'a, S: Steps>(
    items: &'a [Item<S>],
    answered: &HashMap<RequestName, FirstAnswer>,
    cursors: &BTreeMap<CursorKey, i64>,
    (programs, now): (&'a HashMap<ProgramId, Program>, Timestamp),
    way: Way,
) -> Work<'a, S::Command> {
    let mut work = Work {
        calls: Vec::new(),
        events: Vec::new(),
        programs,
        now,
        presumes: way == Way::Recalled,
    };
    for item in items {
        match &item.request {
            Request::Call { key, command } => {
                if !key.name().is_some_and(|name| answered.contains_key(&name)) {
                    work.calls.push((key, command));
                }
            }
            Request::Event { source, event, .. } => {
                let taken = cursors.get(&(*source, item.request.shard())).copied().unwrap_or(0);
                if event.seq > taken {
                    work.events.push(event);
                }
            }
        }
    }
    work
}

fn whose(request: &Request<impl Sized>) -> (ProgramId, MemberId) {
    match request {
        Request::Call { key, .. } => (key.program_id(), key.member_id()),
        Request::Event { event, .. } => (
            event.program_id.parse().unwrap_or(ProgramId::nil()),
            event.member_id.parse().unwrap_or(MemberId::nil()),
        ),
    }
}

/// Returns an instant after everything that the shard has recorded, also when the database's clock went back.
fn next_instant(head: &Head, database_now: Timestamp) -> Timestamp {
    let after = head
        .last_recorded_at
        .checked_add(SignedDuration::from_micros(1))
        .unwrap_or(database_now);
    database_now.max(after)
}
