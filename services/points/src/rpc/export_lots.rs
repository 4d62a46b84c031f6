//! `ExportLots`: every lot that was ever made, account by account.

use common::{
    auth::{Caller, ProgramScope},
    ids::MemberId,
    page::Filter,
    refusal::{Fault, Violations},
    shard::Shard,
};
use proto::points as pb;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tonic::Status;
use uuid::Uuid;

use super::exports::{Resume, WAITING, any_wallet, begin, cut};
use crate::{
    context::Context,
    domain::WalletCode,
    store::{self, LotOfAccount},
};

/// How many accounts are read at a time.
const ACCOUNTS: i64 = 100;
/// How many lots an answer has at most.
const LOTS: usize = 500;

/// Asks for lots.
pub struct ExportLots {
    wallet: Option<WalletCode>,
    cut: Option<Vec<i64>>,
    resume_token: String,
    filter: Filter,
}

impl TryFrom<pb::ExportLotsRequest> for ExportLots {
    type Error = Violations;

    fn try_from(wire: pb::ExportLotsRequest) -> Result<ExportLots, Violations> {
        let mut violations = Violations::default();
        let wallet = any_wallet(&mut violations, &wire.wallet);
        let filter = Filter::of(&pb::ExportLotsRequest {
            resume_token: String::new(),
            ..wire.clone()
        });
        let cut = cut(&mut violations, wire.cut);
        violations.finish(wallet.zip(cut).map(|(wallet, cut)| ExportLots {
            wallet,
            cut,
            resume_token: wire.resume_token,
            filter,
        }))
    }
}

type Answer = Result<pb::ExportLotsResponse, Status>;

/// After which lot an export goes on: the shard, the last account of which all lots were told, and how many of the next account's were.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Place {
    shard: i16,
    member_id: Uuid,
    wallet: String,
    told: usize,
}

/// Begins to export lots.
pub async fn export_lots(cx: &Context, caller: &Caller, asked: ExportLots) -> Result<mpsc::Receiver<Answer>, Status> {
    let scope = caller.program();
    let token = (asked.filter, asked.resume_token.as_str());
    let begun = begin(cx, scope, token, asked.cut.clone(), Place::default()).await?;
    let (told, telling) = mpsc::channel(WAITING);
    let export = Export {
        cx: cx.clone(),
        scope,
        asked,
        told,
        here: begun,
        lots: Vec::new(),
    };
    tokio::spawn(export.run());
    Ok(telling)
}

/// An export that is under way.
struct Export {
    cx: Context,
    scope: ProgramScope,
    asked: ExportLots,
    told: mpsc::Sender<Answer>,
    here: Resume<Place>,
    lots: Vec<pb::LotRecord>,
}

/// Why an export ends early.
enum Stop {
    /// Whoever asked is gone.
    Gone,
    /// The record cannot be read.
    Failed(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Failed(fault)
    }
}

impl Export {
    async fn run(mut self) {
        if let Err(Stop::Failed(fault)) = self.tell_all().await {
            // Whoever asked may be gone.
            let _ = self.told.send(Err(fault.into())).await;
        }
    }

    async fn tell_all(&mut self) -> Result<(), Stop> {
        let cut = Some(pb::LedgerCut {
            seqs: self.here.cut.clone(),
        });
        self.tell(cut).await?;
        let first_shard = self.here.after.shard;
        for shard in Shard::all().filter(|shard| shard.get() >= first_shard) {
            if shard.get() > first_shard {
                self.here.after = Place {
                    shard: shard.get(),
                    ..Place::default()
                };
            }
            while self.tell_accounts(shard).await? {}
        }
        if !self.lots.is_empty() {
            self.tell(None).await?;
        }
        Ok(())
    }

    /// Tells the lots of some accounts. Returns whether there may be more.
    async fn tell_accounts(&mut self, shard: Shard) -> Result<bool, Stop> {
        let after = &self.here.after;
        let place = ((self.scope.id(), MemberId::from(after.member_id)), after.wallet.clone());
        let read = self
            .cx
            .db
            .run(move |pool| async move { store::list_accounts(&pool, shard, &place, ACCOUNTS).await });
        let accounts = read.await.map_err(Fault::from)?;
        let is_last = (accounts.len() as i64) < ACCOUNTS;
        for stored in accounts {
            if stored.member.0 != self.scope.id() {
                return Ok(false);
            }
            if let Some(wallet) = self.wanted(&stored.wallet) {
                self.tell_account(shard, stored.member, wallet).await?;
            }
            self.here.after = Place {
                shard: shard.get(),
                member_id: stored.member.1.uuid(),
                wallet: stored.wallet,
                told: 0,
            };
        }
        Ok(!is_last)
    }

    async fn tell_account(&mut self, shard: Shard, member: store::MemberKey, wallet: WalletCode) -> Result<(), Stop> {
        let until = self.here.cut[shard.index()];
        let read = self
            .cx
            .db
            .run(move |pool| async move { store::list_lots_of(&pool, member, &wallet, until).await });
        let lots = read.await.map_err(Fault::from)?;
        for lot in lots.into_iter().skip(self.here.after.told) {
            self.lots.push(record_of(lot));
            self.here.after.told += 1;
            if self.lots.len() == LOTS {
                self.tell(None).await?;
            }
        }
        Ok(())
    }

    fn wanted(&self, wallet: &str) -> Option<WalletCode> {
        let asked = self.asked.wallet.as_ref();
        WalletCode::new(wallet).filter(|wallet| asked.is_none_or(|asked| asked == wallet))
    }

    async fn tell(&mut self, cut: Option<pb::LedgerCut>) -> Result<(), Stop> {
        let answer = pb::ExportLotsResponse {
            cut,
            lots: std::mem::take(&mut self.lots),
            resume_token: self.cx.page_tokens.seal(self.scope, self.asked.filter, &self.here),
        };
        self.told.send(Ok(answer)).await.map_err(|_| Stop::Gone)
    }
}

fn record_of(LotOfAccount { story, earning }: LotOfAccount) -> pb::LotRecord {
    let kind = earning.kind;
    let made = earning.portions.into_iter().next().unwrap_or_default();
    pb::LotRecord {
        lot_id: earning.entry_id,
        member_id: earning.member_id,
        wallet: earning.wallet,
        kind,
        funder: earning.funder,
        reference: earning.reference,
        request_id: earning.request_id,
        occurred_at: earning.occurred_at,
        recorded_at: earning.recorded_at,
        activates_at: made.activates_at,
        expires_at: made.expires_at,
        points: story.points().get(),
        available: story.available,
        pending: story.pending,
        held: story.held,
        settled: story.settled,
        spent: story.spent,
        transferred_out: story.transferred_out,
        expired: story.expired,
        reversed: story.reversed,
    }
}
