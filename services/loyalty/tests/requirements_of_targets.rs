//! Rows 81 and 82 and contradiction K11: what is to be reached is data of a board. The same happens in each program.

use std::time::Duration;

use harness::at;
use proto::{
    campaign::{GetBoardRequest, TargetProgress, board_service_client::BoardServiceClient},
    member::EnrollMemberRequest,
};

use crate::played::Played;

/// Enrols somebody at a time that has passed, as Shanghai shows it.
async fn joined(played: &Played, local: &str, number: usize) {
    let request = EnrollMemberRequest {
        request_id: format!("{local}-{number}"),
        channel: "store-12".to_owned(),
        occurred_at: Some(at(&format!("{local}+08:00"))),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    played.clients.members(0).enroll_member(request).await.unwrap();
}

/// Returns the targets on the board by their codes, once everything is counted.
async fn board(played: &Played) -> Vec<(String, TargetProgress)> {
    let mut client = BoardServiceClient::new(played.clients.transport(0));
    for _ in 0..400 {
        let board = client
            .get_board(GetBoardRequest { at: None })
            .await
            .unwrap()
            .into_inner();
        if board.uncounted_rows == 0 {
            let code = |of: &TargetProgress| of.target_version.clone().unwrap().target.unwrap().code;
            return board.targets.into_iter().map(|of| (code(&of), of)).collect();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("what is recorded is not counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_81_and_82_and_k11_targets_are_data_of_a_board() {
    for (file, goal, reached, on_course) in [
        ("k11-growth-of-30-percent", 13, 1_076, true),
        ("k11-doubling", 20, 700, false),
        ("k11-40-percent-to-18", 18, 777, true),
    ] {
        let mut played = Played::of(file).await;
        for number in 0..10 {
            joined(&played, "2025-06-01T12:00:00", number).await;
        }
        played.at("2026-06-30T12:00:00").await;
        for number in 0..3 {
            joined(&played, "2026-06-01T12:00:00", number).await;
        }
        played.buys(5_600).await;
        let board = board(&played).await;
        let of = |code: &str| {
            &board
                .iter()
                .find(|(known, _)| known == code)
                .expect("it is on the board")
                .1
        };

        // The member who plays enrolled at the beginning of the year: 10, 3 and that one.
        let members = of("members");
        assert_eq!((members.previous, members.figure), (Some(10), Some(14)), "{file}");
        assert_eq!(
            (members.goal, members.reached_per_mille),
            (Some(goal), Some(reached)),
            "{file}"
        );
        assert_eq!((members.days_begun, members.days), (181, 365), "{file}");
        assert_eq!(
            (members.expected, members.on_course),
            (Some(18), Some(on_course)),
            "{file}: 4 in 181 days"
        );

        let new = of("new-members");
        assert_eq!(
            (new.figure, new.previous, new.goal),
            (Some(3), Some(0), None),
            "{file}: nobody in May"
        );
        let spend = of("spend-per-member");
        assert_eq!(
            (spend.previous, spend.previous_is_stated),
            (Some(50_000), true),
            "{file}"
        );
        assert_eq!(
            (spend.figure, spend.reached_per_mille),
            (Some(40_000), Some(571)),
            "{file}: 5,600 yuan of 14"
        );
        let active = of("active-members");
        assert_eq!((active.figure, active.on_course), (Some(1), Some(false)), "{file}");
    }
}
