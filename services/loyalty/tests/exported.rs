//! `loyalty export`: what is in the files is what the ledger says, whatever the format.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use harness::{Program, suite};
use loyalty::{
    export::{self, ENTRY_COLUMNS, ExportArgs, Format, Kind, LOT_COLUMNS, What},
    server::ServerArgs,
};
use parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};
use proto::points::{
    self as pb, EarnPointsRequest, GetLiabilityRequest, HoldPointsRequest, PublishWalletRequest, SpendPointsRequest,
    Wallet, expiry_policy::Policy,
};

/// A program in which something was earned, spent and held; and a folder for files.
async fn ledger() -> (Program, PathBuf) {
    let program = suite().program().await;
    let wallet = Wallet {
        code: "points".to_owned(),
        display_name: "Points".to_owned(),
        unit: "point".to_owned(),
        expiry: Some(pb::ExpiryPolicy {
            policy: Some(Policy::AfterDays(pb::ExpiryAfterDays { days: 30 })),
        }),
        overdraft: pb::OverdraftPolicy::CarryDebt.into(),
        funders: vec![pb::Funder {
            code: "acme".to_owned(),
            display_name: "Acme".to_owned(),
            price: None,
        }],
        ..Wallet::default()
    };
    let publish = PublishWalletRequest {
        request_id: "publish".to_owned(),
        wallet: Some(wallet),
        effective_from: None,
    };
    program
        .wallets()
        .publish_wallet(publish)
        .await
        .expect("a wallet can be published");
    for member in 0..3 {
        let member_id = program.enrolled().await;
        for (number, funder) in ["acme", ""].into_iter().enumerate() {
            let earn = EarnPointsRequest {
                request_id: format!("r-{number}"),
                member_id: member_id.clone(),
                wallet: "points".to_owned(),
                points: 100 + member,
                reference: "a \"reference\", with everything;".to_owned(),
                funder: funder.to_owned(),
                ..EarnPointsRequest::default()
            };
            program.points().earn_points(earn).await.expect("points can be earned");
        }
        let spend = SpendPointsRequest {
            request_id: "r-2".to_owned(),
            member_id: member_id.clone(),
            wallet: "points".to_owned(),
            points: 150,
            reference: String::new(),
        };
        program.points().spend_points(spend).await.expect("points can be spent");
        let hold = HoldPointsRequest {
            request_id: "r-3".to_owned(),
            member_id,
            wallet: "points".to_owned(),
            points: 20,
            ..HoldPointsRequest::default()
        };
        program.points().hold_points(hold).await.expect("points can be held");
    }
    let folder = std::env::temp_dir().join(format!("loyalty-test-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir(&folder).expect("a folder can be made");
    (program, folder)
}

fn args(program: &Program, what: What, format: Format, out: PathBuf) -> ExportArgs {
    ExportArgs {
        what,
        format,
        out,
        wallet: String::new(),
        from: None,
        until: None,
        program: program.program_id.clone(),
        server: ServerArgs {
            url: format!("http://{}", suite().address()),
            token: None,
        },
    }
}

/// Reads a CSV file: its rows, and before them the names of its columns.
fn read_csv(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(path)
        .expect("the file is there");
    let rows = reader.records().map(|record| record.expect("a row is CSV"));
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

/// Reads a Parquet file as the CSV file is to be.
fn read_parquet(path: &Path) -> Vec<Vec<String>> {
    let reader = SerializedFileReader::new(File::open(path).expect("the file is there")).expect("the file is Parquet");
    let columns = reader.metadata().file_metadata().schema_descr().columns().to_vec();
    let mut rows = vec![columns.iter().map(|column| column.name().to_owned()).collect()];
    for row in reader.get_row_iter(None).expect("the file has rows") {
        let row = row.expect("a row is whole");
        let cells = row.get_column_iter().map(|(_, field)| match field {
            Field::Null => String::new(),
            Field::Str(text) => text.clone(),
            Field::Long(number) => number.to_string(),
            Field::TimestampMicros(micros) => jiff::Timestamp::from_microsecond(*micros).unwrap().to_string(),
            other => panic!("no column is {other:?}"),
        });
        rows.push(cells.collect());
    }
    rows
}

/// Adds a column of numbers up.
fn sum(rows: &[Vec<String>], column: &str) -> i64 {
    let place = rows[0]
        .iter()
        .position(|name| name == column)
        .expect("the column is there");
    rows[1..]
        .iter()
        .map(|row| row[place].parse::<i64>().expect("it is a number"))
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parquet_file_is_the_csv_file_row_for_row_and_both_sum_to_the_liability() {
    let (program, folder) = ledger().await;
    let mut files = BTreeMap::new();
    for (what, columns) in [(What::Entries, ENTRY_COLUMNS), (What::Lots, LOT_COLUMNS)] {
        let (as_csv, as_parquet) = (folder.join("out.csv"), folder.join("out.parquet"));
        export::run(args(&program, what, Format::Csv, as_csv.clone()))
            .await
            .expect("CSV is written");
        export::run(args(&program, what, Format::Parquet, as_parquet.clone()))
            .await
            .expect("Parquet is written");
        let rows = read_csv(&as_csv);
        assert_eq!(rows, read_parquet(&as_parquet));
        assert!(rows[0].iter().eq(columns.iter().map(|(name, _)| name)));
        assert!(columns.iter().any(|(_, kind)| *kind == Kind::Time));
        files.insert(format!("{what:?}"), rows);
    }
    let (entries, lots) = (&files["Entries"], &files["Lots"]);
    assert_eq!((entries.len(), lots.len()), (1 + 12, 1 + 6));
    let request = GetLiabilityRequest {
        wallet: "points".to_owned(),
    };
    let told = program
        .liability()
        .get_liability(request)
        .await
        .expect("the liability can be told");
    let amounts = told.into_inner().amounts.expect("the answer has the amounts");
    assert_eq!((amounts.available, amounts.held), (96, 60));
    assert_eq!(
        (sum(lots, "available"), sum(lots, "held")),
        (amounts.available, amounts.held)
    );
    assert_eq!((sum(lots, "points"), sum(lots, "spent")), (606, 450));
    std::fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_leaves_the_file_that_was_there() {
    let (program, folder) = ledger().await;
    let out = folder.join("out.csv");
    std::fs::write(&out, "what was there").expect("a file can be written");
    let nonsense = ExportArgs {
        wallet: "No!".to_owned(),
        ..args(&program, What::Lots, Format::Csv, out.clone())
    };
    let failed = export::run(nonsense).await.expect_err("no wallet is called that");
    assert!(failed.to_string().starts_with("the lots cannot be had: "), "{failed:#}");
    assert_eq!(
        std::fs::read_to_string(&out).expect("it is still there"),
        "what was there"
    );
    assert_eq!(std::fs::read_dir(&folder).expect("the folder is there").count(), 1);
    std::fs::remove_dir_all(folder).expect("the folder can be removed");
}
