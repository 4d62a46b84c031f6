//! A caller: asks, asks again until the answer is definitive, and keeps what was said.

use std::{sync::Arc, time::Duration};

use proto::points::{self as pb, consistency::Requirement};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::{Asked, Stage, WALLET};
use crate::history::{Answer, Call, Demand, Fate, History, Read, place_of, place_of_token};

/// How long callers wait for an answer: some are in a hurry.
const DEADLINES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_millis(900),
    Duration::from_millis(2_500),
];
/// For how long a caller asks again.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of many callers.
pub struct Caller {
    stage: Arc<Stage>,
    number: usize,
    asked: u64,
    rng: StdRng,
    history: History,
    tokens: Vec<(String, String)>,
}

impl Caller {
    /// Puts a caller on the stage.
    pub fn new(stage: Arc<Stage>, number: usize, seed: u64) -> Caller {
        Caller {
            stage,
            number,
            asked: 0,
            rng: StdRng::seed_from_u64(seed),
            history: History::default(),
            tokens: Vec::new(),
        }
    }

    /// Asks until the stage is closed, and returns what was said.
    pub async fn run(mut self) -> History {
        while !self.stage.is_closed() {
            match self.rng.random_range(0..100) {
                0..30 => self.read().await,
                30..36 => self.ask_again().await,
                36..40 => self.ask_something_else().await,
                40..46 => self.ask_twice_at_once().await,
                _ => _ = self.change().await,
            }
        }
        self.history
    }

    /// Asks for something new until it is done or refused.
    async fn change(&mut self) {
        let asked = self.draw();
        let (fate, doubts) = self.persist(&asked).await;
        self.note(asked, fate, doubts);
    }

    /// Asks for the same on two connections at the same time: it must be done once.
    async fn ask_twice_at_once(&mut self) {
        let asked = self.draw();
        let mut other = Caller::new(self.stage.clone(), self.number, self.rng.random());
        let ((first, doubts), (second, more_doubts)) = tokio::join!(self.persist(&asked), other.persist(&asked));
        self.history.extend(other.history);
        let (kept, compared) = match (&first, &second) {
            (Fate::Done(_), _) | (Fate::Refused(..), Fate::Refused(..)) => (first, second),
            _ => (second, first),
        };
        self.compare(&asked, &kept, &compared);
        self.note(asked, kept, doubts + more_doubts);
    }

    /// Asks again for what was done before: the answer must be the first, byte for byte.
    async fn ask_again(&mut self) {
        let Some(call) = self.earlier() else { return };
        let (fate, _) = self.persist(&call.asked).await;
        if !matches!(fate, Fate::Done(_)) {
            let wrong = format!("asked again, {:?} had another end: {fate:?}", call.asked);
            self.history.wrong.push(wrong);
        }
        self.compare(&call.asked, &call.fate, &fate);
    }

    /// Asks for something else with a key that was used: it must be refused.
    async fn ask_something_else(&mut self) {
        let Some(call) = self.earlier() else { return };
        let other = call.asked.with_other_content();
        match self.persist(&other).await.0 {
            Fate::Refused(Code::AlreadyExists, reason) if reason == "REQUEST_ID_REUSED" => {}
            fate => {
                let wrong = format!("a key was used for something else, {other:?}, and that ended so: {fate:?}");
                self.history.wrong.push(wrong);
            }
        }
    }

    fn draw(&mut self) -> Asked {
        self.asked += 1;
        let request_id = format!("{}-{}", self.number, self.asked);
        self.stage.ideas.draw(request_id, &self.stage.members, &mut self.rng)
    }

    fn earlier(&mut self) -> Option<Call> {
        let done = |call: &&Call| matches!(call.fate, Fate::Done(_));
        let calls: Vec<&Call> = self.history.calls.iter().rev().take(64).filter(done).collect();
        calls.choose(&mut self.rng).map(|call| (*call).clone())
    }

    fn note(&mut self, asked: Asked, fate: Fate, doubts: u32) {
        self.history.calls.push(Call { asked, fate, doubts });
    }

    fn compare(&mut self, asked: &Asked, first: &Fate, again: &Fate) {
        if let (Fate::Done(first), Fate::Done(again)) = (first, again)
            && first.bytes != again.bytes
        {
            let wrong = format!("{asked:?} was answered {first:?} and, asked again, {again:?}");
            self.history.wrong.push(wrong);
        }
    }

    /// Asks until the answer is definitive. Returns it, and how often there was none before.
    async fn persist(&mut self, asked: &Asked) -> (Fate, u32) {
        let since = Instant::now();
        let mut doubts = 0;
        while since.elapsed() < PATIENCE {
            match self.ask(asked).await {
                Ok(answer) => {
                    self.stage.ideas.learn(asked, &answer);
                    self.learn(&answer);
                    return (Fate::Done(answer), doubts);
                }
                Err(status) if is_ambiguous(status.code()) => doubts += 1,
                Err(status) => {
                    let details = status.get_error_details();
                    let reason = details.error_info().map(|info| info.reason.clone());
                    return (Fate::Refused(status.code(), reason.unwrap_or_default()), doubts);
                }
            }
            sleep(Duration::from_millis(self.rng.random_range(1..40))).await;
        }
        (Fate::Open, doubts)
    }

    /// Asks once, one of the replicas; now and then a caller goes away in the middle of it.
    async fn ask(&mut self, asked: &Asked) -> Result<Answer, Status> {
        self.history.attempts += 1;
        let deadline = self.deadline();
        let patience = if self.rng.random_bool(0.1) && !self.stage.is_closed() {
            self.history.cancellations += 1;
            Duration::from_micros(self.rng.random_range(0..3_000))
        } else {
            deadline
        };
        let clients = self.stage.clients.choose(&mut self.rng).expect("there are replicas");
        let sent = asked.send(clients, self.number, deadline);
        let gone = || Status::cancelled("the caller went away");
        timeout(patience, sent).await.unwrap_or_else(|_| Err(gone()))
    }

    fn deadline(&mut self) -> Duration {
        *DEADLINES.choose(&mut self.rng).expect("there are deadlines")
    }

    /// Remembers what is committed, for whoever reads later.
    fn learn(&mut self, answer: &Answer) {
        for entry in &answer.entries {
            self.stage.known.learn(&entry.member_id, place_of(entry));
        }
        if let Some(entry) = answer.entries.first() {
            self.tokens
                .push((entry.member_id.clone(), answer.balance_token.clone()));
        }
    }

    /// Reads a balance, as fresh as one of the three ways demands.
    async fn read(&mut self) {
        let member_id = self.stage.members.choose(&mut self.rng).cloned().unwrap_or_default();
        let token = self.tokens.iter().rev().find(|(of, _)| *of == member_id).cloned();
        let (requirement, demand) = match (self.rng.random_range(0..3), token) {
            (0, Some((_, token))) => {
                let place = place_of_token(&token);
                (Requirement::AtLeastAsFresh(token), Demand::AtLeast(place))
            }
            (1, _) => (Requirement::FullyConsistent(()), Demand::Newest),
            _ => (Requirement::MinimizeLatency(()), Demand::Quick),
        };
        let consistency = pb::Consistency {
            requirement: Some(requirement),
        };
        let mut request = Request::new(pb::GetBalanceRequest {
            member_id: member_id.clone(),
            wallet: WALLET.to_owned(),
            consistency: Some(consistency),
            ..pb::GetBalanceRequest::default()
        });
        let deadline = self.deadline();
        request.set_timeout(deadline);
        let known = self.stage.known.of(&member_id);
        let clients = self.stage.clients.choose(&mut self.rng).expect("there are replicas");
        let mut client = clients.points(self.number);
        let answer = timeout(deadline, client.get_balance(request)).await;
        let Ok(Ok(answer)) = answer else { return };
        let balance = answer.into_inner().balance.unwrap_or_default();
        let seq = place_of_token(&balance.balance_token);
        self.stage.known.learn(&member_id, seq);
        self.history.reads.push(Read {
            demand,
            known,
            seq,
            balance,
        });
    }
}

/// Tells of which codes the contract says: ask again with the same request id.
fn is_ambiguous(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Internal
    )
}
