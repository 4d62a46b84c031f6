//! One batch, one transaction: the story of every change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use proto::member::member_event;
use sqlx::{Connection as _, PgConnection};

use super::{Answer, Event, Item, Key, Lane, Request, Stamp, Steps, WriteError, sql::Head, stamp::Programs};
use crate::{
    fingerprint::Fingerprint,
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
pub(crate) async fn write<S: Steps>(
    lane: &Lane<S>,
    connection: &mut PgConnection,
    items: &[Item<S>],
) -> Result<Done<S>, sqlx::Error> {
    let sql = &lane.sql;
    let mut tx = connection.begin().await?;

    let shards: BTreeSet<i16> = items.iter().map(|item| item.request.shard().get()).collect();
    let shards: Vec<i16> = shards.into_iter().collect();
    let (mut heads, database_now) = sql.lock_heads(&mut tx, &shards).await?;

    let mut answered = find_answers(lane, &mut tx, items).await?;
    let mut cursors = read_cursors(lane, &mut tx, items, &shards).await?;
    let mut programs = load_programs(lane, &mut tx, items).await?;

    let mut state = {
        let work = new_work(items, &answered, &cursors, &programs.known);
        lane.steps.load(&mut tx, &work).await?
    };

    let mut rows: Vec<JournalRow> = Vec::new();
    let mut moved_heads: BTreeMap<Shard, Head> = BTreeMap::new();
    let mut moved_cursors: BTreeMap<(String, i16), i64> = BTreeMap::new();
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        let shard = item.request.shard();
        let head = heads.get_mut(&shard).expect("every shard of the batch is locked");
        let recorded_at = next_instant(head, database_now);
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
                let cursor = cursors.entry(((*source).to_owned(), shard.get())).or_insert(0);
                if event.seq > *cursor + 1 {
                    // What came before it failed; the follower starts again from the cursor.
                    Err(WriteError::Unavailable)
                } else {
                    if event.seq == *cursor + 1 {
                        *cursor = event.seq;
                        moved_cursors.insert(((*source).to_owned(), shard.get()), event.seq);
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
            *head = Head {
                last_seq: last.seq,
                last_recorded_at: recorded_at,
            };
            moved_heads.insert(shard, *head);
        }
        remember(&item.request, &answer, &mut rows[before..], &mut answered);
        answers.push(answer);
    }

    for program_id in &programs.changed {
        sql.program.save(&mut tx, &programs.known[program_id]).await?;
    }
    lane.steps.persist(&mut tx, &mut state).await?;
    if !rows.is_empty() {
        sql.journal.insert(&mut tx, &rows).await?;
        sql.save_heads(&mut tx, &moved_heads).await?;
    }
    if !moved_cursors.is_empty() {
        sql.save_cursors(&mut tx, &moved_cursors).await?;
    }
    tx.commit().await?;

    for program_id in &programs.changed {
        lane.programs.learn(programs.known[program_id].clone());
    }
    lane.hub.publish(rows);
    Ok(Done { answers, state })
}

/// Finds the first answers of requests that are repeated.
async fn find_answers<S: Steps>(
    lane: &Lane<S>,
    tx: &mut PgConnection,
    items: &[Item<S>],
) -> Result<HashMap<RequestName, FirstAnswer>, sqlx::Error> {
    let names: Vec<RequestName> = items
        .iter()
        .filter_map(|item| match &item.request {
            Request::Call { key, .. } => key.name(),
            Request::Event { .. } => None,
        })
        .collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = lane
        .sql
        .journal
        .find_requests(tx, &names.iter().collect::<Vec<_>>())
        .await?;
    Ok(rows.into_iter().filter_map(first_answer).collect())
}

/// What was answered the first time.
struct FirstAnswer {
    fingerprint: Fingerprint,
    answer: Answer,
}

fn first_answer(row: JournalRow) -> Option<(RequestName, FirstAnswer)> {
    let request = row.request?;
    let name = RequestName {
        shard: row.shard,
        program_id: row.program_id,
        member_id: row.member_id,
        method: request.method,
        request_id: request.request_id,
    };
    let answer = Answer {
        bytes: request.answer,
        shard: row.shard.get(),
        seq: row.seq,
    };
    Some((
        name,
        FirstAnswer {
            fingerprint: request.fingerprint,
            answer,
        },
    ))
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

async fn read_cursors<S: Steps>(
    lane: &Lane<S>,
    tx: &mut PgConnection,
    items: &[Item<S>],
    shards: &[i16],
) -> Result<BTreeMap<(String, i16), i64>, sqlx::Error> {
    let sources: BTreeSet<&str> = items
        .iter()
        .filter_map(|item| match &item.request {
            Request::Event { source, .. } => Some(*source),
            Request::Call { .. } => None,
        })
        .collect();
    if sources.is_empty() {
        return Ok(BTreeMap::new());
    }
    lane.sql
        .read_cursors(tx, &sources.into_iter().collect::<Vec<_>>(), shards)
        .await
}

async fn load_programs<S: Steps>(
    lane: &Lane<S>,
    tx: &mut PgConnection,
    items: &[Item<S>],
) -> Result<Programs, sqlx::Error> {
    let ids: BTreeSet<ProgramId> = items.iter().map(|item| whose(&item.request).0).collect();
    let known = lane.sql.program.load(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(Programs {
        known,
        changed: Vec::new(),
    })
}

/// Leaves out what was done before.
fn new_work<'a, S: Steps>(
    items: &'a [Item<S>],
    answered: &HashMap<RequestName, FirstAnswer>,
    cursors: &BTreeMap<(String, i16), i64>,
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
                let taken = cursors
                    .get(&((*source).to_owned(), event.shard as i16))
                    .copied()
                    .unwrap_or(0);
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
