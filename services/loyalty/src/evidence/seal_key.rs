//! `loyalty seal-key`: makes the key with which the journal is sealed, and the public key with which anybody checks it.

use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use clap::Args;
use jsonwebtoken::{
    Algorithm, EncodingKey,
    jwk::{AlgorithmParameters, Jwk},
};
use rand::Rng as _;

/// What comes before the 32 bytes of an Ed25519 key in PKCS#8, and of a public one (RFC 8410).
const PRIVATE: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
const PUBLIC: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// Where the keys go.
#[derive(Args, Clone, Debug)]
pub struct SealKeyArgs {
    /// The file of the key; only its owner may read it. For `loyalty serve --seal-key`.
    pub private: PathBuf,
    /// The file of the public key. For `loyalty verify --public-key`.
    pub public: PathBuf,
}

/// Makes a pair of keys. Files that are there stay as they are.
pub fn make(args: &SealKeyArgs) -> anyhow::Result<()> {
    let mut seed = [0; 32];
    rand::rng().fill_bytes(&mut seed);
    let private = [&PRIVATE[..], &seed].concat();
    let jwk = Jwk::from_encoding_key(&EncodingKey::from_ed_der(&private), Algorithm::EdDSA)?;
    let AlgorithmParameters::OctetKeyPair(pair) = jwk.algorithm else {
        anyhow::bail!("the key is of another kind than was made");
    };
    let public = [&PUBLIC[..], &URL_SAFE_NO_PAD.decode(pair.x)?].concat();
    write(&args.private, 0o600, "PRIVATE KEY", &private)?;
    write(&args.public, 0o644, "PUBLIC KEY", &public)?;
    println!("{} seals, {} checks.", args.private.display(), args.public.display());
    Ok(())
}

fn write(path: &Path, mode: u32, label: &str, der: &[u8]) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = file.with_context(|| format!("{} cannot be made", path.display()))?;
    let text = STANDARD.encode(der);
    Ok(write!(
        file,
        "-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"
    )?)
}
