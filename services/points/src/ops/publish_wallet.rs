//! `PublishWallet`.

use common::{ids::MemberId, time, writer::Stamp};
use jiff::Timestamp;
use prost::Message as _;
use proto::points as pb;

use super::Loaded;
use crate::{
    domain::WalletCode,
    error::Error,
    store::{Kept, NewNoticeRule, WalletTerms},
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
    let tells_otherwise = known.is_some_and(|known| known.definition.notices != command.terms.notices);
    check_stored_value(state, &command.terms, stamp)?;
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
        if tells_otherwise {
            state.notice_rules.push(NewNoticeRule {
                program_id: stamp.program_id(),
                wallet: command.terms.code().clone(),
                effective_from: version.effective_from,
            });
        }
    }
    Ok(pb::PublishWalletResponse {
        wallet_version: Some(wallet_version),
        changed,
    }
    .encode_to_vec())
}

/// Refuses what would make money of points, or lose sight of some: whether a wallet holds stored value, and which lies beside it, is for ever; and a wallet lies
/// beside one other at most, and holds no principal.
fn check_stored_value(state: &Loaded, terms: &WalletTerms, stamp: &Stamp<'_>) -> Result<(), Error> {
    let fixed = || Error::StoredValueFixed {
        wallet: terms.code().clone(),
    };
    let new = terms.stored_value();
    let Some(wallets) = state.wallets.of(stamp.program_id()) else {
        return new.map_or(Ok(()), |policy| policy.bonus.as_ref().map_or(Ok(()), |_| Err(fixed())));
    };
    if let Some(known) = wallets.latest(terms.code().as_str()) {
        let known = known.definition.stored_value();
        let bonus_stays = known
            .and_then(|policy| policy.bonus.as_ref())
            .is_none_or(|bonus| new.is_some_and(|policy| policy.bonus.as_ref() == Some(bonus)));
        if known.is_some() != new.is_some() || !bonus_stays {
            return Err(fixed());
        }
    }
    let others = || wallets.all_latest().filter(|(code, _)| *code != terms.code().as_str());
    let beside = |code: &WalletCode| {
        let mut others = others().filter_map(|(_, other)| other.definition.stored_value()?.bonus.as_ref());
        others.any(|bonus| bonus == code)
    };
    let is_fit = |bonus: &WalletCode| {
        let lies_there = wallets.in_force(bonus.as_str(), stamp.now());
        lies_there.is_some_and(|there| there.definition.stored_value().is_none()) && !beside(bonus)
    };
    let bonus = new.and_then(|policy| policy.bonus.as_ref());
    if bonus.is_some_and(|bonus| !is_fit(bonus)) || new.is_some() && beside(terms.code()) {
        return Err(fixed());
    }
    Ok(())
}
