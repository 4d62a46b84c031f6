//! Lets accounts that lie still follow another rule of when members are told of points that lapse. Who moves follows it by itself.
//!
//! Every replica does it. Each page is done before it is noted as done, so that a crash repeats a page at most, and to repeat one changes nothing.

use common::{
    ids::{MemberId, ProgramId},
    writer::Key,
};
use futures::future::join_all;

use crate::{
    context::Context,
    ops::Command,
    store::{self, NoticePlan},
};

/// How many members are asked at once.
const CHUNK: i64 = 500;

/// Goes through the accounts of wallets whose rule has changed, of one program or of any. Ends when there are none, or at the first failure.
pub async fn plan_notices(cx: &Context, program_id: Option<ProgramId>) -> bool {
    loop {
        let found = cx
            .db
            .run(move |pool| async move { store::find_notice_plan(&pool, program_id).await });
        match found.await {
            Ok(None) => return true,
            Ok(Some(plan)) if plan_page(cx, &plan).await => {}
            Ok(Some(_)) => return false,
            Err(error) => {
                tracing::debug!(%error, "which wallets have another rule of notices cannot be read");
                return false;
            }
        }
    }
}

/// Goes through a page of accounts; tells whether all of them follow the rule.
async fn plan_page(cx: &Context, plan: &NoticePlan) -> bool {
    let wanted = plan.clone();
    let listed = cx
        .db
        .run(move |pool| async move { store::list_members_of(&pool, &wanted, CHUNK).await });
    let Ok(members) = listed.await else { return false };
    let asked = members.iter().map(|(program_id, member_id)| {
        let command = Command::PlanNotices(plan.wallet.clone());
        cx.writer.call(Key::of_worker(*program_id, *member_id), command)
    });
    if join_all(asked).await.iter().any(Result::is_err) {
        return false;
    }
    let is_full = members.len() as i64 == CHUNK;
    let up_to: Option<MemberId> = members.last().filter(|_| is_full).map(|(_, member_id)| *member_id);
    let plan = plan.clone();
    let moved = cx
        .db
        .run(move |pool| async move { store::move_notice_plan(&pool, &plan, up_to).await });
    moved.await.is_ok()
}
