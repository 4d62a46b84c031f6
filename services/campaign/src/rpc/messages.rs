//! `MessageService`.

use common::{
    journal::journal_place,
    page::Filter,
    parse::{self, parse},
    refusal::{Fault, Violations},
    shard::Shard,
};
use proto::campaign::{self as pb, message_service_server::MessageService};
use tonic::{Request, Response};

use super::Reply;
use crate::{
    context::Context,
    domain::MessageState,
    ops::{Command, ReplayMessage},
    store::{MessageKey, list_messages, message_to_wire, state_from_wire},
};

/// The RPCs about messages.
pub struct Messages {
    cx: Context,
}

/// A page of messages in a state.
struct ListedMessages {
    state: MessageState,
    page_size: i64,
    page_token: String,
    filter: Filter,
}

/// Where a page ends.
type Place = (i16, i64, String, i16);

impl Messages {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Messages {
        Messages { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl MessageService for Messages {
    async fn list_messages(&self, request: Request<pb::ListMessagesRequest>) -> Reply<pb::ListMessagesResponse> {
        let (caller, listed) = parse::<_, ListedMessages>(request)?;
        let ListedMessages {
            state,
            page_size,
            page_token,
            filter,
        } = listed;
        let (program, tokens) = (caller.program(), &self.cx.page_tokens);
        let after: Option<Place> = tokens.open(program, filter, &page_token)?;
        let after = after.and_then(|(shard, seq, campaign, grant_at)| {
            Some(MessageKey {
                shard: Shard::new(shard)?,
                seq,
                campaign,
                grant_at,
            })
        });
        let list = move |pool| async move { list_messages(&pool, program, state, after.as_ref(), page_size + 1).await };
        let mut page = self.cx.db.run(list).await.map_err(Fault::from)?;
        let more = page.len() as i64 > page_size;
        page.truncate(page_size as usize);
        let last = page.last().filter(|_| more).map(|(key, _)| {
            let place: Place = (key.shard.get(), key.seq, key.campaign.clone(), key.grant_at);
            tokens.seal(program, filter, &place)
        });
        Ok(Response::new(pb::ListMessagesResponse {
            messages: page
                .iter()
                .map(|(key, message)| message_to_wire(key, message))
                .collect(),
            next_page_token: last.unwrap_or_default(),
        }))
    }

    async fn replay_message(&self, request: Request<pb::ReplayMessageRequest>) -> Reply<pb::ReplayMessageResponse> {
        let (caller, command) = parse::<_, ReplayMessage>(request)?;
        let answer = self
            .cx
            .writer
            .call(command.key(&caller), Command::ReplayMessage(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }
}

impl TryFrom<pb::ListMessagesRequest> for ListedMessages {
    type Error = Violations;

    fn try_from(request: pb::ListMessagesRequest) -> Result<ListedMessages, Violations> {
        let mut violations = Violations::default();
        let page_size = parse::page_size(&mut violations, "page_size", request.page_size);
        let state = state_from_wire(request.state());
        let page_token = request.page_token.clone();
        let filter = Filter::of(&pb::ListMessagesRequest {
            page_size: 0,
            page_token: String::new(),
            ..request
        });
        let read = state.zip(page_size);
        violations.finish(read.map(|(state, page_size)| ListedMessages {
            state,
            page_size,
            page_token,
            filter,
        }))
    }
}

impl TryFrom<pb::ReplayMessageRequest> for ReplayMessage {
    type Error = Violations;

    fn try_from(request: pb::ReplayMessageRequest) -> Result<ReplayMessage, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &request.member_id);
        let name = request.name.clone().unwrap_or_default();
        let activity_id = parse::id(&mut violations, "name.activity_id", &name.activity_id);
        let read = member_id.zip(activity_id);
        violations.finish(
            read.map(|(member_id, activity_id): (_, common::ids::ActivityId)| ReplayMessage {
                name: journal_place(activity_id.uuid()).and_then(|(shard, seq)| {
                    Some(MessageKey {
                        shard,
                        seq,
                        campaign: name.campaign,
                        grant_at: i16::try_from(name.grant).ok()?,
                    })
                }),
                request,
                member_id,
                activity_id,
            }),
        )
    }
}
