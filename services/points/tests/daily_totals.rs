//! The worker that adds the journal up, with two replicas of it.

use std::time::Duration;

use futures::future::join_all;
use harness::{Program, Suite};
use sqlx::PgConnection;

use crate::{
    story::{earn, funded, liability, roll_forward},
    support::{Ledger, publish, wallet},
};

/// Waits until all rows of the journal are counted.
async fn all_counted(database: &mut PgConnection) {
    let uncounted = "select count(*) from points.shard
                       left join points.cursor on source = 'daily_total' and cursor.shard = shard.shard
                      where last_seq > coalesce(seq, 0)";
    for _ in 0..600 {
        let shards: i64 = sqlx::query_scalar(uncounted).fetch_one(&mut *database).await.unwrap();
        if shards == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the journal is not counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_that_add_up_at_once_count_every_row_once() {
    let one = Suite::start(&[]);
    let other = one.replica(&[]);
    let program = Program::create(one.channel()).await;
    publish(&program, funded(wallet("points"))).await;
    let first = Ledger {
        member_id: program.enrolled().await,
        program,
    };
    let members = join_all((0..30).map(|_| first.another())).await;
    join_all(members.iter().map(|member| async move {
        for number in 0..10 {
            let funder = if number % 2 == 0 { "acme" } else { "" };
            earn(member, 100, funder, &format!("r-{number}")).await;
        }
        member.spend(70, "s-1").await;
    }))
    .await;
    let days = ("2026-01-01", "2026-01-01");
    let rolled = |ledger: Ledger| async move {
        use proto::points::{DayBasis::Occurred, Period::Day};
        roll_forward(&ledger, Day, Occurred, days).await
    };
    // Read from the journal, as far as it was not counted when asked.
    let (told, periods) = (liability(&first).await, rolled(first.another().await).await);
    assert_eq!((told.outstanding_points, told.difference), (30 * 930, 0));

    let mut database = one.database().await;
    for _ in 0..3 {
        all_counted(&mut database).await;
        let counted: (i64, i64, i64) = sqlx::query_as(
            "select sum(issued)::bigint, sum(redeemed)::bigint, sum(issued) filter (where funder = 'acme')::bigint from points.daily_total",
        )
        .fetch_one(&mut database)
        .await
        .unwrap();
        assert_eq!(counted, (30_000, 30 * 70, 15_000));
        // Now from the totals alone.
        let counted = liability(&first).await;
        assert_eq!(
            (counted.amounts, counted.breakage, counted.difference),
            (told.amounts, told.breakage.clone(), 0)
        );
        assert_eq!(rolled(first.another().await).await, periods);
        // Both find all of it to be done again.
        sqlx::raw_sql(
            "begin; delete from points.daily_total; delete from points.cursor where source = 'daily_total'; commit",
        )
        .execute(&mut database)
        .await
        .unwrap();
    }
    drop(other);
}
