//! Reading the mirror for many at once: whatever is asked while an answer is on its way is asked together, in the next question.
//!
//! There is no timer, so that a lone read goes at once; and under load a hundred reads cost Redis and us little more than one.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use common::redis_link::{NoAnswer, RedisLink};
use tokio::sync::{mpsc, oneshot};

/// How many questions may be on their way at once.
const LANES: usize = 2;
/// How many keys one question has at most.
const MOST: usize = 128;
/// How many reads may wait in a lane before others go to the record instead.
const QUEUE: usize = 4_096;

/// Reads values by their keys. Cheap to clone.
#[derive(Clone)]
pub struct MirrorReads {
    lanes: Arc<[mpsc::Sender<Asked>]>,
    next: Arc<AtomicUsize>,
}

struct Asked {
    key: String,
    answer: oneshot::Sender<Option<Vec<u8>>>,
}

impl MirrorReads {
    /// Starts to read. It ends when the last clone of the returned handle is dropped.
    pub fn start(redis: &RedisLink) -> MirrorReads {
        let lane = |_| {
            let (asking, asked) = mpsc::channel(QUEUE);
            tokio::spawn(answer(redis.clone(), asked));
            asking
        };
        MirrorReads {
            lanes: (0..LANES).map(lane).collect(),
            next: Arc::default(),
        }
    }

    /// Reads a value; nothing when there is none.
    pub async fn read(&self, key: String) -> Result<Option<Vec<u8>>, NoAnswer> {
        let (answer, answered) = oneshot::channel();
        let lane = &self.lanes[self.next.fetch_add(1, Ordering::Relaxed) % LANES];
        lane.try_send(Asked { key, answer }).map_err(|_| NoAnswer)?;
        answered.await.map_err(|_| NoAnswer)
    }
}

/// Answers what is asked. Where Redis does not, the answers are dropped, which is how those who wait learn.
async fn answer(redis: RedisLink, mut asked: mpsc::Receiver<Asked>) {
    let mut reads = Vec::with_capacity(MOST);
    while asked.recv_many(&mut reads, MOST).await > 0 {
        // Whoever is about to ask is let go first: on a busy machine the questions grow, on an idle one nothing waits.
        tokio::task::yield_now().await;
        while reads.len() < MOST
            && let Ok(read) = asked.try_recv()
        {
            reads.push(read);
        }
        let mut command = redis::cmd("MGET");
        for read in &reads {
            command.arg(&read.key);
        }
        match redis.command::<Vec<Option<Vec<u8>>>>(&command).await {
            Ok(values) => {
                for (read, value) in reads.drain(..).zip(values) {
                    let _ = read.answer.send(value);
                }
            }
            Err(NoAnswer) => reads.clear(),
        }
    }
}
