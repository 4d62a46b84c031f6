//! The evidence that nobody changed the ledger afterwards: it holds, and it breaks wherever somebody who owns the database changes a thing.

use std::{path::PathBuf, time::Duration};

use loyalty::{
    demo::clients::Clients,
    evidence::{self, EvidenceArgs, SealKeyArgs, VerifyArgs},
    server::ServerArgs,
};
use points::domain::evidence::{Checkpoint, Head, SealedRequest, SealedRow, Segment, root_by_path};
use proto::points::{
    EarnPointsRequest, Entry, GetInclusionProofRequest, GetInclusionProofResponse, ListCheckpointsRequest,
    evidence_service_client::EvidenceServiceClient,
};
use sqlx::{AssertSqlSafe, PgConnection};
use tonic::Code;

use crate::{
    calls::enrol_as,
    process::{Process, manifest},
};

/// A suite that seals every second, with its keys.
struct Sealed {
    process: Process,
    folder: PathBuf,
}

impl Sealed {
    async fn start() -> Sealed {
        let folder = std::env::temp_dir().join(format!("loyalty-sealed-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&folder).expect("a folder can be made");
        let key = SealKeyArgs {
            private: folder.join("seal.pem"),
            public: folder.join("seal.pub.pem"),
        };
        evidence::make_seal_key(&key).expect("keys can be made");
        let private = key.private.display().to_string();
        let process = Process::start_with(&["--seal-interval-seconds=1", "--seal-key", &private]).await;
        Sealed { process, folder }
    }

    /// Fetches the evidence and checks it, by the public key and by checkpoints that were kept elsewhere.
    async fn verify(&self, kept: &[String]) -> Result<(), String> {
        let file = self.folder.join("evidence");
        let fetched = EvidenceArgs {
            file: file.clone(),
            program: manifest().program_id(),
            server: ServerArgs {
                url: self.process.url(),
                token: None,
            },
        };
        evidence::fetch(fetched).await.map_err(|error| format!("{error:#}"))?;
        let args = VerifyArgs {
            file,
            public_key: vec![self.folder.join("seal.pub.pem")],
            program: manifest().program_id(),
            checkpoint: kept.to_vec(),
        };
        evidence::verify(&args).map_err(|error| format!("{error:#}"))
    }

    fn clients(&self) -> Clients {
        self.process.clients()
    }

    async fn prove(&self, entry_id: &str) -> Result<GetInclusionProofResponse, tonic::Status> {
        let request = GetInclusionProofRequest {
            entry_id: entry_id.to_owned(),
        };
        let mut client = EvidenceServiceClient::new(self.clients().transport(0));
        client
            .get_inclusion_proof(request)
            .await
            .map(tonic::Response::into_inner)
    }

    /// Waits until an entry is under a signature.
    async fn sealed(&self, entry: &Entry) -> GetInclusionProofResponse {
        for _ in 0..200 {
            match self.prove(&entry.entry_id).await {
                Ok(proof) => return proof,
                Err(status) => assert!(reason(&status).contains("NOT_SEALED"), "{status:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the entry is not sealed in time");
    }

    async fn earn(&self, member_id: &str, request_id: &str) -> Entry {
        let request = EarnPointsRequest {
            request_id: request_id.to_owned(),
            member_id: member_id.to_owned(),
            wallet: "points".to_owned(),
            points: 100,
            ..EarnPointsRequest::default()
        };
        let earned = self.clients().points(0).earn_points(request).await;
        earned
            .expect("points can be earned")
            .into_inner()
            .entry
            .expect("the answer has the entry")
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn reason(status: &tonic::Status) -> String {
    common::refusal::Refusal::told_by(status).reason
}

async fn run(database: &mut PgConnection, sql: &str) -> u64 {
    let done = sqlx::query(AssertSqlSafe(sql)).execute(database).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_cannot_be_changed_unnoticed() {
    let mut sealed = Sealed::start().await;
    let member = enrol_as(&sealed.clients(), "e-1").await;
    let other = enrol_as(&sealed.clients(), "e-2").await;
    let first = sealed.earn(&member, "r-1").await;
    sealed.sealed(&first).await;
    let second = sealed.earn(&member, "r-2").await;
    let of_other = sealed.earn(&other, "r-1").await;
    sealed.sealed(&second).await;
    sealed.sealed(&of_other).await;
    sealed.verify(&[]).await.expect("the evidence holds");

    let kept = EvidenceServiceClient::new(sealed.clients().transport(0))
        .list_checkpoints(ListCheckpointsRequest::default())
        .await
        .expect("checkpoints can be listed")
        .into_inner()
        .checkpoints;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let kept: Vec<String> = kept
        .iter()
        .map(|kept| format!("{}:{}", kept.number, hex(&kept.hash)))
        .collect();
    assert!(kept.len() >= 2);
    sealed.verify(&kept).await.expect("those that were kept are there");

    let mut database = sealed.process.database().await;
    let row = format!("member_id = '{member}' and request_id = 'r-1'");
    for (change, back) in [
        (
            "event = event || '\\x00'",
            "event = substring(event for length(event) - 1)",
        ),
        (
            "answer = answer || '\\x00'",
            "answer = substring(answer for length(answer) - 1)",
        ),
        (
            "fingerprint = fingerprint || '\\x00'",
            "fingerprint = substring(fingerprint for length(fingerprint) - 1)",
        ),
        ("method = method + 1", "method = method - 1"),
        (
            "occurred_at = occurred_at + interval '1 us'",
            "occurred_at = occurred_at - interval '1 us'",
        ),
        (
            "recorded_at = recorded_at + interval '1 us'",
            "recorded_at = recorded_at - interval '1 us'",
        ),
    ] {
        assert_eq!(
            run(
                &mut database,
                &format!("update points.journal set {change} where {row}")
            )
            .await,
            1
        );
        let broken = sealed.verify(&[]).await.expect_err(change);
        assert!(broken.contains("are not those that were sealed"), "{change}: {broken}");
        run(&mut database, &format!("update points.journal set {back} where {row}")).await;
        sealed.verify(&[]).await.expect("it is as it was");
    }
    let forgotten = "update points.journal set request_key = gen_random_uuid()";
    assert_eq!(run(&mut database, &format!("{forgotten} where {row}")).await, 1);
    sealed.verify(&[]).await.expect_err("a request that is not found again");
    let key = common::journal::request_key(
        manifest().program_id().parse().expect("an id"),
        member.parse().expect("an id"),
        "r-1",
    );
    let found = format!("update points.journal set request_key = '{key}' where {row}");
    assert_eq!(run(&mut database, &found).await, 1);
    sealed.verify(&[]).await.expect("it is as it was");
    let renamed = "update points.journal set request_id = 'r-9' where request_id = 'r-1'";
    assert_eq!(
        run(&mut database, &format!("{renamed} and member_id = '{member}'")).await,
        1
    );
    sealed.verify(&[]).await.expect_err("another request");
    run(
        &mut database,
        "update points.journal set request_id = 'r-1' where request_id = 'r-9'",
    )
    .await;
    for column in ["member_id", "program_id"] {
        let moved = format!("update points.journal set {column} = gen_random_uuid() where {row}");
        let was: (String,) = sqlx::query_as(AssertSqlSafe(format!(
            "select {column}::text from points.journal where {row}"
        )))
        .fetch_one(&mut database)
        .await
        .expect("the row is there");
        run(&mut database, &moved).await;
        sealed.verify(&[]).await.expect_err(column);
        let place = format!("seq = {} and request_id = 'r-1'", seq_of(&first));
        let back = format!(
            "update points.journal set {column} = '{}' where {place} and shard = {}",
            was.0,
            shard_of(&first)
        );
        assert_eq!(run(&mut database, &back).await, 1);
    }
    sealed.verify(&[]).await.expect("it is as it was");

    // A row that is taken out, and one that is put in, shift those after them.
    run(
        &mut database,
        &format!("create table points.taken as select * from points.journal where {row}"),
    )
    .await;
    run(&mut database, &format!("delete from points.journal where {row}")).await;
    sealed.verify(&[]).await.expect_err("a row is missing");
    run(&mut database, "insert into points.journal select * from points.taken").await;
    sealed.verify(&[]).await.expect("it is as it was");

    // Whoever changes a row and takes the checkpoints back does not get it signed anew, neither by the process that sealed it nor by one that starts later.
    assert_eq!(
        run(
            &mut database,
            &format!("update points.journal set event = event || '\\x00' where {row}")
        )
        .await,
        1
    );
    run(&mut database, "delete from points.checkpoint").await;
    run(&mut database, "delete from points.seal").await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let broken = sealed.verify(&[]).await.expect_err("nothing is sealed");
    assert!(broken.contains("there is no checkpoint"), "{broken}");
    let private = sealed.folder.join("seal.pem").display().to_string();
    sealed
        .process
        .restart_with(&["--seal-interval-seconds=1", "--seal-key", &private])
        .await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    sealed.verify(&[]).await.expect_err("nothing is sealed");

    // And whoever seals everything anew has no key to sign it with.
    let (private, public) = (sealed.folder.join("other.pem"), sealed.folder.join("other.pub.pem"));
    let key = SealKeyArgs { private, public };
    evidence::make_seal_key(&key).expect("keys can be made");
    let private = key.private.display().to_string();
    sealed
        .process
        .restart_with(&["--seal-interval-seconds=1", "--seal-key", &private])
        .await;
    sealed.sealed(&second).await;
    let broken = sealed.verify(&[]).await.expect_err("sealed anew");
    assert!(broken.contains("is not signed by the key"), "{broken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_off_is_missed_by_whoever_kept_a_checkpoint() {
    let sealed = Sealed::start().await;
    let member = enrol_as(&sealed.clients(), "e-1").await;
    let first = sealed.earn(&member, "r-1").await;
    sealed.sealed(&first).await;
    let second = sealed.earn(&member, "r-2").await;
    let proof = sealed.sealed(&second).await;
    let checkpoint = proof.checkpoint.expect("a proof has its checkpoint");
    let hash: String = checkpoint.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let kept = [format!("{}:{hash}", checkpoint.number)];
    sealed.verify(&kept).await.expect("it is there");
    let mut database = sealed.process.database().await;
    run(
        &mut database,
        &format!("delete from points.checkpoint where number >= {}", checkpoint.number),
    )
    .await;
    run(
        &mut database,
        &format!("delete from points.seal where checkpoint >= {}", checkpoint.number),
    )
    .await;
    let broken = sealed.verify(&kept).await.expect_err("the end is missing");
    assert!(broken.contains("kept elsewhere"), "{broken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_an_entry_was_recorded_is_proved_with_a_few_hashes() {
    let sealed = Sealed::start().await;
    let member = enrol_as(&sealed.clients(), "e-1").await;
    let entry = sealed.earn(&member, "r-1").await;
    let proof = sealed.sealed(&entry).await;
    let (segment, record) = (proof.segment.expect("a segment"), proof.record.expect("a row"));
    let hash = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).expect("a hash");
    let path = |path: &[Vec<u8>]| path.iter().map(|beside| hash(beside)).collect::<Vec<_>>();
    let micros = |at: Option<prost_types::Timestamp>| {
        let at = at.and_then(common::time::from_wire);
        at.expect("an instant").as_microsecond()
    };
    let request = record.request.expect("the row remembers its request");
    assert_eq!(request.request_id, "r-1");
    let leaf = SealedRow {
        shard: segment.shard as i16,
        seq: record.seq,
        program_id: record.program_id.as_slice().try_into().expect("16 bytes"),
        member_id: record.member_id.as_slice().try_into().expect("16 bytes"),
        request_key: record.request_key.as_slice().try_into().ok(),
        request: Some(SealedRequest {
            request_id: request.request_id,
            method: request.method as i16,
            fingerprint: request.fingerprint,
            answer: request.answer,
        }),
        occurred_at: micros(record.occurred_at),
        recorded_at: micros(record.recorded_at),
        event: record.event,
    }
    .leaf();
    let index = (record.seq - segment.first_seq) as usize;
    let rows = (segment.last_seq - segment.first_seq + 1) as usize;
    let root = root_by_path(leaf, index, rows, &path(&proof.row_path)).expect("the path fits");
    assert_eq!(root.to_vec(), segment.root);
    let linked = Segment {
        shard: segment.shard as i16,
        number: segment.number,
        first_seq: segment.first_seq,
        last_seq: segment.last_seq,
        root,
    };
    let before = Head {
        number: segment.number - 1,
        last_seq: segment.first_seq - 1,
        chain: hash(&segment.chain_before),
    };
    let head = linked.link(&before).leaf(segment.shard as i16);
    let top = root_by_path(head, segment.shard as usize, 64, &path(&proof.shard_path)).expect("the path fits");
    let checkpoint = proof.checkpoint.expect("a checkpoint");
    let signed = Checkpoint {
        number: checkpoint.number,
        sealed_at: micros(checkpoint.sealed_at),
        previous: hash(&checkpoint.previous),
        root: top,
    };
    assert_eq!(signed.hash().to_vec(), checkpoint.hash);

    let nobody = sealed
        .prove(&uuid::Uuid::now_v7().to_string())
        .await
        .expect_err("there is no such entry");
    assert_eq!(
        (nobody.code(), reason(&nobody).as_str()),
        (Code::NotFound, "ENTRY_NOT_FOUND")
    );
}

fn place_of(entry: &Entry) -> (i16, i64) {
    let id = entry.entry_id.parse().expect("an id");
    let (shard, seq) = common::journal::journal_place(id).expect("an entry's id knows its row");
    (shard.get(), seq)
}

fn shard_of(entry: &Entry) -> i16 {
    place_of(entry).0
}

fn seq_of(entry: &Entry) -> i64 {
    place_of(entry).1
}
