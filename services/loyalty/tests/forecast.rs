//! A plan that costs more than its budget can spend, applied by the command line itself.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

use harness::suite;
use loyalty::{apply::Manifest, demo::clients::Clients};
use proto::{campaign::ListBudgetsRequest, member::GetProgramRequest};
use tonic::Code;
use uuid::Uuid;

use crate::played::Played;

const S3: &str = include_str!("../../../deploy/programs/s3-plan.toml");

/// Runs `loyalty apply` on a file.
async fn apply(file: &Path, flags: &'static [&'static str]) -> Output {
    let (file, url) = (file.to_path_buf(), format!("http://{}", suite().address()));
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loyalty"));
        command.arg("apply").arg(file).args(["--url", &url]).args(flags);
        command.output().expect("the command can be run")
    };
    tokio::task::spawn_blocking(run).await.expect("the command ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_beyond_its_budget_is_applied_only_when_asked_for() {
    let of_file = Manifest::parse("s3-plan.toml", S3).unwrap().program_id();
    let program_id = Uuid::now_v7().to_string();
    let file = env::temp_dir().join(format!("s3-plan-{program_id}.toml"));
    fs::write(&file, S3.replace(&of_file, &program_id)).unwrap();
    let clients = Clients::new(&format!("http://{}", suite().address()), &program_id).unwrap();

    let refused = apply(&file, &[]).await;
    let (shown, told) = (
        String::from_utf8_lossy(&refused.stdout),
        String::from_utf8_lossy(&refused.stderr),
    );
    assert!(!refused.status.success(), "{shown}");
    assert!(shown.contains("as expected, 60,498,771.00 too much"), "{shown}");
    let words = "60,498,771.00 CNY more than the budget \"year\" can spend; nothing was applied";
    assert!(told.contains(words) && told.contains("--over-budget"), "{told}");
    let planned = apply(&file, &["--plan-only"]).await;
    assert!(planned.status.success());
    let missing = clients.programs().get_program(GetProgramRequest {}).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound, "nothing was applied: {missing}");

    let applied = apply(&file, &["--over-budget"]).await;
    let told = String::from_utf8_lossy(&applied.stderr);
    assert!(applied.status.success(), "{told}");
    fs::remove_file(&file).unwrap();
    let mut played = Played::by(clients).await;
    let listed = played.budgets().list_budgets(ListBudgetsRequest {}).await.unwrap();
    assert_eq!(listed.into_inner().budgets.len(), 9);
    // 250 yuan are two full hundreds, and the first purchase earns a tenth more.
    assert_eq!(played.buys(250).await, 220);
}
