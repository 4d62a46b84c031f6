//! Delivers messages: asks how their members are reached, writes them, hands them to an adapter, and keeps what came of it.
//!
//! Whoever delivers holds a message for a while, so two replicas do not send one at the same time. A process that dies, or is stopped for longer than that, between the receiver's yes and our
//! own record of it is a case in which a receiver gets a message twice, like a receiver that does not say in time that it has it: under the same id, by which it can tell.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use common::{auth::Caller, ids::ProgramId, program::Program};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use proto::member::ContactStanding;

use super::Failure;
use crate::{
    NAME,
    context::Context,
    domain::{MessageChannel, MessagePurpose, MessageState, MessageTemplate, MessageValues, retry_after_millis},
    messenger::{Letter, Messenger, NotTaken},
    peers::{AskedContact, ReachedBy},
    store::{ClaimedMessage, MessageOutcome, ProgramRules, claim_messages, settle_message, take_place, values_of},
};

/// For how long messages are held that are being delivered.
const HOLD: Duration = Duration::from_secs(60);
/// How long an adapter may take; a fraction of the time for which its message is held.
const SEND_WITHIN: Duration = Duration::from_secs(15);
/// How many are taken at once.
const CHUNK: i64 = 16;
/// How long to wait for what only an operator can mend.
const UNTIL_MENDED_MILLIS: i64 = 60_000;
/// How long to wait for another service.
const UNTIL_THERE_MILLIS: i64 = 5_000;
/// How often to look whether the hours of silence are over by a clock that is moved by hand.
const SANDBOX_MILLIS: i64 = 1_000;

/// What became of a message.
pub struct Delivered {
    /// Where it stands.
    pub state: MessageState,
    /// Whether it had a time by which to be delivered.
    pub has_deadline: bool,
    /// How many milliseconds ago it was meant.
    pub after_millis: i64,
}

/// Delivers some messages, if any are due.
pub async fn deliver_messages(cx: &Context, messenger: &Messenger) -> Result<Vec<Delivered>, Failure> {
    let held_since = Instant::now();
    let hold = i64::try_from(HOLD.as_millis()).unwrap_or(i64::MAX);
    let claim = move |pool| async move { claim_messages(&pool, hold, CHUNK).await };
    let claimed = cx.db.run::<_, _, _, sqlx::Error>(claim).await?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let programs = cx.programs.all().await?;
    let mut of_programs: HashMap<ProgramId, Vec<ClaimedMessage>> = HashMap::new();
    for message in claimed {
        let program_id = message.message.member.program_id;
        of_programs.entry(program_id).or_default().push(message);
    }
    let rounds = programs.into_iter().filter_map(|program| {
        let messages = of_programs.remove(&program.program_id)?;
        Some(deliver_of_program(cx, messenger, (program, held_since), messages))
    });
    let rounds: Vec<Result<Vec<Delivered>, Failure>> =
        stream::iter(rounds).buffer_unordered(CHUNK as usize).collect().await;
    let mut delivered = Vec::new();
    for round in rounds {
        delivered.extend(round?);
    }
    Ok(delivered)
}

/// What the messages of a program have in common.
struct Round<'a> {
    cx: &'a Context,
    messenger: &'a Messenger,
    program: Program,
    rules: ProgramRules,
    contacts: HashMap<AskedContact, ReachedBy>,
    held_since: Instant,
}

async fn deliver_of_program(
    cx: &Context,
    messenger: &Messenger,
    (program, held_since): (Program, Instant),
    messages: Vec<ClaimedMessage>,
) -> Result<Vec<Delivered>, Failure> {
    let (book, asked) = (cx.rules.clone(), program.clone());
    let rules = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        book.of_program(&mut connection, &asked).await
    });
    let mut round = Round {
        cx,
        messenger,
        rules: rules.await?,
        contacts: HashMap::new(),
        program,
        held_since,
    };
    round.ask_contacts(&messages).await;
    let round = &round;
    let delivered = stream::iter(messages)
        .map(|message| async move { round.deliver(message).await })
        .buffer_unordered(CHUNK as usize);
    let delivered: Vec<Option<Delivered>> = delivered.collect().await;
    Ok(delivered.into_iter().flatten().collect())
}

impl Round<'_> {
    /// Asks for all of them at once. Personal data is here for as long as this lasts.
    async fn ask_contacts(&mut self, messages: &[ClaimedMessage]) {
        let asked = messages.iter().flat_map(|claimed| {
            let channels = self
                .template(claimed)
                .map(|template| (template.purpose, self.carried(template)));
            let member_id = claimed.message.member.member_id;
            let each = channels.map(|(purpose, channels)| channels.into_iter().map(move |channel| (channel, purpose)));
            each.into_iter().flatten().map(move |(channel, purpose)| AskedContact {
                member_id,
                channel,
                purpose,
            })
        });
        let asked: Vec<AskedContact> = asked.collect();
        if asked.is_empty() {
            return;
        }
        let caller = Caller::worker(NAME, self.program.scope_of_worker());
        match self.cx.peers.contacts(&caller, &asked).await {
            Ok(reached) => self.contacts = asked.into_iter().zip(reached).collect(),
            Err(status) => tracing::debug!(code = ?status.code(), "the member service tells no contacts now"),
        }
    }

    fn template(&self, claimed: &ClaimedMessage) -> Option<&MessageTemplate> {
        let (code, version) = (&claimed.message.template, claimed.message.template_version);
        Some(&self.rules.templates.version(code, version)?.definition.0)
    }

    /// Returns the channels of a template for which there is an adapter.
    fn carried(&self, template: &MessageTemplate) -> Vec<MessageChannel> {
        let channels = template.channels.iter().copied();
        channels.filter(|channel| self.messenger.carries(*channel)).collect()
    }

    async fn deliver(&self, claimed: ClaimedMessage) -> Option<Delivered> {
        let outcome = self.attempt(&claimed).await;
        let (state, has_deadline) = (outcome.state(), claimed.message.deadline_at.is_some());
        let settle = move |pool| async move { settle_message(&pool, &claimed, &outcome).await };
        match self.cx.db.run::<_, _, _, sqlx::Error>(settle).await {
            Ok(millis) => Some(Delivered {
                state,
                has_deadline,
                after_millis: millis?,
            }),
            Err(error) => {
                tracing::warn!(%error, "what came of a message could not be kept: it is tried again under the same id");
                None
            }
        }
    }

    async fn attempt(&self, claimed: &ClaimedMessage) -> MessageOutcome {
        let now = self.program.now(claimed.at);
        if claimed.message.deadline_at.is_some_and(|deadline| deadline <= now) {
            return MessageOutcome::Expired;
        }
        let Some(template) = self.template(claimed) else {
            return wait("TEMPLATE_UNKNOWN", UNTIL_MENDED_MILLIS);
        };
        if let Some(waits) = self.silence(template, claimed, now) {
            return waits;
        }
        let (channel, reached) = match self.reach(template, claimed) {
            Ok(reached) => reached,
            Err(outcome) => return outcome,
        };
        let policy = self.rules.message_policy(now);
        if template.purpose == MessagePurpose::Marketing && policy.caps() {
            let (day, counted) = (self.program.zone.tz().to_datetime(now).date(), claimed.clone());
            let place = move |pool| async move { take_place(&pool, &counted, &policy, day).await };
            match self.cx.db.run::<_, _, _, sqlx::Error>(place).await {
                Ok(true) => {}
                Ok(false) => return MessageOutcome::Capped,
                Err(_) => return wait("NOT_COUNTED", UNTIL_THERE_MILLIS),
            }
        }
        self.send(template, claimed, (channel, reached)).await
    }

    /// Tells how long it waits where the policy wants silence.
    fn silence(&self, template: &MessageTemplate, claimed: &ClaimedMessage, now: Timestamp) -> Option<MessageOutcome> {
        if template.purpose != MessagePurpose::Marketing {
            return None;
        }
        let until = self.rules.message_policy(now).quiet_until(now, &self.program.zone)?;
        let is_sandbox = self.program.clock_at.is_some();
        let millis = until.duration_since(claimed.at).as_millis();
        let millis = i64::try_from(millis)
            .unwrap_or(i64::MAX)
            .clamp(SANDBOX_MILLIS, 24 * 60 * 60 * 1_000);
        Some(wait("QUIET_HOURS", if is_sandbox { SANDBOX_MILLIS } else { millis }))
    }

    /// Finds the first channel by which the member is reached.
    fn reach(
        &self,
        template: &MessageTemplate,
        claimed: &ClaimedMessage,
    ) -> Result<(MessageChannel, &ReachedBy), MessageOutcome> {
        let mut why_not = None;
        for channel in self.carried(template) {
            let asked = AskedContact {
                member_id: claimed.message.member.member_id,
                channel,
                purpose: template.purpose,
            };
            let Some(reached) = self.contacts.get(&asked) else {
                return Err(wait("NO_CONTACTS", UNTIL_THERE_MILLIS));
            };
            match reached.standing {
                ContactStanding::Reached => return Ok((channel, reached)),
                standing => why_not = why_not.or(Some(standing)),
            }
        }
        Err(why_not.map_or(wait("NO_ADAPTER", UNTIL_MENDED_MILLIS), |standing| {
            MessageOutcome::Unreachable {
                reason: standing.as_str_name().trim_start_matches("CONTACT_STANDING_"),
            }
        }))
    }

    async fn send(
        &self,
        template: &MessageTemplate,
        claimed: &ClaimedMessage,
        (channel, reached): (MessageChannel, &ReachedBy),
    ) -> MessageOutcome {
        let values = self.values(claimed);
        let written = template.text_for(&reached.language).map(|text| text.write(&values));
        let Some(Ok(written)) = written else {
            return MessageOutcome::Dead {
                reason: "VALUE_MISSING".to_owned(),
                channel: None,
            };
        };
        let letter = Letter {
            message_id: claimed.key.message_id(claimed.message.activity_id),
            member: claimed.message.member,
            template,
            channel,
            address: &reached.address,
            written: &written,
        };
        if self.held_since.elapsed() + SEND_WITHIN * 2 > HOLD {
            return wait("HELD_TOO_LONG", 0);
        }
        let taken = tokio::time::timeout(SEND_WITHIN, self.messenger.send(&letter)).await;
        match taken.unwrap_or_else(|_| Err(NotTaken::Later("TIMED_OUT".to_owned()))) {
            Ok(()) => MessageOutcome::Sent(channel),
            Err(NotTaken::Never(reason)) => MessageOutcome::Dead {
                reason,
                channel: Some(channel),
            },
            Err(NotTaken::Later(reason)) if claimed.message.attempts >= self.messenger.attempts => {
                MessageOutcome::Dead {
                    reason,
                    channel: Some(channel),
                }
            }
            Err(NotTaken::Later(reason)) => MessageOutcome::Retry {
                reason,
                channel,
                after_millis: retry_after_millis(
                    self.messenger.retry_millis,
                    claimed.message.attempts,
                    rand::random_range(0..=1_000),
                ),
            },
        }
    }

    /// Finds what stands in for placeholders, in the receipt and the campaign as it judged.
    fn values(&self, claimed: &ClaimedMessage) -> MessageValues {
        let code = &claimed.key.campaign;
        let decision = claimed.activity.decision.as_ref();
        let judged = decision.and_then(|decision| decision.campaigns.iter().find(|of| of.campaign == *code));
        let version = judged.and_then(|judged| self.rules.campaigns.version(code, judged.version));
        let name = version.map_or_else(|| code.clone(), |version| version.definition.0.display_name.clone());
        values_of(&claimed.activity, name)
    }
}

fn wait(reason: &'static str, for_millis: i64) -> MessageOutcome {
    MessageOutcome::Wait { reason, for_millis }
}
