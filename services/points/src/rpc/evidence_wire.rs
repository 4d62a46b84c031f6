//! Evidence as it travels.

use common::{auth::ProgramScope, time};
use jiff::Timestamp;
use proto::points::{self as pb, export_evidence_response::Part, sealed_row::Row};

use crate::{
    domain::evidence::{SealedRow, program_hash},
    store::{SealedSegment, SignedCheckpoint},
};

/// Returns a part of an export.
pub fn exported(part: Part) -> pb::ExportEvidenceResponse {
    pb::ExportEvidenceResponse { part: Some(part) }
}

/// Returns a checkpoint as it travels.
pub fn checkpoint_to_wire(signed: SignedCheckpoint) -> pb::Checkpoint {
    let checkpoint = &signed.checkpoint;
    pb::Checkpoint {
        number: checkpoint.number,
        sealed_at: instant(checkpoint.sealed_at),
        previous: checkpoint.previous.to_vec(),
        root: checkpoint.root.to_vec(),
        hash: checkpoint.hash().to_vec(),
        signature: signed.signature,
    }
}

/// Returns a segment as it travels.
pub fn segment_to_wire(sealed: &SealedSegment) -> pb::SealedSegment {
    let segment = &sealed.segment;
    pb::SealedSegment {
        shard: segment.shard.into(),
        number: segment.number,
        first_seq: segment.first_seq,
        last_seq: segment.last_seq,
        root: segment.root.to_vec(),
        chain_before: sealed.before.chain.to_vec(),
    }
}

/// Returns a row as the program may see it: one of another program as its hash.
pub fn row_to_wire(row: &SealedRow, scope: ProgramScope) -> pb::SealedRow {
    let row = if row.program_id == *scope.id().uuid().as_bytes() {
        Row::Record(record_to_wire(row))
    } else {
        Row::Hidden(pb::HiddenRow {
            program: program_hash(&row.program_id).to_vec(),
            body: row.body().to_vec(),
        })
    };
    pb::SealedRow { row: Some(row) }
}

/// Returns a row as it travels.
pub fn record_to_wire(row: &SealedRow) -> pb::JournalRecord {
    let request = row.request.as_ref().map(|request| pb::RequestRecord {
        request_id: request.request_id.clone(),
        method: request.method.into(),
        fingerprint: request.fingerprint.clone(),
        answer: request.answer.clone(),
    });
    pb::JournalRecord {
        seq: row.seq,
        program_id: row.program_id.to_vec(),
        member_id: row.member_id.to_vec(),
        request,
        occurred_at: instant(row.occurred_at),
        recorded_at: instant(row.recorded_at),
        event: row.event.clone(),
        request_key: row.request_key.map(|key| key.to_vec()).unwrap_or_default(),
    }
}

fn instant(micros: i64) -> Option<prost_types::Timestamp> {
    Timestamp::from_microsecond(micros).ok().map(time::to_wire)
}
