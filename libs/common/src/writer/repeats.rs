//! Requests that come again: what was answered first is answered again.

use std::collections::HashMap;

use super::{Answer, Key, Request, Steps, WriteError, sql::FirstAnswer};
use crate::journal::{JournalRow, RequestName, RequestRecord};

/// Returns what was answered first to each request that rows of the journal remember.
pub(super) fn first_answers<S: Steps>(
    remembered: &[JournalRow],
) -> Result<HashMap<RequestName, FirstAnswer>, sqlx::Error> {
    let mut answered = HashMap::with_capacity(remembered.len());
    for row in remembered {
        if let (Some(name), Some(request)) = (row.request_name(), &row.request) {
            let answer = Answer {
                bytes: S::unfold_answer(row, &request.answer).map_err(sqlx::Error::Decode)?,
                shard: row.shard.get(),
                seq: row.seq,
                repeated: false,
            };
            let fingerprint = request.fingerprint.clone();
            answered.insert(name, FirstAnswer { fingerprint, answer });
        }
    }
    Ok(answered)
}

/// Gives the first answer again, or says which fields differ.
pub(super) fn repeat<R>(first: &FirstAnswer, key: &Key) -> Result<Answer, WriteError<R>> {
    let request = key.request.as_ref().expect("only keyed requests were answered before");
    if request.fingerprint == first.fingerprint {
        return Ok(Answer {
            repeated: true,
            ..first.answer.clone()
        });
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

/// Writes the request onto the first row of its member that it made, and remembers it for the rest of the batch.
pub(super) fn remember<S: Steps>(
    request: &Request<S::Command>,
    answer: &Result<Answer, WriteError<S::Refusal>>,
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
        answer: S::fold_answer(first, request.method, &answer.bytes),
    });
    debug_assert_eq!(
        first
            .request
            .as_ref()
            .and_then(|request| S::unfold_answer(first, &request.answer).ok()),
        Some(answer.bytes.clone()),
        "what is kept of an answer makes the same answer again"
    );
    answered.insert(
        name,
        FirstAnswer {
            fingerprint: request.fingerprint.clone(),
            answer: answer.clone(),
        },
    );
}
