//! `ExportService`.

use common::{
    auth::ProgramScope,
    page::Filter,
    parse::parse,
    refusal::{Fault, Violations},
    shard::SHARDS,
};
use proto::points::{self as pb, export_service_server::ExportService};
use serde::{Serialize, de::DeserializeOwned};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{Reply, export_entries::export_entries, export_lots::export_lots, fields::wallet};
use crate::{context::Context, domain::WalletCode, store};

/// How many answers wait for a slow reader: each may be large.
pub(super) const WAITING: usize = 4;

/// The RPCs that export.
pub struct Exports {
    cx: Context,
}

impl Exports {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Exports {
        Exports { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl ExportService for Exports {
    type ExportEntriesStream = ReceiverStream<Result<pb::ExportEntriesResponse, Status>>;
    type ExportLotsStream = ReceiverStream<Result<pb::ExportLotsResponse, Status>>;

    async fn export_entries(&self, request: Request<pb::ExportEntriesRequest>) -> Reply<Self::ExportEntriesStream> {
        let (caller, asked) = parse(request)?;
        let telling = export_entries(&self.cx, &caller, asked).await?;
        Ok(Response::new(ReceiverStream::new(telling)))
    }

    async fn export_lots(&self, request: Request<pb::ExportLotsRequest>) -> Reply<Self::ExportLotsStream> {
        let (caller, asked) = parse(request)?;
        let telling = export_lots(&self.cx, &caller, asked).await?;
        Ok(Response::new(ReceiverStream::new(telling)))
    }
}

/// Where an export is resumed: up to where it goes, and after what.
#[derive(Clone, Debug, serde::Deserialize, Serialize)]
pub(super) struct Resume<P> {
    pub cut: Vec<i64>,
    pub after: P,
}

/// Finds where an export begins: where it is resumed, or at the beginning, up to the cut that was asked for.
pub(super) async fn begin<P: DeserializeOwned>(
    cx: &Context,
    scope: ProgramScope,
    (filter, resume_token): (Filter, &str),
    asked: Option<Vec<i64>>,
    beginning: P,
) -> Result<Resume<P>, Status> {
    if let Some(resume) = cx.page_tokens.open(scope, filter, resume_token)? {
        return Ok(resume);
    }
    let heads = cx.db.run(|pool| async move { store::find_heads(&pool).await });
    let mut cut = heads.await.map_err(Fault::from)?;
    for (head, asked) in cut.iter_mut().zip(asked.unwrap_or_default()) {
        *head = asked.min(*head);
    }
    Ok(Resume { cut, after: beginning })
}

/// Reads up to where is to be exported.
pub(super) fn cut(violations: &mut Violations, wire: Option<pb::LedgerCut>) -> Option<Option<Vec<i64>>> {
    let Some(wire) = wire else { return Some(None) };
    let is_one = wire.seqs.len() == SHARDS as usize && wire.seqs.iter().all(|seq| *seq >= 0);
    violations.check(is_one, "cut.seqs", format!("are not {SHARDS} places"));
    is_one.then_some(Some(wire.seqs))
}

/// Reads the code of a wallet; nothing for all.
pub(super) fn any_wallet(violations: &mut Violations, code: &str) -> Option<Option<WalletCode>> {
    if code.is_empty() {
        return Some(None);
    }
    wallet(violations, "wallet", code).map(Some)
}
