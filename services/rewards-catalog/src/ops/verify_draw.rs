//! Verifying a draw: computing it once more, from the revealed seed.

use common::{
    auth::Caller,
    ids::{MemberId, TicketId},
    refusal::Fault,
};
use jiff::Timestamp;
use proto::rewards_catalog as pb;

use super::{advance_ticket::find_ticket, publish_lottery::lottery_standing};
use crate::{
    context::Context,
    domain::{self, Draw, Drawn, OddsMode, Ticket},
    error::{Error, Failure},
    store::{self, lottery::StoredLottery},
};

/// Computes what a ticket had to draw, from the seed and from what the draws before it leave of what was published, and compares it with what is recorded.
pub async fn verify_draw(
    cx: &Context,
    caller: &Caller,
    member_id: MemberId,
    ticket_id: TicketId,
) -> Result<pb::VerifyDrawResponse, Failure> {
    let ticket = find_ticket(cx, caller, member_id, ticket_id).await?;
    let found = store::lottery::find(&cx.db, caller.program(), &ticket.lottery).await?;
    let (standing, seed) = found.ok_or_else(|| Fault::internal("a ticket has no lottery"))?;
    if !ticket.is_issued() {
        let state = ticket.state_name();
        return Err(Error::TicketNotIssued { ticket_id, state }.into());
    }
    let (Some(seed), Some(draw)) = (seed, ticket.draw.as_ref()) else {
        let lottery = ticket.lottery;
        return Err(Error::SeedNotRevealed { lottery }.into());
    };
    let left_before = left_before(cx, caller, &standing, draw).await?;
    let drawn = domain::draw(&standing.lottery, &seed, standing.lottery_id, ticket_id, &left_before);
    let drawn = drawn.ok_or_else(|| Fault::internal("a ticket was drawn from an empty deck"))?;
    let seed_is_committed = seed.commitment()[..] == standing.commitment[..];
    let left_before_is_right = left_before == draw.left_before;
    let computed = computed(&standing, draw, &drawn, left_before);
    Ok(pb::VerifyDrawResponse {
        verified: seed_is_committed
            && left_before_is_right
            && computed == *draw
            && wins_as_drawn(&standing, &ticket, &drawn),
        seed_is_committed,
        left_before_is_right,
        number: drawn.number.number.to_be_bytes().to_vec(),
        computed: Some((&computed).into()),
        ticket: Some((&ticket).into()),
        // A seed is revealed once everything is over, so no clock says anything else any more.
        standing: Some(lottery_standing(&standing, Some(&seed), Timestamp::MAX)),
    })
}

/// Returns what the draws before one leave of the quantities that were published.
async fn left_before(
    cx: &Context,
    caller: &Caller,
    standing: &StoredLottery,
    draw: &Draw,
) -> Result<Vec<i64>, sqlx::Error> {
    let (scope, lottery) = (caller.program(), &standing.lottery);
    let given = store::ticket::count_given_before(&cx.db, scope, &lottery.code, draw.draw_number).await?;
    let left = lottery.prizes.iter().map(|prize| {
        let counted = lottery.odds_mode == OddsMode::Deck || prize.reward.is_some();
        let given = given.get(&prize.code).copied().filter(|_| counted);
        prize.quantity - given.unwrap_or(0)
    });
    Ok(left.collect())
}

fn computed(standing: &StoredLottery, draw: &Draw, drawn: &Drawn, left_before: Vec<i64>) -> Draw {
    let code = |prize: usize| standing.lottery.prizes[prize].code.clone();
    Draw {
        draw_seq: drawn.number.draw_seq,
        drawn: code(drawn.drawn),
        prize: drawn.prize.map(code),
        left_before,
        ..draw.clone()
    }
}

/// Tells whether a ticket has a redemption exactly if what it drew is a reward.
fn wins_as_drawn(standing: &StoredLottery, ticket: &Ticket, drawn: &Drawn) -> bool {
    let wins = drawn
        .prize
        .is_some_and(|prize| standing.lottery.prizes[prize].reward.is_some());
    wins == ticket.draw.as_ref().is_some_and(|draw| draw.redemption_id.is_some())
}
