//! Acknowledged is applied, exactly once; refused is not applied at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use loyalty::demo::clients::persist;
use proto::points::{self as pb, EntryKind};

use super::{Book, Checked, Findings};
use crate::{
    history::{Answer, Call, Fate, History},
    load::{Asked, Stage},
};

/// How many requests are reconciled at once.
const MANY: usize = 500;

/// By whose key: the member and the request id.
type Name = (String, String);

pub async fn check(
    stage: &Stage,
    history: &History,
    book: &Book,
    checked: &mut Checked,
    findings: &mut Findings,
) -> Result<()> {
    let mut by_name: HashMap<Name, Vec<&pb::Entry>> = HashMap::new();
    let mut arrived: HashMap<&str, Vec<&pb::Entry>> = HashMap::new();
    for entry in book.entries() {
        if entry.kind() == EntryKind::TransferIn {
            arrived.entry(&entry.related_entry_id).or_default().push(entry);
        } else if !entry.request_id.is_empty() {
            let name = (entry.member_id.clone(), entry.request_id.clone());
            by_name.entry(name).or_default().push(entry);
        }
    }
    let outcomes = reconcile(stage, &history.calls).await?;
    for call in &history.calls {
        let name = name_of(&call.asked);
        let there = by_name.remove(&name).unwrap_or_default();
        let outcome = outcomes.get(&name).cloned().unwrap_or_default();
        match &call.fate {
            Fate::Done(answer) => {
                checked.done += 1;
                findings.extend(done(call, answer, &there, &outcome, &arrived));
            }
            Fate::Refused(..) if there.is_empty() && !outcome.took_effect => checked.refused += 1,
            Fate::Refused(..) if call.doubts > 0 => {
                checked.refused += 1;
                checked.late_effects += 1;
            }
            Fate::Refused(code, reason) => {
                findings.push(format!(
                    "{:?} was refused ({code:?}, {reason}) and took effect: {there:?}",
                    call.asked
                ));
            }
            Fate::Open => findings.push(format!("{:?} never got a definitive answer", call.asked)),
        }
    }
    for (name, entries) in by_name {
        findings.push(format!("nobody asked for what {name:?} made: {entries:?}"));
    }
    for (out, entries) in arrived {
        if entries.len() > 1 {
            findings.push(format!("what left by {out} arrived {} times", entries.len()));
        }
    }
    Ok(())
}

/// Looks whether what was answered is there, once.
fn done(
    call: &Call,
    answer: &Answer,
    there: &[&pb::Entry],
    outcome: &pb::RequestOutcome,
    arrived: &HashMap<&str, Vec<&pb::Entry>>,
) -> Option<String> {
    let asked = &call.asked;
    if let Asked::Transfer(_) = asked {
        let left_by = answer.entries.first().map_or("", |left| left.entry_id.as_str());
        let arrived = arrived.get(left_by).map_or(&[][..], Vec::as_slice);
        if arrived.len() != 1 || arrived.iter().copied().ne(answer.entries.iter().skip(1)) {
            return Some(format!(
                "{asked:?} was answered {answer:?}, but this arrived: {arrived:?}"
            ));
        }
    }
    let named: Vec<&pb::Entry> = answer.entries.iter().take(1).collect();
    let missing = named.iter().any(|entry| !there.contains(entry));
    let kinds: BTreeSet<i32> = there.iter().map(|entry| entry.kind).collect();
    let ids: Vec<&String> = named.iter().map(|entry| &entry.entry_id).collect();
    if missing || named.is_empty() {
        Some(format!(
            "LOST: {asked:?} was answered {answer:?}, and this is there: {there:?}"
        ))
    } else if kinds.len() < there.len() {
        Some(format!("TWICE: {asked:?} was done more than once: {there:?}"))
    } else if !outcome.took_effect || outcome.entry_ids.iter().collect::<Vec<_>>() != ids {
        Some(format!("{asked:?} was done, and ReconcileRequests says {outcome:?}"))
    } else {
        None
    }
}

/// Asks what became of every request.
async fn reconcile(stage: &Stage, calls: &[Call]) -> Result<HashMap<Name, pb::RequestOutcome>> {
    let names: BTreeMap<Name, ()> = calls.iter().map(|call| (name_of(&call.asked), ())).collect();
    let names: Vec<Name> = names.into_keys().collect();
    let mut outcomes = HashMap::with_capacity(names.len());
    for some in names.chunks(MANY) {
        let keys = some.iter().map(|(member_id, request_id)| pb::RequestKey {
            member_id: member_id.clone(),
            request_id: request_id.clone(),
        });
        let request = pb::ReconcileRequestsRequest { keys: keys.collect() };
        let told = persist(|| {
            let (mut client, request) = (stage.clients[0].points(0), request.clone());
            async move { client.reconcile_requests(request).await }
        })
        .await?;
        outcomes.extend(some.iter().cloned().zip(told.outcomes));
    }
    Ok(outcomes)
}

fn name_of(asked: &Asked) -> Name {
    (asked.member_id().to_owned(), asked.request_id().to_owned())
}
