//! `PublishWallet`.

use common::{ids::MemberId, time, writer::Stamp};
use jiff::Timestamp;
use prost::Message as _;
use proto::points as pb;

use super::Loaded;
use crate::{
    error::Error,
    store::{Kept, WalletTerms},
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 9;

/// Asks to publish a version of a wallet.
#[derive(Clone, Debug)]
pub struct PublishWallet {
    /// The wallet, as it was asked for.
    pub wire: pb::Wallet,
    /// The same, as the service reads it.
    pub terms: WalletTerms,
    /// From when on it holds; nothing for now.
    pub effective_from: Option<Timestamp>,
}

/// Publishes a version of a wallet. What is in force already changes nothing.
pub fn publish_wallet(state: &mut Loaded, command: &PublishWallet, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let code = command.terms.code().as_str();
    let known = state
        .wallets
        .of(stamp.program_id())
        .and_then(|wallets| wallets.latest(code));
    if let Some(known) = known
        && known.definition.scale != command.terms.scale
    {
        return Err(Error::ScaleFixed {
            wallet: command.terms.code().clone(),
            scale: known.definition.scale,
        });
    }
    let published = state.wallets.publish(
        code,
        command.wire.clone(),
        command.terms.clone(),
        command.effective_from,
        stamp,
    );
    let (version, changed) = published?;
    let wallet_version = pb::WalletVersion {
        wallet: Some(version.wire.clone()),
        version: version.version,
        effective_from: Some(time::to_wire(version.effective_from)),
    };
    if changed {
        let event = pb::WalletPublished {
            wallet_version: Some(wallet_version.clone()),
        };
        stamp.record(MemberId::nil(), stamp.now(), &Kept::wallet(event));
    }
    Ok(pb::PublishWalletResponse {
        wallet_version: Some(wallet_version),
        changed,
    }
    .encode_to_vec())
}
