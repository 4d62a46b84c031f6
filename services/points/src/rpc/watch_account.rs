//! `WatchAccount`: what happens to an account, as it is recorded.

use std::sync::Arc;

use common::{
    auth::Caller,
    feed::Hub,
    ids::MemberId,
    parse::id,
    refusal::{Fault, Violations},
    shard::Shard,
};
use proto::points::{self as pb, watch_account_response::News};
use tokio::sync::mpsc;
use tonic::Status;

use super::{
    fields::wallet,
    get_balance::{balance_of, find_program, found},
};
use crate::{
    context::Context,
    domain::WalletCode,
    error::Error,
    store::{self, Freshness, MemberKey},
};

/// How many answers wait for a slow reader.
const WAITING: usize = 16;

/// Asks to be told what happens.
pub struct WatchAccount {
    member_id: MemberId,
    wallet: WalletCode,
    after: String,
}

impl TryFrom<pb::WatchAccountRequest> for WatchAccount {
    type Error = Violations;

    fn try_from(wire: pb::WatchAccountRequest) -> Result<WatchAccount, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        violations.finish(member_id.zip(wallet).map(|(member_id, wallet)| WatchAccount {
            member_id,
            wallet,
            after: wire.after,
        }))
    }
}

type Reply = Result<pb::WatchAccountResponse, Status>;

/// Begins to tell: the balance, unless the caller says from where on, and then every entry.
pub async fn watch_account(
    cx: &Context,
    hub: &Arc<Hub>,
    caller: &Caller,
    asked: WatchAccount,
) -> Result<mpsc::Receiver<Reply>, Status> {
    let WatchAccount {
        member_id,
        wallet,
        after,
    } = asked;
    let program = find_program(cx, caller, member_id).await?;
    let read = cx.balances.read(&program, member_id, &wallet, Freshness::Newest).await;
    let snapshot = found(read.map_err(Fault::from)?, member_id, &wallet)?;
    let (told, telling) = mpsc::channel(WAITING);
    let begin = if after.is_empty() {
        let balance = balance_of(cx, &program, &snapshot);
        let news = pb::WatchAccountResponse {
            balance_token: balance.balance_token.clone(),
            news: Some(News::Balance(balance)),
        };
        told.try_send(Ok(news)).expect("the channel is empty");
        snapshot.seq
    } else {
        let place = cx.balance_tokens.open(program.program_id, member_id, &after);
        place.ok_or(Error::InvalidBalanceToken)?
    };
    let watch = Watch {
        cx: cx.clone(),
        hub: hub.clone(),
        member: (program.program_id, member_id),
        wallet,
        told,
    };
    tokio::spawn(async move {
        if let Err(fault) = watch.tell_after(begin).await {
            let _ = watch.told.send(Err(fault.into())).await;
        }
    });
    Ok(telling)
}

/// An account that is watched.
struct Watch {
    cx: Context,
    hub: Arc<Hub>,
    member: MemberKey,
    wallet: WalletCode,
    told: mpsc::Sender<Reply>,
}

impl Watch {
    /// Tells every entry after a place, until whoever listens is gone. The record is read when the shard's newest rows are of this member.
    async fn tell_after(&self, mut after: i64) -> Result<(), Fault> {
        let shard = Shard::of(self.member.0, self.member.1);
        let mut moved = self.hub.moved();
        loop {
            moved.mark_unchanged();
            let (is_theirs, seen) = self.hub.wrote_to(shard, after, self.member);
            if is_theirs {
                after = self.tell_recorded(after).await?;
            }
            after = after.max(seen);
            if self.told.is_closed() {
                return Ok(());
            }
            tokio::select! {
                changed = moved.changed() => if changed.is_err() { return Ok(()) },
                () = self.told.closed() => return Ok(()),
            }
        }
    }

    /// Tells what is recorded after a place, and returns the last place that was told.
    async fn tell_recorded(&self, mut after: i64) -> Result<i64, Fault> {
        loop {
            let (member, from) = (self.member, after);
            let read = self
                .cx
                .db
                .run(move |pool| async move { store::list_recorded(&pool, member, from).await });
            let recorded = read.await?;
            let Some((last, _)) = recorded.last() else {
                return Ok(after);
            };
            after = *last;
            for (seq, entry) in recorded {
                let Some(entry) = entry.filter(|entry| entry.wallet == self.wallet.as_str()) else {
                    continue;
                };
                let news = pb::WatchAccountResponse {
                    news: Some(News::Entry(entry)),
                    balance_token: self.cx.balance_tokens.seal(self.member.0, self.member.1, seq),
                };
                if self.told.send(Ok(news)).await.is_err() {
                    return Ok(after);
                }
            }
        }
    }
}
