//! What the member service asks of others: only how far they have taken in what it did.

use common::{feed::Effects, peers::Peer, process::Process, shard::Shard, writer::Answer};

use crate::NAME;

/// Lets a caller wait until a change has come about in every service.
///
/// Everyone follows the member feed. A level that changes because of it is in the tier feed, which the campaign service and the
/// rewards catalog follow; so these are waited for twice. A birthday, and that points lapse soon, which the points feed tells campaign, are activities in the
/// campaign feed, which the tier service follows.
#[derive(Clone)]
pub struct Consequences {
    effects: Effects,
}

impl Consequences {
    /// Finds the services.
    pub fn of(process: &Process) -> anyhow::Result<Consequences> {
        let key = process.key_of(NAME)?;
        let peer = |service| -> anyhow::Result<Peer> { process.peer(&key, service, &["feeds.follow"]) };
        let (points, tier) = (peer("points")?, peer("tier")?);
        let (campaign, rewards_catalog) = (peer("campaign")?, peer("rewards-catalog")?);
        let effects = Effects::of([
            ("points", "member", points),
            ("tier", "member", tier.clone()),
            ("campaign", "member", campaign.clone()),
            ("rewards-catalog", "member", rewards_catalog.clone()),
            ("campaign", "tier", campaign.clone()),
            ("campaign", "points", campaign),
            ("rewards-catalog", "tier", rewards_catalog),
            ("tier", "campaign", tier),
        ]);
        Ok(Consequences { effects })
    }

    /// Waits for what the change of one member, or of the program alone, brings about.
    pub async fn of_change(&self, answer: &Answer) {
        let Some(shard) = Shard::new(answer.shard) else { return };
        let level = self.of_event(shard, answer.seq).await;
        tokio::join!(
            self.effects.taken_in("campaign", "tier", shard, level),
            self.effects.taken_in("rewards-catalog", "tier", shard, level),
        );
    }

    /// Waits for what the advance of a clock brings about, for any member of the program, given where the feed stood when all birthdays were told.
    pub async fn of_clock(&self, answer: &Answer, told: &[i64]) {
        let Some(shard) = Shard::new(answer.shard) else { return };
        self.of_event(shard, answer.seq).await;
        let notices = self.effects.known_heads("points", "member");
        tokio::join!(
            self.effects.taken_in_all("campaign", "member", told),
            self.effects.taken_in_all("campaign", "points", &notices),
        );
        let recorded = self.later_heads("campaign", ["member", "points"]);
        self.effects.taken_in_all("tier", "campaign", &recorded).await;
        let levels = self.later_heads("tier", ["member", "campaign"]);
        tokio::join!(
            self.effects.taken_in_all("campaign", "tier", &levels),
            self.effects.taken_in_all("rewards-catalog", "tier", &levels),
        );
    }

    /// Returns where a service's own feed is known to stand, by what is known of it since it took in either of two feeds.
    fn later_heads(&self, service: &'static str, feeds: [&'static str; 2]) -> Vec<i64> {
        let [one, other] = feeds.map(|feed| self.effects.known_heads(service, feed));
        one.into_iter().zip(other).map(|(one, other)| one.max(other)).collect()
    }

    /// Waits until everyone has taken an event in, and returns where the shard's tier feed stood then.
    async fn of_event(&self, shard: Shard, seq: i64) -> i64 {
        let (level, ..) = tokio::join!(
            self.effects.taken_in("tier", "member", shard, seq),
            self.effects.taken_in("points", "member", shard, seq),
            self.effects.taken_in("campaign", "member", shard, seq),
            self.effects.taken_in("rewards-catalog", "member", shard, seq),
        );
        level
    }
}
