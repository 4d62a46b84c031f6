//! `loyalty.rewards_catalog.v1.LotteryService`.

use common::{
    ids::{MemberId, RedemptionId, TicketId},
    page::Filter,
    parse::{self, parse},
    refusal::{Fault, Violations},
    writer::Key,
};
use proto::rewards_catalog::{self as pb, lottery_service_server::LotteryService};
use tonic::{Request, Response, Status};

use super::{Lotteries, read, redemption::with_code};
use crate::{
    domain::LotteryDefinition,
    error::{Error, Failure},
    ops::{self, lottery_standing, method},
    store,
};

#[tonic::async_trait]
impl LotteryService for Lotteries {
    async fn publish_lottery(
        &self,
        request: Request<pb::PublishLotteryRequest>,
    ) -> Result<Response<pb::PublishLotteryResponse>, Status> {
        let (caller, wire, Publication(lottery)) = read(request)?;
        let key = Key::of_program(caller.program(), method::PUBLISH_LOTTERY, &wire.request_id, &wire);
        Ok(Response::new(ops::publish_lottery(&self.0, key, lottery).await?))
    }

    async fn get_lottery(
        &self,
        request: Request<pb::GetLotteryRequest>,
    ) -> Result<Response<pb::GetLotteryResponse>, Status> {
        let (caller, Code(lottery)) = parse(request)?;
        let (cx, scope) = (&self.0, caller.program());
        let found = store::lottery::find(&cx.db, scope, &lottery)
            .await
            .map_err(Fault::from)?;
        let program = cx.programs.find(scope).await.map_err(Fault::from)?;
        let (program, (stored, seed)) = program
            .zip(found)
            .ok_or_else(|| Failure::from(Error::LotteryNotFound { lottery }))?;
        Ok(Response::new(pb::GetLotteryResponse {
            standing: Some(lottery_standing(&stored, seed.as_ref(), program.now_for_reading())),
        }))
    }

    async fn list_lotteries(
        &self,
        request: Request<pb::ListLotteriesRequest>,
    ) -> Result<Response<pb::ListLotteriesResponse>, Status> {
        let (caller, asked): (_, Page) = parse(request)?;
        let (cx, scope) = (&self.0, caller.program());
        let after: Option<String> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
        let Some(program) = cx.programs.find(scope).await.map_err(Fault::from)? else {
            return Ok(Response::new(pb::ListLotteriesResponse::default()));
        };
        let found = store::lottery::list(&cx.db, scope, after, asked.page_size + 1).await;
        let mut found = found.map_err(Fault::from)?;
        let more = found.len() as i64 > asked.page_size;
        found.truncate(asked.page_size as usize);
        let last = found.last().filter(|_| more).map(|(last, _)| last.lottery.code.clone());
        let now = program.now_for_reading();
        Ok(Response::new(pb::ListLotteriesResponse {
            standings: found
                .iter()
                .map(|(stored, seed)| lottery_standing(stored, seed.as_ref(), now))
                .collect(),
            next_page_token: last.map_or_else(String::new, |last| cx.page_tokens.seal(scope, asked.filter, &last)),
        }))
    }

    async fn buy_ticket(
        &self,
        request: Request<pb::BuyTicketRequest>,
    ) -> Result<Response<pb::BuyTicketResponse>, Status> {
        let (caller, wire, Asked { member_id, lottery }) = read(request)?;
        let key = Key::of_member(caller.program(), member_id, method::BUY_TICKET, &wire.request_id, &wire);
        let ticket = ops::buy_ticket(&self.0, &caller, key, lottery).await?;
        Ok(Response::new(pb::BuyTicketResponse {
            ticket: Some((&ticket).into()),
        }))
    }

    async fn draw_ticket(
        &self,
        request: Request<pb::DrawTicketRequest>,
    ) -> Result<Response<pb::DrawTicketResponse>, Status> {
        let (caller, wire, Named { member_id, ticket_id }) = read(request)?;
        let (cx, scope) = (&self.0, caller.program());
        let key = Key::of_member(scope, member_id, method::DRAW_TICKET, &wire.request_id, &wire);
        let mut answer = ops::draw_ticket(cx, key, ticket_id).await?;
        if let Some(redemption_id) = redemption_of(&answer)? {
            let won = store::redemption::find(&cx.db, scope, member_id, redemption_id).await;
            answer.redemption = won.map_err(Fault::from)?.map(|won| with_code(&won, &cx.code_key));
        }
        Ok(Response::new(answer))
    }

    async fn list_tickets(
        &self,
        request: Request<pb::ListTicketsRequest>,
    ) -> Result<Response<pb::ListTicketsResponse>, Status> {
        let (
            caller,
            TicketsOf {
                member_id,
                lottery,
                page,
            },
        ) = parse(request)?;
        let (cx, scope) = (&self.0, caller.program());
        let before: Option<i64> = cx.page_tokens.open(scope, page.filter, &page.page_token)?;
        let known = store::standing::is_known(&cx.db, scope, member_id).await;
        if !known.map_err(Fault::from)? {
            return Err(Failure::from(Error::MemberNotFound { member_id }).into());
        }
        let found = store::ticket::list(&cx.db, scope, (member_id, lottery), before, page.page_size + 1).await;
        let mut found = found.map_err(Fault::from)?;
        let more = found.len() as i64 > page.page_size;
        found.truncate(page.page_size as usize);
        let last = found.last().filter(|_| more);
        Ok(Response::new(pb::ListTicketsResponse {
            next_page_token: last.map_or_else(String::new, |last| cx.page_tokens.seal(scope, page.filter, &last.seq)),
            tickets: found.iter().map(|stored| (&stored.ticket).into()).collect(),
        }))
    }

    async fn reveal_seed(
        &self,
        request: Request<pb::RevealSeedRequest>,
    ) -> Result<Response<pb::RevealSeedResponse>, Status> {
        let (caller, wire, Code(lottery)) = read(request)?;
        let key = Key::of_program(caller.program(), method::REVEAL_SEED, &wire.request_id, &wire);
        Ok(Response::new(ops::reveal_seed(&self.0, key, lottery).await?))
    }

    async fn verify_draw(
        &self,
        request: Request<pb::VerifyDrawRequest>,
    ) -> Result<Response<pb::VerifyDrawResponse>, Status> {
        let (caller, Named { member_id, ticket_id }) = parse(request)?;
        Ok(Response::new(
            ops::verify_draw(&self.0, &caller, member_id, ticket_id).await?,
        ))
    }
}

fn redemption_of(answer: &pb::DrawTicketResponse) -> Result<Option<RedemptionId>, Fault> {
    let draw = answer.ticket.as_ref().and_then(|ticket| ticket.draw.as_ref());
    let won = draw.map(|draw| draw.redemption_id.as_str()).filter(|id| !id.is_empty());
    won.map(|id| id.parse().map_err(Fault::internal)).transpose()
}

struct Publication(LotteryDefinition);

impl TryFrom<pb::PublishLotteryRequest> for Publication {
    type Error = Violations;

    fn try_from(wire: pb::PublishLotteryRequest) -> Result<Publication, Violations> {
        let mut violations = Violations::default();
        let lottery = LotteryDefinition::try_from(wire.lottery.unwrap_or_default());
        let lottery = violations.within("lottery", lottery);
        violations.finish(lottery.map(Publication))
    }
}

struct Code(String);

impl TryFrom<pb::GetLotteryRequest> for Code {
    type Error = Violations;

    fn try_from(wire: pb::GetLotteryRequest) -> Result<Code, Violations> {
        Ok(Code(wire.lottery))
    }
}

impl TryFrom<pb::RevealSeedRequest> for Code {
    type Error = Violations;

    fn try_from(wire: pb::RevealSeedRequest) -> Result<Code, Violations> {
        Ok(Code(wire.lottery))
    }
}

/// A member who asks for a ticket.
struct Asked {
    member_id: MemberId,
    lottery: String,
}

impl TryFrom<pb::BuyTicketRequest> for Asked {
    type Error = Violations;

    fn try_from(wire: pb::BuyTicketRequest) -> Result<Asked, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let lottery = wire.lottery;
        violations.finish(member_id.map(|member_id| Asked { member_id, lottery }))
    }
}

/// A ticket of a member.
struct Named {
    member_id: MemberId,
    ticket_id: TicketId,
}

impl Named {
    fn read(member_id: &str, ticket_id: &str) -> Result<Named, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", member_id);
        let ticket_id = parse::id(&mut violations, "ticket_id", ticket_id);
        let read = member_id.zip(ticket_id);
        violations.finish(read.map(|(member_id, ticket_id)| Named { member_id, ticket_id }))
    }
}

impl TryFrom<pb::DrawTicketRequest> for Named {
    type Error = Violations;

    fn try_from(wire: pb::DrawTicketRequest) -> Result<Named, Violations> {
        Named::read(&wire.member_id, &wire.ticket_id)
    }
}

impl TryFrom<pb::VerifyDrawRequest> for Named {
    type Error = Violations;

    fn try_from(wire: pb::VerifyDrawRequest) -> Result<Named, Violations> {
        Named::read(&wire.member_id, &wire.ticket_id)
    }
}

/// A page of a list.
struct Page {
    page_size: i64,
    page_token: String,
    filter: Filter,
}

impl TryFrom<pb::ListLotteriesRequest> for Page {
    type Error = Violations;

    fn try_from(wire: pb::ListLotteriesRequest) -> Result<Page, Violations> {
        let mut violations = Violations::default();
        let filter = Filter::of(&pb::ListLotteriesRequest::default());
        let page_size = parse::page_size(&mut violations, "page_size", wire.page_size);
        let page_token = wire.page_token;
        violations.finish(page_size.map(|page_size| Page {
            page_size,
            page_token,
            filter,
        }))
    }
}

/// A page of a member's tickets.
struct TicketsOf {
    member_id: MemberId,
    lottery: Option<String>,
    page: Page,
}

impl TryFrom<pb::ListTicketsRequest> for TicketsOf {
    type Error = Violations;

    fn try_from(wire: pb::ListTicketsRequest) -> Result<TicketsOf, Violations> {
        let mut violations = Violations::default();
        let filter = Filter::of(&pb::ListTicketsRequest {
            page_size: 0,
            page_token: String::new(),
            ..wire.clone()
        });
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let page_size = parse::page_size(&mut violations, "page_size", wire.page_size);
        let read = (|| {
            Some(TicketsOf {
                member_id: member_id?,
                lottery: Some(wire.lottery).filter(|lottery| !lottery.is_empty()),
                page: Page {
                    page_size: page_size?,
                    page_token: wire.page_token,
                    filter,
                },
            })
        })();
        violations.finish(read)
    }
}
