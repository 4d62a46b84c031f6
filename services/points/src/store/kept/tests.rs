use common::{ids::MemberId, journal::journal_id, shard::Shard};
use jiff::Timestamp;

use super::*;
use crate::domain::{EventName, Numbers, Portion, Wait};

#[test]
fn an_entry_is_made_again_as_it_was_decided() {
    let points = |number| Points::new(number).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let shard = Shard::new(7).unwrap();
    let recorded_at = at("2026-01-01T00:00:01Z");
    let draft = EntryDraft {
        entry_id: journal_id(recorded_at, shard, 9).into(),
        seq: 9,
        wallet: WalletCode::new("growth").unwrap(),
        kind: EntryKind::Release,
        points: points(40),
        portions: vec![Portion {
            numbers: Numbers {
                first: 1_000,
                points: points(40),
            },
            waits: Some(Wait::For(EventName::new("delivered:7").unwrap())),
            expires_at: Some(at("2026-03-31T22:00:00Z")),
        }],
        extended_to: Some(at("2027-01-01T00:00:00Z")),
        other_member: Some(Uuid::from_u128(0x9).into()),
        funder: None,
        debt_points: Points::ZERO,
        lost_points: points(1),
        related_entry_id: Some(Uuid::from_u128(0x7).into()),
        hold_expires_at: Some(at("2026-01-01T00:15:00Z")),
        by_request: true,
        occurred_at: at("2026-01-01T00:00:00Z"),
        after: Amounts {
            available: points(40),
            pending: points(2),
            held: points(3),
            debt: points(4),
        },
    };
    let mark = EntryMark {
        member_id: MemberId::new(),
        request_id: "r-1",
        reference: "order-1",
        recorded_at,
    };
    let place = Place {
        shard,
        seq: 9,
        member_id: mark.member_id,
        request_id: Some("r-1"),
        occurred_at: draft.occurred_at,
        recorded_at,
    };
    let wire = entry_to_wire(&draft, &mark);
    assert_eq!((wire.request_id.as_str(), wire.reference.as_str()), ("r-1", "order-1"));
    let kept = Kept::entry(&draft, &mark, true);
    assert_eq!(kept.draft(&place), Some(draft.clone()));
    assert_eq!(kept.into_entry(&place), Some(wire.clone()));

    let elsewhere = Place {
        request_id: None,
        ..place
    };
    assert_eq!(Kept::entry(&draft, &mark, false).into_entry(&elsewhere), Some(wire));
    let own = EntryMark {
        reference: "r-1",
        ..mark
    };
    assert_eq!(
        Kept::entry(&draft, &own, true).into_entry(&place),
        Some(entry_to_wire(&draft, &own))
    );

    let earned = EntryDraft {
        kind: EntryKind::Earn,
        ..draft.clone()
    };
    let kept = Kept::entry(&earned, &mark, true);
    assert_eq!(kept.draft(&place), Some(earned));
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let of_noise = |noise| hex(Kept { noise, ..kept.clone() }.encode_to_vec());
    assert_eq!(
        of_noise(0x0100_0001),
        "0801120667726f77746818282501000001280142076f726465722d3158809fc4b91a6090e4dbaa1a70017a1000000000000000000000000000000007\
         800128880102900103980104a801e807b2010b64656c6976657265643a37b80180e4eee61ac2011000000000000000000000000000000009",
        "what is kept is read for ever"
    );

    let funded = EntryDraft {
        funder: FunderCode::new("acme"),
        ..draft.clone()
    };
    let kept = Kept::entry(&funded, &mark, true);
    assert_eq!(kept.draft(&place), Some(funded));
    assert!(hex(kept.encode_to_vec()).ends_with("d2010461636d65"));

    let by_itself = EntryDraft {
        by_request: false,
        ..draft
    };
    let wire = Kept::entry(&by_itself, &mark, true).into_entry(&place).unwrap();
    assert_eq!((wire.request_id.as_str(), wire.reference.as_str()), ("", ""));
}

#[test]
fn a_notice_is_told_apart_by_its_first_bytes_and_made_again_with_whom_it_is_for() {
    let notice = Notice {
        on: jiff::civil::date(2026, 3, 31),
        expires_at: "2026-04-01T04:00:00Z".parse().unwrap(),
        points: Points::new(40).unwrap(),
        lead_days: 30,
        days_left: 29,
    };
    let kept = Kept::notice(&WalletCode::new("points").unwrap(), &notice);
    let bytes = kept.encode_to_vec();
    assert!(Kept::is_notice(&bytes) && !kept.is_entry());
    for other in [
        Kept::wallet(pb::WalletPublished::default()),
        Kept::attempt(pb::AdjustmentAttempt::default()),
    ] {
        assert!(!Kept::is_notice(&other.encode_to_vec()));
    }
    let (shard, at) = (Shard::new(7).unwrap(), Timestamp::UNIX_EPOCH);
    let member_id = MemberId::new();
    let place = Place {
        shard,
        seq: 9,
        member_id,
        request_id: None,
        occurred_at: at,
        recorded_at: at,
    };
    let Some(Event::PointsExpiring(told)) = kept.into_event(&place) else {
        panic!("it is no notice")
    };
    assert_eq!(
        (told.member_id, told.on.as_str()),
        (member_id.to_string(), "2026-03-31")
    );
    assert_eq!((told.points, told.lead_days, told.days_left), (40, 30, 29));
}
