use super::*;

const POLICY: ReferralPolicy = ReferralPolicy {
    last_touch: false,
    bind_within_days: 7,
    min_order_minor_units: 5_000,
    qualify_after_days: 14,
    give_up_after_days: Some(60),
    max_bound_per_day: Some(2),
    max_open: Some(3),
};

fn shanghai() -> Zone {
    Zone::find("Asia/Shanghai").unwrap()
}

fn at(local: &str) -> Timestamp {
    format!("{local}+08:00").parse().unwrap()
}

fn referrer(enrolled: &str) -> Referrer {
    Referrer {
        member_id: MemberId::new(),
        status: Some(MemberStatus::Registered),
        enrolled_at: Some(at(enrolled)),
    }
}

fn bound() -> Referral {
    Referral {
        referrer: MemberId::new(),
        invite_code: "7F3K9QX2MB".to_owned(),
        state: ReferralState::Bound,
        reasons: Vec::new(),
        bound_at: at("2026-01-02T10:00:00"),
        changed_at: at("2026-01-02T10:00:00"),
        gives_up_at: None,
        order_id: None,
        reported: None,
    }
}

fn order(ordered_at: &str, waits: bool) -> ReferralOrder {
    ReferralOrder {
        ordered_at: at(ordered_at),
        due_at: at(ordered_at),
        waits,
    }
}

#[test]
fn a_friend_is_bound_until_the_end_of_a_day_to_somebody_who_enrolled_before() {
    let (me, enrolled) = (MemberId::new(), Some(at("2026-01-02T09:00:00")));
    let check = |referrer: &Referrer, now: &str| POLICY.check((me, enrolled), referrer, (at(now), &shanghai()));
    let earlier = referrer("2026-01-02T08:59:59");
    assert_eq!(check(&earlier, "2026-01-09T23:59:59"), Ok(()));
    assert_eq!(check(&earlier, "2026-01-10T00:00:00"), Err(NotReferred::TooLate));
    for never_before in ["2026-01-02T09:00:00", "2026-01-02T09:00:01"] {
        let refused = check(&referrer(never_before), "2026-01-02T10:00:00");
        assert_eq!(refused, Err(NotReferred::ReferrerEnrolledLater));
    }
    let myself = Referrer {
        member_id: me,
        ..earlier
    };
    assert_eq!(check(&myself, "2026-01-02T10:00:00"), Err(NotReferred::Myself));
    for gone in [Some(MemberStatus::Frozen), Some(MemberStatus::Closed), None] {
        let gone = Referrer {
            status: gone,
            ..earlier
        };
        assert_eq!(
            check(&gone, "2026-01-02T10:00:00"),
            Err(NotReferred::ReferrerNotAllowed)
        );
    }
    let prospect = POLICY.check((me, None), &earlier, (at("2026-01-02T10:00:00"), &shanghai()));
    assert_eq!(prospect, Err(NotReferred::NotEnrolled));
}

#[test]
fn the_last_touch_takes_over_until_an_order_may_qualify() {
    let last = ReferralPolicy {
        last_touch: true,
        ..POLICY
    };
    let of = |state| Referral { state, ..bound() };
    assert!(last.lets_go(&of(ReferralState::Bound), 0));
    assert!(!last.lets_go(&of(ReferralState::Bound), 1));
    assert!(!last.lets_go(&of(ReferralState::Waiting), 0));
    assert!(!last.lets_go(&of(ReferralState::Lapsed), 0));
    assert!(!POLICY.lets_go(&of(ReferralState::Bound), 0));
}

#[test]
fn an_order_waits_for_its_window_and_counts_by_what_is_kept_of_it() {
    let look = |order: &ReferralOrder, kept| POLICY.look(&bound(), order, Some(kept), &shanghai(), Vec::new);
    let placed = order("2026-01-03T23:30:00", false);
    assert_eq!(look(&placed, 5_000), Look::Wait(at("2026-01-18T00:00:00")));
    assert_eq!(look(&placed, 4_999), Look::Drop);
    assert_eq!(look(&order("2026-01-02T09:59:59", false), 5_000), Look::Drop);
    let due = order("2026-01-03T23:30:00", true);
    assert_eq!(look(&due, 5_000), Look::Decide(Vec::new()));
    assert_eq!(look(&due, 4_999), Look::Drop);
    let decided = Referral {
        state: ReferralState::Qualified,
        ..bound()
    };
    assert_eq!(
        POLICY.look(&decided, &due, Some(5_000), &shanghai(), Vec::new),
        Look::Drop
    );
    assert_eq!(POLICY.look(&bound(), &due, None, &shanghai(), Vec::new), Look::Drop);
}

#[test]
fn whoever_brings_too_many_or_somebody_alike_is_looked_at() {
    let guards = Guards {
        referrer: MemberId::new(),
        bound_before_on_day: 1,
        open: 3,
        shares_with_referrer: false,
        shares_with_referee: false,
    };
    assert_eq!(POLICY.reasons(&guards), []);
    let farmed = Guards {
        bound_before_on_day: 2,
        open: 4,
        shares_with_referrer: true,
        shares_with_referee: true,
        ..guards
    };
    let all = [
        ReferralReason::SharesMarkWithReferrer,
        ReferralReason::SharesMarkWithReferee,
        ReferralReason::TooManyOnDay,
        ReferralReason::TooManyOpen,
    ];
    assert_eq!(POLICY.reasons(&farmed), all);
    let lenient = ReferralPolicy {
        max_bound_per_day: None,
        max_open: None,
        ..POLICY
    };
    assert_eq!(lenient.reasons(&farmed), all[..2]);
}

#[test]
fn nobody_waits_for_ever_unless_the_policy_does() {
    let bound_at = at("2026-01-02T10:00:00");
    assert_eq!(
        POLICY.gives_up_at(bound_at, &shanghai()),
        Some(at("2026-03-04T00:00:00"))
    );
    let patient = ReferralPolicy {
        give_up_after_days: None,
        ..POLICY
    };
    assert_eq!(patient.gives_up_at(bound_at, &shanghai()), None);
    assert_eq!(day_begins(bound_at, &shanghai()), at("2026-01-02T00:00:00"));
}

proptest::proptest! {
    /// Whoever is invited by whomever, as often as anybody likes: nobody is brought by themselves, over however many others.
    #[test]
    fn no_ring_can_be_planted(enrolled in proptest::collection::vec(0..6_i64, 2..8), invitations in proptest::collection::vec((0..8_usize, 0..8_usize), 0..60)) {
        let members: Vec<Referrer> = enrolled
            .iter()
            .map(|day| Referrer {
                enrolled_at: at("2026-01-01T00:00:00").checked_add(jiff::SignedDuration::from_hours(*day)).ok(),
                ..referrer("2026-01-01T00:00:00")
            })
            .collect();
        let mut brought_by = std::collections::HashMap::new();
        for (friend, by) in invitations {
            let (friend, by) = (friend % members.len(), by % members.len());
            let referee = (members[friend].member_id, members[friend].enrolled_at);
            // The last touch, which would take over whatever it may.
            if POLICY.check(referee, &members[by], (at("2026-01-02T00:00:00"), &shanghai())).is_ok() {
                brought_by.insert(friend, by);
            }
        }
        for start in 0..members.len() {
            let chain = std::iter::successors(brought_by.get(&start), |by| brought_by.get(by));
            proptest::prop_assert!(chain.take(members.len()).all(|by| *by != start));
        }
    }
}
