//! `RebuildMirror`: fills the mirror in Redis again from the record.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    parse::optional_id,
    program::Program,
    refusal::{Fault, Violations},
};
use proto::points as pb;
use tokio::sync::mpsc;
use tonic::Status;

use super::{accounts_of::AccountsOf, check_ledger::program_of};
use crate::{context::Context, domain::WalletCode};

/// How many answers wait for a slow reader.
const WAITING: usize = 16;
/// How often an account is read again whose shard was written to before it could be filled in.
const TRIES: u32 = 50;

/// Asks to fill the mirror again.
pub struct RebuildMirror {
    member_id: Option<MemberId>,
}

impl TryFrom<pb::RebuildMirrorRequest> for RebuildMirror {
    type Error = Violations;

    fn try_from(wire: pb::RebuildMirrorRequest) -> Result<RebuildMirror, Violations> {
        let mut violations = Violations::default();
        let member_id = optional_id(&mut violations, "member_id", &wire.member_id);
        violations.finish(member_id.map(|member_id| RebuildMirror { member_id }))
    }
}

type Reply = Result<pb::RebuildMirrorResponse, Status>;

/// Begins to fill the mirror again; how far it is is told as it goes.
pub async fn rebuild_mirror(
    cx: &Context,
    caller: &Caller,
    asked: RebuildMirror,
) -> Result<mpsc::Receiver<Reply>, Status> {
    let program = program_of(cx, caller, asked.member_id).await?;
    let (told, telling) = mpsc::channel(WAITING);
    let cx = cx.clone();
    tokio::spawn(async move {
        let ended = fill_all(&cx, &program, asked.member_id, &told).await;
        let _ = told.send(ended).await;
    });
    Ok(telling)
}

async fn fill_all(cx: &Context, program: &Arc<Program>, only: Option<MemberId>, told: &mpsc::Sender<Reply>) -> Reply {
    let mut so_far = pb::RebuildMirrorResponse::default();
    let mut walk = AccountsOf::new(&cx.db, program, only);
    while let Some(accounts) = walk.next().await? {
        for stored in &accounts {
            let Some(account) = &stored.account else { continue };
            fill(cx, program, stored.member.1, &account.wallet).await?;
            so_far.balances += 1;
        }
        if told.send(Ok(so_far)).await.is_err() {
            break;
        }
    }
    Ok(so_far)
}

async fn fill(cx: &Context, program: &Program, member_id: MemberId, wallet: &WalletCode) -> Result<(), Fault> {
    for _ in 0..TRIES {
        match cx.balances.refill(program, member_id, wallet).await? {
            Ok(true) => return Ok(()),
            // Somebody wrote to the shard in between.
            Ok(false) => {}
            Err(no_answer) => return Err(Fault::unavailable(no_answer)),
        }
    }
    Err(Fault::unavailable("the shard is written to faster than it can be read"))
}
