//! `WalletService`.

use common::{
    auth::Caller,
    parse::parse,
    refusal::{Fault, Violations},
    time,
};
use proto::points::{self as pb, wallet_service_server::WalletService};
use tonic::{Request, Response, Status};

use super::{Reply, change::change};
use crate::context::Context;

/// The RPCs on wallets.
pub struct Wallets {
    cx: Context,
}

impl Wallets {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Wallets {
        Wallets { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl WalletService for Wallets {
    async fn publish_wallet(&self, request: Request<pb::PublishWalletRequest>) -> Reply<pb::PublishWalletResponse> {
        change(&self.cx, request).await
    }

    async fn list_wallets(&self, request: Request<pb::ListWalletsRequest>) -> Reply<pb::ListWalletsResponse> {
        let (caller, ListWallets) = parse(request)?;
        Ok(Response::new(list_wallets(&self.cx, &caller).await?))
    }
}

/// Asks for the wallets of the program.
struct ListWallets;

impl TryFrom<pb::ListWalletsRequest> for ListWallets {
    type Error = Violations;

    fn try_from(_: pb::ListWalletsRequest) -> Result<ListWallets, Violations> {
        Ok(ListWallets)
    }
}

/// Lists the wallets of the program, each in its latest version; none in a program that is not known here.
async fn list_wallets(cx: &Context, caller: &Caller) -> Result<pb::ListWalletsResponse, Status> {
    let Some(program) = cx.programs.find(caller.program()).await.map_err(Fault::from)? else {
        return Ok(pb::ListWalletsResponse::default());
    };
    let wallets = cx.wallets.clone();
    let read = cx
        .db
        .run(move |pool| async move { wallets.of_program(&mut *pool.acquire().await?, &program).await });
    let versions = read.await.map_err(Fault::from)?;
    let wallet_versions = versions.all_latest().map(|(_, version)| pb::WalletVersion {
        wallet: Some(version.wire.clone()),
        version: version.version,
        effective_from: Some(time::to_wire(version.effective_from)),
    });
    Ok(pb::ListWalletsResponse {
        wallet_versions: wallet_versions.collect(),
    })
}
