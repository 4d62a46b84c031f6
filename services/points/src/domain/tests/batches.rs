use super::ledger::*;
use crate::domain::*;

fn earn(earned: i64) -> Command {
    Command::EarnPoints(earning(earned, None))
}

fn spend(spent: i64) -> Command {
    Command::SpendPoints(SpendPoints { points: points(spent) })
}

#[test]
fn a_batch_posts_to_several_wallets_in_order() {
    let ledger = Ledger::new();
    let growth = Wallet {
        code: WalletCode::new("growth").unwrap(),
        ..ledger.wallet.clone()
    };
    let (mut accounts, mut stamp) = (AccountSet::default(), ledger.stamp());
    let postings = [
        Posting {
            as_far_as_possible: false,
            wallet: &ledger.wallet,
            command: earn(100),
        },
        Posting {
            as_far_as_possible: false,
            wallet: &growth,
            command: earn(7),
        },
        Posting {
            as_far_as_possible: false,
            wallet: &ledger.wallet,
            command: spend(60),
        },
    ];
    let drafts = decide_batch(&mut accounts, &postings, &mut stamp).unwrap();
    let story: Vec<_> = drafts
        .iter()
        .map(|draft| (draft.seq, draft.wallet.as_str(), draft.kind))
        .collect();
    assert_eq!(
        story,
        [
            (1, "points", EntryKind::Earn),
            (2, "growth", EntryKind::Earn),
            (3, "points", EntryKind::Spend),
        ]
    );
    assert_eq!(accounts.of(&growth.code).amounts(), amounts(7, 0, 0, 0));
    assert_eq!(accounts.of(&ledger.wallet.code).amounts(), amounts(40, 0, 0, 0));
}

#[test]
fn a_batch_of_which_one_command_is_refused_changes_nothing() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let mut before = AccountSet::default();
    before.put(ledger.account.clone());
    let (mut accounts, mut stamp) = (before.clone(), ledger.stamp());
    let growth = Wallet {
        code: WalletCode::new("growth").unwrap(),
        ..ledger.wallet.clone()
    };
    let postings = [
        Posting {
            as_far_as_possible: false,
            wallet: &growth,
            command: earn(7),
        },
        Posting {
            as_far_as_possible: false,
            wallet: &ledger.wallet,
            command: spend(60),
        },
        Posting {
            as_far_as_possible: false,
            wallet: &ledger.wallet,
            command: spend(60),
        },
    ];
    let refused = decide_batch(&mut accounts, &postings, &mut stamp).unwrap_err();
    assert_eq!(refused.posting, 2);
    assert_eq!(
        refused.refusal,
        Refusal::InsufficientPoints {
            available: points(40),
            asked: points(60)
        }
    );
    assert_eq!((accounts, stamp.next_seq), (before, 2));
}
