//! `EvidenceService`.

use common::{
    auth::{Caller, ProgramScope},
    ids::EntryId,
    page::Filter,
    parse::{id, page_size, parse},
    refusal::{Fault, Violations},
};
use proto::points::{self as pb, evidence_service_server::EvidenceService, export_evidence_response::Part};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{
    Reply,
    evidence_wire::{checkpoint_to_wire, exported, record_to_wire, row_to_wire, segment_to_wire},
};
use crate::{
    context::Context,
    domain::evidence::{SealedRow, head_leaves, path_of},
    error::Error,
    store::{self, Found, SignedCheckpoint},
};

/// How many messages wait for a slow reader: each may be large.
const WAITING: usize = 4;
/// How many checkpoints are read at once.
const CHECKPOINTS: i64 = 100;

/// The RPCs on evidence.
pub struct Evidence {
    cx: Context,
}

impl Evidence {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Evidence {
        Evidence { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl EvidenceService for Evidence {
    type ExportEvidenceStream = ReceiverStream<Result<pb::ExportEvidenceResponse, Status>>;

    async fn list_checkpoints(
        &self,
        request: Request<pb::ListCheckpointsRequest>,
    ) -> Reply<pb::ListCheckpointsResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_checkpoints(&self.cx, &caller, asked).await?))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<pb::GetInclusionProofRequest>,
    ) -> Reply<pb::GetInclusionProofResponse> {
        let (caller, GetInclusionProof(entry_id)) = parse(request)?;
        Ok(Response::new(prove_inclusion(&self.cx, &caller, entry_id).await?))
    }

    async fn export_evidence(&self, request: Request<pb::ExportEvidenceRequest>) -> Reply<Self::ExportEvidenceStream> {
        let scope = Caller::of(&request)?.program();
        let (told, telling) = mpsc::channel(WAITING);
        let cx = self.cx.clone();
        tokio::spawn(async move {
            if let Err(fault) = export(&cx, scope, &told).await {
                let _ = told.send(Err(fault.into())).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(telling)))
    }
}

/// Asks for a page of checkpoints.
struct ListCheckpoints {
    page_size: i64,
    page_token: String,
    filter: Filter,
}

impl TryFrom<pb::ListCheckpointsRequest> for ListCheckpoints {
    type Error = Violations;

    fn try_from(wire: pb::ListCheckpointsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let page_size = page_size(&mut violations, "page_size", wire.page_size);
        violations.finish(page_size.map(|page_size| ListCheckpoints {
            page_size,
            page_token: wire.page_token,
            filter: Filter::of(&pb::ListCheckpointsRequest::default()),
        }))
    }
}

/// Asks to prove that an entry was recorded.
struct GetInclusionProof(EntryId);

impl TryFrom<pb::GetInclusionProofRequest> for GetInclusionProof {
    type Error = Violations;

    fn try_from(wire: pb::GetInclusionProofRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let entry_id = id(&mut violations, "entry_id", &wire.entry_id);
        violations.finish(entry_id.map(GetInclusionProof))
    }
}

async fn list_checkpoints(
    cx: &Context,
    caller: &Caller,
    asked: ListCheckpoints,
) -> Result<pb::ListCheckpointsResponse, Status> {
    let scope = caller.program();
    let before: Option<i64> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let read = cx.db.run(move |pool| async move {
        store::list_checkpoints(&mut *pool.acquire().await?, before, asked.page_size + 1).await
    });
    let mut checkpoints = read.await.map_err(Fault::from)?;
    let more = checkpoints.len() as i64 > asked.page_size;
    checkpoints.truncate(asked.page_size as usize);
    let last = checkpoints.last().filter(|_| more).map(|last| last.checkpoint.number);
    Ok(pb::ListCheckpointsResponse {
        checkpoints: checkpoints.into_iter().map(checkpoint_to_wire).collect(),
        next_page_token: last
            .map(|place| cx.page_tokens.seal(scope, asked.filter, &place))
            .unwrap_or_default(),
    })
}

async fn prove_inclusion(
    cx: &Context,
    caller: &Caller,
    entry_id: EntryId,
) -> Result<pb::GetInclusionProofResponse, Status> {
    let scope = caller.program();
    let found = cx
        .db
        .run(move |pool| async move { store::find_inclusion(&pool, scope, entry_id).await });
    let inclusion = match found.await.map_err(Fault::from)? {
        Found::Sealed(inclusion) => inclusion,
        Found::NotSealed => return Err(Error::NotSealed { entry_id }.into()),
        Found::Nothing => return Err(Error::EntryNotFound { entry_id }.into()),
    };
    let leaves: Vec<_> = inclusion.rows.iter().map(SealedRow::leaf).collect();
    let shard = inclusion.sealed.segment.shard as usize;
    let hashes = |path: Vec<[u8; 32]>| path.into_iter().map(|hash| hash.to_vec()).collect();
    Ok(pb::GetInclusionProofResponse {
        record: inclusion.rows.get(inclusion.index).map(record_to_wire),
        row_path: hashes(path_of(&leaves, inclusion.index)),
        shard_path: hashes(path_of(&head_leaves(&inclusion.heads), shard)),
        segment: Some(segment_to_wire(&inclusion.sealed)),
        checkpoint: Some(checkpoint_to_wire(inclusion.signed)),
    })
}

/// Streams all evidence.
async fn export(
    cx: &Context,
    scope: ProgramScope,
    told: &mpsc::Sender<Result<pb::ExportEvidenceResponse, Status>>,
) -> Result<(), Fault> {
    let mut next = 1;
    loop {
        let read = cx.db.run(move |pool| async move {
            store::list_checkpoints_from(&mut *pool.acquire().await?, next, CHECKPOINTS).await
        });
        let checkpoints: Vec<SignedCheckpoint> = read.await?;
        if checkpoints.is_empty() {
            return Ok(());
        }
        for signed in checkpoints {
            let number = signed.checkpoint.number;
            let segments = cx
                .db
                .run(move |pool| async move { store::list_segments(&mut *pool.acquire().await?, number).await });
            for sealed in segments.await? {
                let segment = segment_to_wire(&sealed);
                let rows = cx
                    .db
                    .run(move |pool| async move { store::read_segment(&mut *pool.acquire().await?, &sealed).await });
                let part = Part::Segment(pb::ExportedSegment {
                    segment: Some(segment),
                    rows: rows.await?.iter().map(|row| row_to_wire(row, scope)).collect(),
                });
                if told.send(Ok(exported(part))).await.is_err() {
                    return Ok(());
                }
            }
            let part = Part::Checkpoint(checkpoint_to_wire(signed));
            if told.send(Ok(exported(part))).await.is_err() {
                return Ok(());
            }
            next = number + 1;
        }
    }
}
