//! `loyalty evidence` and `loyalty verify`: the evidence that nobody changed the ledger afterwards, fetched and checked.
//!
//! What is checked is a file, with nothing but the public key: neither a server nor the database has to be believed.

mod seal_key;
mod verifier;

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Read as _, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use comfy_table::{Table, presets};
use jsonwebtoken::DecodingKey;
use prost::Message as _;
use proto::points::{
    ExportEvidenceRequest, ExportEvidenceResponse, evidence_service_client::EvidenceServiceClient,
    export_evidence_response::Part,
};
use tonic::codec::Streaming;

use crate::server::ServerArgs;

pub use seal_key::{SealKeyArgs, make as make_seal_key};
pub use verifier::{Broken, Tally, Verifier};

/// The largest message that is read: a segment with its rows.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What to fetch, and where it goes.
#[derive(Args, Clone, Debug)]
pub struct EvidenceArgs {
    /// The file that is written.
    pub file: PathBuf,
    /// The program, in development mode; otherwise the token names it.
    #[arg(long, env = "LOYALTY_PROGRAM", default_value = "")]
    pub program: String,
    /// Where the services are.
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What to check, and by what.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// The file that `loyalty evidence` wrote.
    pub file: PathBuf,
    /// A public key (Ed25519, PEM) by which checkpoints may be signed. Several, where it was changed.
    #[arg(long, required = true)]
    pub public_key: Vec<PathBuf>,
    /// Whose evidence it must be; without it, whose the first row is.
    #[arg(long, default_value = "")]
    pub program: String,
    /// A checkpoint that must be in it, as it was kept elsewhere: NUMBER:HASH. So nothing can have been cut off at the end.
    #[arg(long)]
    pub checkpoint: Vec<String>,
}

/// Fetches evidence into a file.
pub async fn fetch(args: EvidenceArgs) -> anyhow::Result<()> {
    ensure!(
        args.server.token.is_some() || !args.program.is_empty(),
        "whose evidence? Give --token or, in development mode, --program"
    );
    let client = EvidenceServiceClient::new(args.server.connect(&args.program)?);
    let mut client = client.max_decoding_message_size(MOST_BYTES);
    let answer = client.export_evidence(ExportEvidenceRequest {}).await;
    let mut parts: Streaming<ExportEvidenceResponse> = answer
        .map_err(|status| anyhow::anyhow!("the evidence cannot be had: {}", status.message()))?
        .into_inner();
    // What was fetched before is replaced when all of it is there.
    let unfinished = args.file.with_extension("unfinished");
    let mut file = BufWriter::new(File::create(&unfinished).with_context(|| unfinished.display().to_string())?);
    let (mut checkpoints, mut rows) = (0, 0);
    while let Some(part) = parts.message().await? {
        match &part.part {
            Some(Part::Segment(segment)) => rows += segment.rows.len(),
            Some(Part::Checkpoint(_)) => checkpoints += 1,
            None => {}
        }
        file.write_all(&part.encode_length_delimited_to_vec())?;
    }
    file.flush()?;
    fs::rename(&unfinished, &args.file)?;
    println!("{}: checkpoints: {checkpoints}, rows: {rows}.", args.file.display());
    Ok(())
}

/// Checks evidence, and says what it proves or at what place it is broken.
pub fn verify(args: &VerifyArgs) -> anyhow::Result<()> {
    let mut keys = Vec::new();
    for path in &args.public_key {
        let read = || -> anyhow::Result<DecodingKey> { Ok(DecodingKey::from_ed_pem(&fs::read(path)?)?) };
        keys.push(read().with_context(|| format!("{} holds no public Ed25519 key in PEM", path.display()))?);
    }
    let program = match args.program.as_str() {
        "" => None,
        text => Some(
            uuid::Uuid::parse_str(text)
                .context("the program is not an id")?
                .into_bytes(),
        ),
    };
    let mut verifier = Verifier::new(keys, program);
    let file = File::open(&args.file).with_context(|| args.file.display().to_string())?;
    let mut bytes = Vec::new();
    let mut reader = BufReader::new(file);
    while let Some(length) = read_length(&mut reader)? {
        ensure!(
            length <= MOST_BYTES,
            "the file is not evidence: a part of {length} bytes"
        );
        bytes.resize(length, 0);
        reader
            .read_exact(&mut bytes)
            .context("the file ends in the middle of a part")?;
        let part = ExportEvidenceResponse::decode(bytes.as_slice()).context("the file is not evidence")?;
        verifier.take(&part).context("BROKEN")?;
    }
    let tally = verifier.finish(&args.checkpoint).context("BROKEN")?;
    println!("{}", table(&tally));
    println!(
        "Nothing was changed, added, left out or moved up to checkpoint {}.",
        tally.checkpoints
    );
    Ok(())
}

/// Reads the length before a part; nothing at the end of the file.
fn read_length(reader: &mut impl std::io::Read) -> anyhow::Result<Option<usize>> {
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let mut byte = [0];
        if reader.read(&mut byte)? == 0 {
            ensure!(shift == 0, "the file ends in the middle of a part");
            return Ok(None);
        }
        ensure!(shift < 35, "the file is not evidence");
        length |= usize::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            return Ok(Some(length));
        }
        shift += 7;
    }
}

fn table(tally: &Tally) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.add_row(["Checkpoints, each signed".to_owned(), tally.checkpoints.to_string()]);
    table.add_row(["The last one was made at".to_owned(), tally.last_sealed_at.clone()]);
    table.add_row(["Its hash".to_owned(), tally.last_hash.clone()]);
    table.add_row(["Segments".to_owned(), tally.segments.to_string()]);
    table.add_row(["Rows of the program".to_owned(), tally.rows.to_string()]);
    table.add_row(["Rows of others, as hashes".to_owned(), tally.other_rows.to_string()]);
    table
}
