//! `CheckLedger`: the auditor. It tells every account once more from its entries, and compares.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    parse::optional_id,
    program::Program,
    refusal::{Fault, Violations},
    shard::Shard,
};
use proto::points::{self as pb, check_ledger_response::News};
use tokio::sync::mpsc;
use tonic::Status;

use super::get_balance::find_program;
use crate::{
    context::Context,
    domain::{Replay, Snapshot},
    error::Error,
    store::{self, StoredAccount},
};

/// How many answers wait for a slow reader.
const WAITING: usize = 64;

/// Asks to prove the ledger.
pub struct CheckLedger {
    member_id: Option<MemberId>,
}

impl TryFrom<pb::CheckLedgerRequest> for CheckLedger {
    type Error = Violations;

    fn try_from(wire: pb::CheckLedgerRequest) -> Result<CheckLedger, Violations> {
        let mut violations = Violations::default();
        let member_id = optional_id(&mut violations, "member_id", &wire.member_id);
        violations.finish(member_id.map(|member_id| CheckLedger { member_id }))
    }
}

type Reply = Result<pb::CheckLedgerResponse, Status>;

/// Begins to prove the ledger; what is found is told as it is found.
pub async fn check_ledger(cx: &Context, caller: &Caller, asked: CheckLedger) -> Result<mpsc::Receiver<Reply>, Status> {
    let program = match asked.member_id {
        Some(member_id) => {
            let scope = caller.program();
            let known = cx
                .db
                .run(move |pool| async move { store::find_member(&pool, scope, member_id).await });
            if !known.await.map_err(Fault::from)? {
                return Err(Error::AccountNotFound { member_id }.into());
            }
            find_program(cx, caller, member_id).await?
        }
        None => find_program(cx, caller, MemberId::nil()).await?,
    };
    let (told, telling) = mpsc::channel(WAITING);
    let audit = Audit {
        cx: cx.clone(),
        program,
        told,
        progress: pb::CheckProgress::default(),
    };
    tokio::spawn(audit.run(asked.member_id));
    Ok(telling)
}

/// A check that is under way.
struct Audit {
    cx: Context,
    program: Arc<Program>,
    told: mpsc::Sender<Reply>,
    progress: pb::CheckProgress,
}

/// Why a check ends early.
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

impl Audit {
    async fn run(mut self, only: Option<MemberId>) {
        let shards: Vec<Shard> = match only {
            Some(member_id) => vec![Shard::of(self.program.program_id, member_id)],
            None => Shard::all().collect(),
        };
        for shard in shards {
            match self.check_shard(shard, only).await {
                Ok(()) => {}
                Err(Stop::Gone) => return,
                Err(Stop::Failed(fault)) => {
                    let _ = self.told.send(Err(fault.into())).await;
                    return;
                }
            }
        }
        let _ = self.tell(News::Progress(self.progress)).await;
    }

    async fn check_shard(&mut self, shard: Shard, only: Option<MemberId>) -> Result<(), Stop> {
        let program_id = self.program.program_id;
        let mut after = (MemberId::nil(), String::new());
        loop {
            let from = after.clone();
            let read = self.cx.db.run(move |pool| async move {
                store::list_accounts(&pool, program_id, shard, (from.0, &from.1), only).await
            });
            let accounts = read.await.map_err(Fault::from)?;
            let Some(last) = accounts.last() else {
                return Ok(());
            };
            after = (last.member_id, last.account.wallet.to_string());
            for stored in accounts {
                self.check(stored).await?;
            }
            self.tell(News::Progress(self.progress)).await?;
        }
    }

    async fn check(&mut self, stored: StoredAccount) -> Result<(), Stop> {
        let (program_id, member_id) = (self.program.program_id, stored.member_id);
        let (wallet, last_seq) = (stored.account.wallet.clone(), stored.account.last_seq);
        let finding = |kind: pb::FindingKind, entry_id: String, detail: String| pb::LedgerFinding {
            member_id: member_id.to_string(),
            wallet: wallet.to_string(),
            kind: kind.into(),
            entry_id,
            detail,
        };
        let mut findings = Vec::new();
        let mut replay = Replay::new(wallet.clone());
        let mut after = Some(0);
        while let Some(after_seq) = after {
            let of = wallet.clone();
            let read = self.cx.db.run(move |pool| async move {
                store::read_entries(&pool, program_id, member_id, &of, after_seq, last_seq).await
            });
            let (entries, next) = read.await.map_err(Fault::from)?;
            self.progress.entries += entries.len() as i64;
            for entry in entries {
                if let Err(contradiction) = replay.follow(&entry) {
                    let entry_id = entry.entry_id.to_string();
                    findings.push(finding(pb::FindingKind::Entry, entry_id, contradiction.to_string()));
                }
            }
            // What follows a contradiction contradicts too.
            after = next.filter(|_| findings.is_empty());
            findings.truncate(1);
        }
        if findings.is_empty() && replay.account().as_told() != stored.account.as_told() {
            let detail = "the account is not what its entries tell".to_owned();
            findings.push(finding(pb::FindingKind::Account, String::new(), detail));
        }
        if stored.sums != Some(stored.account.amounts()) {
            let detail = "the sums beside the account are not its own".to_owned();
            findings.push(finding(pb::FindingKind::Sums, String::new(), detail));
        }
        let mirrored = self.cx.balances.mirrored(&self.program, member_id, &wallet).await;
        let expected = Snapshot::of(program_id, member_id, &stored.account);
        if mirrored.is_some_and(|mirrored| mirrored.seq == last_seq && mirrored != expected) {
            let detail = "the mirror has something else at the same entry".to_owned();
            findings.push(finding(pb::FindingKind::Mirror, String::new(), detail));
        }
        self.progress.accounts += 1;
        self.progress.findings += findings.len() as i64;
        for finding in findings {
            self.tell(News::Finding(finding)).await?;
        }
        Ok(())
    }

    async fn tell(&self, news: News) -> Result<(), Stop> {
        let response = pb::CheckLedgerResponse { news: Some(news) };
        self.told.send(Ok(response)).await.map_err(|_| Stop::Gone)
    }
}
