//! Going on with a redemption, step by step, until it is at rest.

use std::sync::{Arc, Mutex, PoisonError};

use common::{
    auth::Caller,
    ids::{MemberId, RedemptionId},
    refusal::Fault,
    writer::{Key, Stamp},
};

use super::{
    Command,
    state::{State, member_key},
};
use crate::{
    context::Context,
    domain::{self, Bug, News, Redemption, next_step},
    error::{Error, Failure},
    store::{self, RedemptionKey},
};

/// More steps than any redemption or ticket takes.
pub(super) const MOST_STEPS: usize = 16;

/// Asks to go on with a redemption.
pub struct AdvanceRedemption {
    pub(super) redemption_id: RedemptionId,
    pub(super) change: Change,
    decided: Decided<Redemption>,
}

/// What moves a redemption or the payment of a ticket on.
pub enum Change {
    /// The points service answered.
    News(News),
    /// The points service cannot be reached.
    GiveUp,
}

impl Change {
    /// Tells whether the stock may be concerned.
    pub fn may_free_stock(&self) -> bool {
        match self {
            Change::News(news) => news.may_free_stock(),
            Change::GiveUp => true,
        }
    }
}

/// Does what a redemption has left to do. The work goes on when whoever asked for it has gone away.
pub async fn bring_to_rest(cx: &Context, caller: &Caller, redemption: Redemption) -> Result<Redemption, Failure> {
    let (cx, caller) = (cx.clone(), caller.clone());
    let work = tokio::spawn(async move { take_steps(&cx, &caller, redemption).await });
    work.await.unwrap_or_else(|panic| Err(Fault::internal(panic).into()))
}

async fn take_steps(cx: &Context, caller: &Caller, mut redemption: Redemption) -> Result<Redemption, Failure> {
    for _ in 0..MOST_STEPS {
        let Some(step) = next_step(&redemption) else {
            return Ok(redemption);
        };
        let news = cx.peers.take_step(caller, &redemption, step).await?;
        redemption = advance(cx, caller, &redemption, Change::News(news)).await?;
    }
    Err(Fault::internal(format!("redemption {} does not come to rest", redemption.redemption_id)).into())
}

/// Rejects a redemption that has waited too long for the points service, if it has.
pub async fn give_up(cx: &Context, caller: &Caller, redemption: &Redemption) -> Result<Redemption, Failure> {
    advance(cx, caller, redemption, Change::GiveUp).await
}

/// Finds a redemption that is known to be there.
pub async fn find_redemption(
    cx: &Context,
    caller: &Caller,
    member_id: MemberId,
    redemption_id: RedemptionId,
) -> Result<Redemption, Failure> {
    let found = store::redemption::find(&cx.db, caller.program(), member_id, redemption_id).await?;
    Ok(found.ok_or(Error::RedemptionNotFound { redemption_id })?)
}

async fn advance(
    cx: &Context,
    caller: &Caller,
    redemption: &Redemption,
    change: Change,
) -> Result<Redemption, Failure> {
    let decided = Decided::default();
    let key = Key::of_worker(caller.program().id(), redemption.member_id);
    let redemption_id = redemption.redemption_id;
    let command = AdvanceRedemption {
        redemption_id,
        change,
        decided: decided.clone(),
    };
    cx.writer.call(key, Command::AdvanceRedemption(command)).await?;
    decided
        .take()
        .ok_or_else(|| Fault::internal("what the service does by itself is always decided"))?
}

pub(super) fn decide(state: &mut State, command: &AdvanceRedemption, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let redemption_id = command.redemption_id;
    let key = RedemptionKey {
        member: member_key(stamp),
        redemption_id,
    };
    let redemption = state
        .redemption(&key)
        .ok_or(Error::RedemptionNotFound { redemption_id })?;
    let advanced = match command.change {
        Change::News(news) => domain::advance(redemption, news),
        Change::GiveUp => Ok(domain::give_up(redemption, stamp.now()).unwrap_or_else(|| redemption.clone())),
    };
    command.decided.set(advanced.clone());
    if let Ok(advanced) = advanced {
        state.put_redemption(advanced, stamp);
    }
    Ok(Vec::new())
}

/// Where a decision leaves the redemption or the ticket it was about, for whoever asked for it. It counts once the writer has answered,
/// which is after the commit; a request that was answered before leaves nothing here.
pub struct Decided<P>(Arc<Mutex<Option<Result<P, Bug>>>>);

impl<P> Clone for Decided<P> {
    fn clone(&self) -> Self {
        Decided(self.0.clone())
    }
}

impl<P> Default for Decided<P> {
    fn default() -> Self {
        Decided(Arc::default())
    }
}

impl<P> Decided<P> {
    /// Leaves it. When the batch is tried again the later decision is the one that counts.
    pub fn set(&self, paid: Result<P, Bug>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(paid);
    }

    /// Takes it.
    pub fn take(&self) -> Option<Result<P, Failure>> {
        let decided = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        decided.map(|paid| paid.map_err(|bug| Fault::internal(bug).into()))
    }
}
