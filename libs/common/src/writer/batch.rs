//! One batch, one transaction: the story of every change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use proto::member::member_event;
use sqlx::{Connection as _, PgConnection};

use super::{
    Answer, Event, Item, Key, Lane, Memory, Request, Session, Stamp, Steps, WriteError, Writes,
    sql::{CursorKey, FirstAnswer, Head, Outcome, Question, Seen},
    stamp::Programs,
};
use crate::{
    ids::{MemberId, ProgramId},
    journal::{JournalRow, RequestName, RequestRecord},
    program::Program,
    shard::Shard,
    time,
    zone::Zone,
};

/// The work of a batch that is new: no repeated requests, no events that were taken in before.
pub struct Work<'a, C> {
    /// The calls.
    pub calls: Vec<(&'a Key, &'a C)>,
    /// The events.
    pub events: Vec<&'a Event>,
    /// The programs that they concern, as far as they exist.
    pub programs: &'a HashMap<ProgramId, Program>,
}

pub(crate) struct Done<S: Steps> {
    pub(crate) answers: Vec<Result<Answer, WriteError<S::Refusal>>>,
    pub(crate) state: S::State,
}

/// Writes a batch. Everything in it commits together; a refusal is an answer, not a failure.
///
/// Usually nothing is locked: the shards are looked at, everything is decided, and one statement writes it all if nobody has written to the shards
/// meanwhile. With the heads locked that cannot happen, at the price of a transaction of several round trips: that is for batches that were
/// disturbed, and for those that load what is no member's.
pub(crate) async fn write<S: Steps>(
    lane: &Lane<S>,
    session: &mut Session<S>,
    items: &[Item<S>],
    locked: bool,
) -> Result<Done<S>, sqlx::Error> {
    let Session { connection, memory } = session;
    let claims = |item: &Item<S>| matches!(&item.request, Request::Call { command, .. } if lane.steps.claims(command));
    let decided = if locked || items.iter().any(claims) {
        let mut tx = connection.begin().await?;
        lane.sql.lock(&mut tx, &shards_of(items)).await?;
        let decided = decide_and_write(lane, &mut tx, memory, items, true).await?;
        tx.commit().await?;
        decided
    } else {
        decide_and_write(lane, connection, memory, items, false).await?
    };
    memory.note(&decided.heads, decided.wrote);
    lane.steps.remember(&decided.done.state, memory);
    for program in decided.changed_programs {
        lane.programs.learn(program);
    }
    lane.hub.publish(decided.rows);
    Ok(decided.done)
}

struct Decided<S: Steps> {
    done: Done<S>,
    rows: Vec<JournalRow>,
    heads: BTreeMap<Shard, Head>,
    wrote: bool,
    changed_programs: Vec<Program>,
}

async fn decide_and_write<S: Steps>(
    lane: &Lane<S>,
    connection: &mut PgConnection,
    memory: &mut Memory<S::Remembered>,
    items: &[Item<S>],
    locked: bool,
) -> Result<Decided<S>, sqlx::Error> {
    let seen = look(lane, connection, items).await?;
    memory.check(&seen.heads);
    let (mut heads, mut cursors, mut answered) = (seen.heads, seen.cursors, seen.answers);
    let mut programs = Programs {
        known: seen.programs,
        changed: Vec::new(),
    };

    let mut state = {
        let work = new_work(items, &answered, &cursors, &programs.known);
        lane.steps.load(connection, memory, &work).await?
    };

    let mut rows: Vec<JournalRow> = Vec::new();
    let mut moved_cursors: BTreeMap<CursorKey, (i64, bool)> = BTreeMap::new();
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        let shard = item.request.shard();
        let head = heads.get_mut(&shard).expect("every shard of the batch was looked at");
        let recorded_at = next_instant(head, seen.now);
        let before = rows.len();
        let (program_id, member_id) = whose(&item.request);
        let request_id = match &item.request {
            Request::Call { key, .. } => key.request_id(),
            Request::Event { .. } => None,
        };
        let mut stamp = Stamp {
            shard,
            program_id,
            member_id,
            request_id,
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
            Request::Event { source, event } => {
                let cursor_key = (*source, shard);
                let known = cursors.get(&cursor_key).copied();
                let cursor = known.unwrap_or(0);
                if event.seq > cursor + 1 {
                    // What came before it failed; the follower starts again from the cursor.
                    Err(WriteError::Unavailable)
                } else {
                    if event.seq == cursor + 1 {
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
        remember(&item.request, &answer, &mut rows[before..], &mut answered);
        answers.push(answer);
    }

    let mut writes = Writes::default();
    lane.steps.persist(&mut state, &mut writes);
    let changed_programs: Vec<Program> = programs.changed.iter().map(|id| programs.known[id].clone()).collect();
    let outcome = Outcome {
        rows: &rows,
        heads: &heads,
        cursors: moved_cursors,
        // Who owns the programs keeps more of them, and saves them whole.
        programs: changed_programs.iter().filter(|_| !S::OWNS_PROGRAMS).collect(),
        writes,
    };
    let wrote = !outcome.is_nothing();
    if wrote {
        lane.sql.write(connection, outcome, locked).await?;
    } else if !locked && answers.iter().any(Result::is_err) {
        // A refusal is an answer too: it must not come of half of what somebody else just wrote.
        lane.sql.check_unchanged(connection, &heads).await?;
    }
    Ok(Decided {
        done: Done { answers, state },
        rows,
        heads,
        wrote,
        changed_programs,
    })
}

/// Looks where everything stands that the items concern.
async fn look<S: Steps>(lane: &Lane<S>, connection: &mut PgConnection, items: &[Item<S>]) -> Result<Seen, sqlx::Error> {
    let programs: BTreeSet<ProgramId> = items.iter().map(|item| whose(&item.request).0).collect();
    let (mut sources, mut requests) = (BTreeSet::new(), Vec::new());
    for item in items {
        match &item.request {
            Request::Call { key, .. } => requests.extend(key.name()),
            Request::Event { source, .. } => _ = sources.insert(*source),
        }
    }
    let question = Question {
        shards: &shards_of(items),
        programs: &programs.into_iter().collect::<Vec<_>>(),
        sources: &sources.into_iter().collect::<Vec<_>>(),
        requests: &requests,
    };
    lane.sql.look(connection, &question).await
}

fn shards_of<S: Steps>(items: &[Item<S>]) -> Vec<i16> {
    let shards: BTreeSet<i16> = items.iter().map(|item| item.request.shard().get()).collect();
    shards.into_iter().collect()
}

/// Gives the first answer again, or says which fields differ.
fn repeat<R>(first: &FirstAnswer, key: &Key) -> Result<Answer, WriteError<R>> {
    let request = key.request.as_ref().expect("only keyed requests were answered before");
    if request.fingerprint == first.fingerprint {
        return Ok(first.answer.clone());
    }
    let message = proto::descriptors().get_message_by_name(&request.message);
    let name_of = |number| {
        message
            .as_ref()
            .and_then(|message| message.get_field(number))
            .map(|field| field.name().to_owned())
    };
    let differing_fields = request
        .fingerprint
        .differing_fields(&first.fingerprint)
        .into_iter()
        .filter_map(name_of)
        .collect();
    Err(WriteError::Reused {
        request_id: request.request_id.clone(),
        differing_fields,
    })
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
    })
}

/// Writes the request onto the first row of its member that it made, and remembers it for the rest of the batch.
fn remember<R>(
    request: &Request<impl Sized>,
    answer: &Result<Answer, WriteError<R>>,
    made: &mut [JournalRow],
    answered: &mut HashMap<RequestName, FirstAnswer>,
) {
    let (Request::Call { key, .. }, Ok(answer)) = (request, answer) else {
        return;
    };
    let (Some(request), Some(name)) = (key.request.as_ref(), key.name()) else {
        return;
    };
    let Some(first) = made.iter_mut().find(|row| row.member_id == key.member_id) else {
        return;
    };
    first.request = Some(RequestRecord {
        request_id: request.request_id.clone(),
        method: request.method,
        fingerprint: request.fingerprint.clone(),
        answer: answer.bytes.clone(),
    });
    answered.insert(
        name,
        FirstAnswer {
            fingerprint: request.fingerprint.clone(),
            answer: answer.clone(),
        },
    );
}

/// Leaves out what was done before.
fn new_work<'a, S: Steps>(
    items: &'a [Item<S>],
    answered: &HashMap<RequestName, FirstAnswer>,
    cursors: &BTreeMap<CursorKey, i64>,
    programs: &'a HashMap<ProgramId, Program>,
) -> Work<'a, S::Command> {
    let mut work = Work {
        calls: Vec::new(),
        events: Vec::new(),
        programs,
    };
    for item in items {
        match &item.request {
            Request::Call { key, command } => {
                if !key.name().is_some_and(|name| answered.contains_key(&name)) {
                    work.calls.push((key, command));
                }
            }
            Request::Event { source, event } => {
                let taken = cursors.get(&(*source, item.request.shard())).copied().unwrap_or(0);
                if event.seq > taken {
                    work.events.push(event);
                }
            }
        }
    }
    work
}

/// Keeps the program as the member service reports it.
fn follow_program(event: &Event, stamp: &mut Stamp<'_>) {
    let Some(proto::event::event::Payload::Member(member)) = &event.payload else {
        return;
    };
    let program = match &member.event {
        Some(member_event::Event::ProgramCreated(created)) => created.program.as_ref(),
        Some(member_event::Event::ProgramUpdated(updated)) => updated.program.as_ref(),
        Some(member_event::Event::ClockAdvanced(advanced)) => {
            if let (Some(known), Some(to)) = (stamp.program().cloned(), advanced.to.and_then(time::from_wire)) {
                stamp.put_program(Program {
                    clock_at: Some(to),
                    ..known
                });
            }
            None
        }
        _ => None,
    };
    let Some(program) = program else { return };
    let Some(zone) = Zone::find(&program.zone) else {
        tracing::error!(program_id = %stamp.program_id(), zone = program.zone, "this build does not know the program's time zone");
        return;
    };
    stamp.put_program(Program {
        program_id: stamp.program_id(),
        zone,
        currency_code: program.currency_code.clone(),
        clock_at: program.clock_at.and_then(time::from_wire),
        config_version: stamp.program().map_or(0, |known| known.config_version),
    });
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
