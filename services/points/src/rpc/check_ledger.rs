//! `CheckLedger`: the auditor. It tells every account once more from its entries, and compares.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    parse::optional_id,
    program::Program,
    refusal::{Fault, Violations},
};
use proto::points::{self as pb, check_ledger_response::News};
use tokio::sync::mpsc;
use tonic::Status;

use super::{accounts_of::AccountsOf, get_balance::find_program};
use crate::{
    context::Context,
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
    let program = program_of(cx, caller, asked.member_id).await?;
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

/// Finds the caller's program, and refuses a member that it does not have.
pub(super) async fn program_of(
    cx: &Context,
    caller: &Caller,
    member_id: Option<MemberId>,
) -> Result<Arc<Program>, Status> {
    let Some(member_id) = member_id else {
        return find_program(cx, caller, MemberId::nil()).await;
    };
    let scope = caller.program();
    let known = cx
        .db
        .run(move |pool| async move { store::find_member(&pool, scope, member_id).await });
    if !known.await.map_err(Fault::from)? {
        return Err(Error::AccountNotFound { member_id }.into());
    }
    find_program(cx, caller, member_id).await
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
        match self.check_all(only).await {
            Ok(()) => _ = self.tell(News::Progress(self.progress)).await,
            Err(Stop::Gone) => {}
            Err(Stop::Failed(fault)) => _ = self.told.send(Err(fault.into())).await,
        }
    }

    async fn check_all(&mut self, only: Option<MemberId>) -> Result<(), Stop> {
        let mut walk = AccountsOf::new(&self.cx.db, &self.program, only);
        while let Some(accounts) = walk.next().await? {
            for stored in accounts {
                self.check(stored).await?;
            }
            self.tell(News::Progress(self.progress)).await?;
        }
        Ok(())
    }

    async fn check(&mut self, stored: StoredAccount) -> Result<(), Stop> {
        let (db, balances) = (&self.cx.db, &self.cx.balances);
        let proof = store::prove(db, balances, &self.program, &stored)
            .await
            .map_err(Fault::from)?;
        self.progress.accounts += 1;
        self.progress.entries += proof.entries;
        self.progress.findings += proof.findings.len() as i64;
        for finding in proof.findings {
            let finding = pb::LedgerFinding {
                member_id: stored.member.1.to_string(),
                wallet: stored.wallet.clone(),
                kind: finding.kind.into(),
                entry_id: finding.entry_id.map(|id| id.to_string()).unwrap_or_default(),
                detail: finding.detail,
            };
            self.tell(News::Finding(finding)).await?;
        }
        Ok(())
    }

    async fn tell(&self, news: News) -> Result<(), Stop> {
        let response = pb::CheckLedgerResponse { news: Some(news) };
        self.told.send(Ok(response)).await.map_err(|_| Stop::Gone)
    }
}
