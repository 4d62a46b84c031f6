//! Keeps the mirror whole.
//!
//! The writer publishes what it committed; this worker looks, a few times a second, whether anything is missing between the mirror's watermark and
//! the journal, and publishes that again. A mirror that does not catch up is not read from. One that has lost data or went back in time, which
//! its watermark tells, begins anew.

use std::{sync::Arc, time::Duration};

use common::{
    db::Db,
    feed::Hub,
    redis_link::NoAnswer,
    shard::{SHARDS, Shard},
};

use crate::store::{self, Mirror, Standing};

/// How often the mirror is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// How often what was seen is stored, in looks.
const STORE_EVERY: u32 = 8;
/// How many looks a shard's mirror may stand behind before it is not read from: together two seconds.
const PATIENCE: u32 = 8;
/// How many looks may fail before nothing is read: whoever answers then may have lost something in between.
const FAILED_LOOKS: u32 = 2;
/// How much of a journal is published at once.
const STRETCH: i64 = 1_000;
/// How far behind a mirror is given up, because to begin anew costs less than to catch up.
const TOO_FAR: i64 = 50_000;

/// Keeps the mirror whole, for as long as the process lives.
pub async fn keep_whole(db: Db, hub: Arc<Hub>, mirror: Mirror) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut keeper = loop {
        tick.tick().await;
        match db
            .run(|pool| async move { store::read_mirror_cursors(&pool).await })
            .await
        {
            Ok(cursors) => break Keeper::new(db, hub, mirror, &cursors),
            Err(error) => tracing::debug!(%error, "how far the mirror was cannot be read"),
        }
    };
    let (mut looks, mut failed) = (0_u32, 0);
    loop {
        tick.tick().await;
        failed = match keeper.look().await {
            Ok(()) => 0,
            Err(trouble) => {
                tracing::debug!(%trouble, "the mirror cannot be looked at");
                failed + 1
            }
        };
        if failed >= FAILED_LOOKS {
            Shard::all().for_each(|shard| keeper.mirror.keeps_up(shard, false));
        }
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(STORE_EVERY)
            && let Err(error) = keeper.store_cursors().await
        {
            tracing::debug!(%error, "how far the mirror is cannot be stored");
        }
    }
}

/// What is known of a shard's mirror.
#[derive(Clone, Copy, Debug, Default)]
struct Watched {
    /// The furthest watermark that was ever seen: one that is behind it has lost something.
    seen: i64,
    /// The furthest that is stored.
    stored: i64,
    /// Where the journal stood at the last look: what has not been published since then is missing.
    head: i64,
    /// At how many looks in a row something was missing.
    behind: u32,
}

/// What a look at a shard's mirror finds.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    /// Everything is there, as far as it can be by now.
    Whole,
    /// A stretch is missing.
    Missing {
        /// The first place of it.
        first: i64,
        /// The last.
        last: i64,
    },
    /// It has lost data, went back in time, or is too far behind.
    Lost,
}

impl Watched {
    /// Judges where a shard's mirror stands, given where its journal does.
    fn judge(&self, standing: Standing, head: i64) -> Finding {
        let watermark = standing.watermark;
        let lost =
            standing.generation == 0 || watermark < self.seen || watermark > head || self.head - watermark > TOO_FAR;
        if lost {
            Finding::Lost
        } else if watermark < self.head {
            Finding::Missing {
                first: watermark + 1,
                last: self.head.min(watermark + STRETCH),
            }
        } else {
            Finding::Whole
        }
    }
}

/// Why a look was cut short.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Redis(#[from] NoAnswer),
    #[error("the record cannot be read: {0}")]
    Record(#[from] sqlx::Error),
}

struct Keeper {
    db: Db,
    hub: Arc<Hub>,
    mirror: Mirror,
    shards: Vec<Watched>,
}

impl Keeper {
    fn new(db: Db, hub: Arc<Hub>, mirror: Mirror, cursors: &[i64]) -> Keeper {
        let watched = |seen: &i64| Watched {
            seen: *seen,
            stored: *seen,
            ..Watched::default()
        };
        Keeper {
            db,
            hub,
            mirror,
            shards: cursors.iter().map(watched).collect(),
        }
    }

    /// Looks at every shard's mirror, and mends what can be mended.
    async fn look(&mut self) -> Result<(), Trouble> {
        let standings = self.mirror.standings().await?;
        let mut heads = self.hub.heads();
        debug_assert_eq!(standings.len(), SHARDS as usize, "one standing for each shard");
        let is_ahead = |(standing, head): (&Standing, &i64)| standing.watermark > *head;
        if standings.iter().zip(&heads).any(is_ahead) {
            // Another replica may have written more than this one has heard of.
            self.hub.read_heads().await?;
            heads = self.hub.heads();
        }
        let mut lost = Vec::new();
        for (shard, standing) in Shard::all().zip(standings) {
            match self.shards[shard.index()].judge(standing, heads[shard.index()]) {
                Finding::Lost => lost.push((shard, standing)),
                Finding::Missing { first, last } => {
                    self.mirror.adopt(shard, standing.generation);
                    self.publish_again(shard, first, last).await?;
                    self.note(shard, standing, heads[shard.index()], true);
                }
                Finding::Whole => {
                    self.mirror.adopt(shard, standing.generation);
                    self.note(shard, standing, heads[shard.index()], false);
                }
            }
        }
        if !lost.is_empty() {
            self.begin_anew(&lost).await?;
        }
        Ok(())
    }

    async fn publish_again(&self, shard: Shard, first: i64, last: i64) -> Result<(), Trouble> {
        let read = self
            .db
            .run(move |pool| async move { store::read_changed(&pool, shard, first, last).await });
        Ok(self.mirror.publish(&[read.await?]).await?)
    }

    /// Notes where a shard's mirror and its journal stood at this look.
    fn note(&mut self, shard: Shard, standing: Standing, head: i64, missed_something: bool) {
        let watched = &mut self.shards[shard.index()];
        watched.behind = if missed_something { watched.behind + 1 } else { 0 };
        watched.seen = watched.seen.max(standing.watermark);
        watched.head = head;
        self.mirror.keeps_up(shard, watched.behind <= PATIENCE);
    }

    /// Abandons what is mirrored of shards. What is committed until now need not be published: nothing older than that is kept.
    async fn begin_anew(&mut self, lost: &[(Shard, Standing)]) -> Result<(), Trouble> {
        self.hub.read_heads().await?;
        let heads = self.hub.heads();
        for &(shard, standing) in lost {
            let head = heads[shard.index()];
            if self.mirror.begin_generation(shard, standing.generation, head).await? {
                tracing::info!(%shard, ended = standing.generation, "the mirror of a shard begins anew");
                self.shards[shard.index()] = Watched {
                    seen: head,
                    stored: 0,
                    head,
                    behind: 0,
                };
                self.mirror.keeps_up(shard, true);
            }
        }
        Ok(())
    }

    async fn store_cursors(&mut self) -> Result<(), sqlx::Error> {
        let moved = |shard: &Shard| self.shards[shard.index()].seen != self.shards[shard.index()].stored;
        let cursors: Vec<(Shard, i64)> = Shard::all()
            .filter(moved)
            .map(|shard| (shard, self.shards[shard.index()].seen))
            .collect();
        if cursors.is_empty() {
            return Ok(());
        }
        let stored = cursors.clone();
        self.db
            .run(move |pool| async move { store::save_mirror_cursors(&pool, &stored).await })
            .await?;
        cursors
            .into_iter()
            .for_each(|(shard, seq)| self.shards[shard.index()].stored = seq);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WATCHED: Watched = Watched {
        seen: 100,
        stored: 100,
        head: 120,
        behind: 0,
    };

    fn standing(watermark: i64) -> Standing {
        Standing {
            generation: 7,
            watermark,
        }
    }

    #[test]
    fn what_was_committed_since_the_last_look_may_still_be_on_its_way() {
        assert_eq!(WATCHED.judge(standing(120), 150), Finding::Whole);
        assert_eq!(WATCHED.judge(standing(150), 150), Finding::Whole);
    }

    #[test]
    fn what_was_committed_before_the_last_look_and_is_not_there_is_missing() {
        assert_eq!(
            WATCHED.judge(standing(110), 150),
            Finding::Missing { first: 111, last: 120 }
        );
    }

    #[test]
    fn a_mirror_that_is_empty_or_went_back_in_time_or_knows_the_future_is_lost() {
        assert_eq!(
            WATCHED.judge(
                Standing {
                    generation: 0,
                    watermark: 0
                },
                150
            ),
            Finding::Lost
        );
        assert_eq!(WATCHED.judge(standing(99), 150), Finding::Lost);
        assert_eq!(WATCHED.judge(standing(151), 150), Finding::Lost);
    }

    #[test]
    fn a_mirror_that_is_too_far_behind_is_given_up() {
        let watched = Watched {
            head: 101 + TOO_FAR,
            ..WATCHED
        };
        assert_eq!(watched.judge(standing(100), watched.head), Finding::Lost);
    }
}
