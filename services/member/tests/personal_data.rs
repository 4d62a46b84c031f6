//! Personal data is nowhere but in the vault.

use harness::{refusal, suite};
use proto::member::{GetMemberRequest, Profile};
use sqlx::{AssertSqlSafe, PgConnection};
use tonic::Code;

use crate::{Members, ada, shared};

/// Returns everything that the service stores, as text; encrypted bytes in hexadecimal digits.
async fn everything_stored(database: &mut PgConnection) -> String {
    let tables = "select format('select coalesce(string_agg(row::text, E''\\n''), '''') from %I.%I as row', schemaname, tablename)
                    from pg_tables where schemaname = 'member'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *database).await.unwrap();
    let mut stored = String::new();
    for table in tables {
        stored += &sqlx::query_scalar::<_, String>(AssertSqlSafe(table))
            .fetch_one(&mut *database)
            .await
            .unwrap();
    }
    stored
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn nothing_that_is_stored_shows_a_person() {
    let program = suite().program().await;
    let canary = Profile {
        name: "Canary Yellowfeather".to_owned(),
        phone: "+49 30 77665544".to_owned(),
        email: "canary@yellowfeather.example".to_owned(),
        card_number: "CANARY-0042".to_owned(),
        attributes: [("nest".to_owned(), "hollow-oak-tree".to_owned())].into(),
        birth_date: "1903-01-17".to_owned(),
    };
    Members::of(&program).enrolled("form-1", canary).await;
    let stored = everything_stored(&mut suite().database().await).await;
    assert!(
        stored.contains(&program.program_id),
        "the test looks where things are stored"
    );
    for part in [
        "Yellowfeather",
        "77665544",
        "yellowfeather",
        "CANARY",
        "hollow-oak",
        "1903-01-17",
    ] {
        assert!(!stored.contains(part) && !stored.contains(&hexadecimal(part)), "{part}");
    }
}

#[tokio::test]
async fn the_record_of_a_request_does_not_give_away_what_can_be_guessed() {
    let (one, other) = (suite().program().await, suite().program().await);
    let mut database = suite().database().await;
    let mut fingerprints: Vec<Vec<u8>> = Vec::new();
    for program in [one, other] {
        Members::of(&program).enrolled("form-1", ada()).await;
        let fingerprint =
            "select fingerprint from member.journal where program_id = $1::uuid and request_id = 'form-1'";
        let fingerprint = sqlx::query_scalar(fingerprint).bind(&program.program_id);
        fingerprints.push(fingerprint.fetch_one(&mut database).await.unwrap());
    }
    assert_ne!(
        fingerprints[0], fingerprints[1],
        "a hash without a key would be the same for the same person"
    );
}

#[tokio::test]
async fn a_profile_that_was_moved_to_another_member_does_not_open() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let victim = members.enrolled("form-1", ada()).await;
    let thief = members
        .enrolled(
            "form-2",
            Profile {
                name: "Thief".to_owned(),
                ..Profile::default()
            },
        )
        .await;
    for table in ["profile", "profile_key"] {
        let columns = if table == "profile" {
            "name, phone"
        } else {
            "version, master_key, wrapped"
        };
        let steal = format!(
            "update member.{table} as stolen set ({columns}) = (select {columns} from member.{table} where member_id = $1::uuid)
              where stolen.member_id = $2::uuid"
        );
        let steal = sqlx::query(AssertSqlSafe(steal)).bind(&victim).bind(&thief);
        steal.execute(&mut suite().database().await).await.unwrap();
    }
    let request = GetMemberRequest {
        member_id: thief,
        with_profile: true,
    };
    let found = refusal(program.members().get_member(request).await);
    assert_eq!(found, shared(Code::Internal, "INTERNAL"));
}
