//! The mirror of balances in Redis: written after the commit, never read to decide.
//!
//! Of each shard Redis keeps a generation, which is a part of every key, and a watermark: the place up to which everything has been published. A
//! value is never replaced by an older one. When Redis has lost data or went back in time, the shard begins a new generation, and with it every
//! key of before is abandoned at once. Keys of a shard carry it as their hash tag, so that they lie together in a cluster.

use std::{
    fmt::Write as _,
    str::FromStr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use common::{
    canary,
    ids::{MemberId, ProgramId},
    redis_link::{NoAnswer, RedisLink},
    shard::{SHARDS, Shard},
};
use redis::Cmd;

use super::{mirror_reads::MirrorReads, mirrored};
use crate::domain::{Snapshot, WalletCode};

const PUBLISH: &str = include_str!("mirror/publish.lua");
static PUBLISH_HASH: LazyLock<String> = LazyLock::new(|| redis::Script::new(PUBLISH).get_hash().to_owned());
const FILL: &str = include_str!("mirror/fill.lua");
const BEGIN: &str = include_str!("mirror/begin.lua");
/// For how long a value lives that nobody writes again. What was abandoned is gone after that.
const SECONDS_TO_LIVE: u32 = 86_400;

/// The mirror. Cheap to clone.
#[derive(Clone)]
pub struct Mirror {
    redis: RedisLink,
    reads: MirrorReads,
    shards: Arc<Vec<MirroredShard>>,
}

/// What this process knows of a shard's mirror.
#[derive(Default)]
struct MirroredShard {
    /// The generation; 0 while it is not known.
    generation: AtomicU64,
    /// Whether it keeps up, so that it may be read from.
    keeps_up: AtomicBool,
}

/// What a stretch of a shard's journal changed.
#[derive(Debug)]
pub struct Publication {
    /// The shard.
    pub shard: Shard,
    /// The first place of the stretch.
    pub first: i64,
    /// The last.
    pub last: i64,
    /// The accounts that it changed, as they are after it or later.
    pub snapshots: Vec<Arc<Snapshot>>,
}

impl Publication {
    /// Returns the greatest place of what it changed: its last, unless something is newer than the stretch.
    fn greatest(&self) -> i64 {
        let places = self.snapshots.iter().map(|snapshot| snapshot.seq);
        places.fold(self.last, i64::max)
    }
}

/// What Redis has of an account.
#[derive(Debug)]
pub enum Found {
    /// A snapshot.
    Snapshot(Snapshot),
    /// Nothing.
    Nothing,
    /// Something that makes no sense.
    Nonsense,
    /// It did not answer, or is not to be asked.
    NoAnswer,
}

/// Where a shard's mirror stands in Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The generation; 0 when there is none.
    pub generation: u64,
    /// Up to where everything has been published.
    pub watermark: i64,
}

impl Mirror {
    /// Prepares the mirror. It answers nothing before a worker has found out where it stands.
    pub fn new(redis: RedisLink) -> Mirror {
        Mirror {
            reads: MirrorReads::start(&redis),
            redis,
            shards: Arc::new((0..SHARDS).map(|_| MirroredShard::default()).collect()),
        }
    }

    /// Publishes, in one round trip. What fails is published again by the worker.
    pub async fn publish(&self, publications: &[Publication]) -> Result<(), NoAnswer> {
        let mut pipeline = redis::pipe();
        for publication in publications {
            let generation = self.generation(publication.shard);
            if generation == 0 {
                continue;
            }
            let keys = 3 + publication.snapshots.len();
            // The first carries the text, by which Redis knows the script for those that follow on the same connection.
            let mut script = if pipeline.is_empty() {
                Script::of(PUBLISH, keys)
            } else {
                Script::known(&PUBLISH_HASH, keys)
            };
            script.shard_keys(publication.shard, true);
            for snapshot in &publication.snapshots {
                script.command.arg(key(
                    publication.shard,
                    generation,
                    snapshot.program_id,
                    snapshot.member_id,
                    &snapshot.wallet,
                ));
            }
            script
                .command
                .arg(generation)
                .arg(publication.first)
                .arg(publication.last)
                .arg(publication.greatest())
                .arg(SECONDS_TO_LIVE);
            for snapshot in &publication.snapshots {
                let place = canary::spoil("older-over-newer", snapshot.seq, || i64::MAX);
                script.command.arg(place).arg(mirrored::encode(snapshot));
            }
            pipeline.add_command(script.command);
        }
        if pipeline.is_empty() {
            Ok(())
        } else {
            self.redis.pipeline::<Vec<i64>>(&pipeline).await.map(|_| ())
        }
    }

    /// Asks for an account.
    pub async fn find(&self, program_id: ProgramId, member_id: MemberId, wallet: &WalletCode) -> Found {
        let shard = Shard::of(program_id, member_id);
        let known = &self.shards[shard.index()];
        let generation = known.generation.load(Ordering::Acquire);
        if generation == 0 || !known.keeps_up.load(Ordering::Acquire) {
            return Found::NoAnswer;
        }
        let key = key(shard, generation, program_id, member_id, wallet);
        match self.reads.read(key).await {
            Err(NoAnswer) => Found::NoAnswer,
            Ok(None) => Found::Nothing,
            Ok(Some(value)) => match mirrored::decode(program_id, member_id, wallet, &value) {
                Some(snapshot) => Found::Snapshot(snapshot),
                None => {
                    tracing::warn!(%shard, "a mirrored balance makes no sense and is replaced");
                    Found::Nonsense
                }
            },
        }
    }

    /// Fills in what was missed, as it was read from Postgres together with the head of its shard. Returns whether it was: not when something newer of
    /// the shard was published since.
    pub async fn fill(&self, snapshot: &Snapshot, head: i64, replace: bool) -> Result<bool, NoAnswer> {
        let shard = Shard::of(snapshot.program_id, snapshot.member_id);
        let generation = self.generation(shard);
        if generation == 0 {
            return Err(NoAnswer);
        }
        let mut script = Script::of(FILL, 4);
        script.shard_keys(shard, true);
        script
            .command
            .arg(key(
                shard,
                generation,
                snapshot.program_id,
                snapshot.member_id,
                &snapshot.wallet,
            ))
            .arg(generation)
            .arg(head)
            .arg(SECONDS_TO_LIVE)
            .arg(snapshot.seq)
            .arg(mirrored::encode(snapshot))
            .arg(i32::from(replace));
        self.redis
            .command::<i64>(&script.command)
            .await
            .map(|filled| filled == 1)
    }

    /// Asks where every shard stands in Redis, in order.
    pub async fn standings(&self) -> Result<Vec<Standing>, NoAnswer> {
        let mut pipeline = redis::pipe();
        for shard in Shard::all() {
            pipeline
                .cmd("MGET")
                .arg(generation_key(shard))
                .arg(watermark_key(shard));
        }
        let read: Vec<[Option<Vec<u8>>; 2]> = self.redis.pipeline(&pipeline).await?;
        let standings = read.into_iter().map(|[generation, watermark]| Standing {
            generation: number_in(generation),
            watermark: number_in(watermark),
        });
        Ok(standings.collect())
    }

    /// Begins a new generation of a shard, of which everything up to a place need not be published, because nothing of before is kept. Tells whether it
    /// did: another process may have been quicker.
    pub async fn begin_generation(&self, shard: Shard, ended: u64, watermark: i64) -> Result<bool, NoAnswer> {
        let generation = new_generation();
        let ended = if ended == 0 { String::new() } else { ended.to_string() };
        let mut script = Script::of(BEGIN, 3);
        script.shard_keys(shard, true);
        script.command.arg(ended).arg(generation).arg(watermark);
        let began = self.redis.command::<i64>(&script.command).await? == 1;
        if began {
            self.adopt(shard, generation);
        }
        Ok(began)
    }

    /// Goes by a generation from now on.
    pub fn adopt(&self, shard: Shard, generation: u64) {
        self.shards[shard.index()]
            .generation
            .store(generation, Ordering::Release);
    }

    /// Returns the generation by which this process goes; 0 while it knows none.
    pub fn generation(&self, shard: Shard) -> u64 {
        self.shards[shard.index()].generation.load(Ordering::Acquire)
    }

    /// Says whether a shard's mirror keeps up: one that does not is not read from.
    pub fn keeps_up(&self, shard: Shard, keeps_up: bool) {
        self.shards[shard.index()].keeps_up.store(keeps_up, Ordering::Release);
    }
}

/// A call of a script. The text goes along with the first of a round trip: a few microseconds, and no restart can make a script unknown.
struct Script {
    command: Cmd,
}

impl Script {
    fn of(text: &str, keys: usize) -> Script {
        let mut command = redis::cmd("EVAL");
        command.arg(text).arg(keys);
        Script { command }
    }

    fn known(hash: &str, keys: usize) -> Script {
        let mut command = redis::cmd("EVALSHA");
        command.arg(hash).arg(keys);
        Script { command }
    }

    fn shard_keys(&mut self, shard: Shard, and_ahead: bool) {
        self.command.arg(generation_key(shard)).arg(watermark_key(shard));
        if and_ahead {
            self.command.arg(format!("{{{shard}}}:ahead"));
        }
    }
}

/// Reads a number; 0 where there is none.
fn number_in<T: FromStr + Default>(value: Option<Vec<u8>>) -> T {
    let text = value.and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn generation_key(shard: Shard) -> String {
    format!("{{{shard}}}:generation")
}

fn watermark_key(shard: Shard) -> String {
    format!("{{{shard}}}:watermark")
}

fn key(shard: Shard, generation: u64, program_id: ProgramId, member_id: MemberId, wallet: &WalletCode) -> String {
    let mut key = String::with_capacity(128);
    write!(key, "{{{shard}}}:{generation}:{program_id}:{member_id}:{wallet}").expect("a string grows");
    key
}

/// Draws a generation that no shard had: the time, so that later ones are greater, and some chance. A wrong clock does no harm.
fn new_generation() -> u64 {
    let millis = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0);
    (millis << 16 | u64::from(rand::random::<u16>())).max(1)
}
