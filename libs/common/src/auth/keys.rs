//! The keys that are trusted: those of the configured issuer, and one or more of each service of the suite. A key names its
//! owner, so that no service can speak for another, and its algorithm, so that no token can choose one.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use anyhow::{Context as _, bail, ensure};
use arc_swap::ArcSwap;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, ThumbprintHash},
};
use rand::Rng as _;

use super::{SKEW_SECONDS, claims::Claims};
use crate::config::AuthSettings;

/// The public half of a key, and whose it is.
#[derive(Clone)]
struct Trusted {
    key: DecodingKey,
    algorithm: Algorithm,
    issuer: String,
    service: Option<String>,
}

type Keys = HashMap<String, Trusted>;

/// The trusted keys by their ids.
pub(super) struct KeyRing {
    files: Files,
    in_process: Mutex<Keys>,
    contents: Mutex<Option<blake3::Hash>>,
    keys: ArcSwap<Keys>,
}

struct Files {
    issuer: Option<String>,
    issuer_keys: Option<PathBuf>,
    service_keys: Option<PathBuf>,
}

impl KeyRing {
    pub(super) fn load(settings: &AuthSettings) -> anyhow::Result<Self> {
        let files = Files {
            issuer: settings.auth_issuer.clone(),
            issuer_keys: settings.auth_keys.clone(),
            service_keys: settings.service_keys.clone(),
        };
        let ring = Self {
            files,
            in_process: Mutex::default(),
            contents: Mutex::default(),
            keys: ArcSwap::default(),
        };
        ring.reload()?;
        Ok(ring)
    }

    /// Trusts a key that lives in this process.
    pub(super) fn trust(&self, key: &ServiceKey) {
        let mut in_process = self.in_process.lock().expect("no code panics while it holds the keys");
        in_process.insert(key.id.clone(), key.public.clone());
        self.keys.rcu(|keys| {
            let mut keys = Keys::clone(keys);
            keys.extend(in_process.clone());
            keys
        });
    }

    /// Reads the files again and tells whether anything has changed. When they cannot be read, what was trusted stays.
    pub(super) fn reload(&self) -> anyhow::Result<bool> {
        let read = self.files.read()?;
        let mut contents = self.contents.lock().expect("no code panics while it holds the keys");
        if *contents == Some(read.contents) {
            return Ok(false);
        }
        let in_process = self.in_process.lock().expect("no code panics while it holds the keys");
        let mut keys = read.keys;
        keys.extend(in_process.clone());
        self.keys.store(Arc::new(keys));
        *contents = Some(read.contents);
        Ok(true)
    }

    /// Returns the claims of a token, or nothing, whatever is wrong with it.
    pub(super) fn verify(&self, token: &[u8], audiences: &HashSet<String>) -> Option<Claims> {
        let id = decode_header(token).ok()?.kid?;
        let keys = self.keys.load();
        let trusted = keys.get(&id)?;
        let mut validation = Validation::new(trusted.algorithm);
        validation.leeway = SKEW_SECONDS;
        validation.validate_nbf = true;
        validation.aud = Some(audiences.clone());
        validation.set_issuer(&[&trusted.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let claims = decode::<Claims>(token, &trusted.key, &validation).ok()?.claims;
        (claims.svc == trusted.service).then_some(claims)
    }
}

struct Read {
    keys: Keys,
    contents: blake3::Hash,
}

impl Files {
    fn read(&self) -> anyhow::Result<Read> {
        let mut keys = Keys::new();
        let mut contents = blake3::Hasher::new();
        if let (Some(path), Some(issuer)) = (&self.issuer_keys, &self.issuer) {
            for (name, text) in read_all(path)? {
                contents.update(name.as_bytes()).update(&text);
                let read = if name.ends_with(".pem") {
                    pem_keys(&name, &text, issuer)
                } else {
                    jwks(&text, issuer)
                };
                keys.extend(read.with_context(|| format!("{}: {name}", path.display()))?);
            }
            ensure!(!keys.is_empty(), "{} holds no key", path.display());
        }
        if let Some(path) = &self.service_keys {
            for (name, text) in read_all(path)? {
                contents.update(name.as_bytes()).update(&text);
                let read = service_key(&name, &text).with_context(|| format!("{}: {name}", path.display()))?;
                keys.insert(read.0, read.1);
            }
        }
        Ok(Read {
            keys,
            contents: contents.finalize(),
        })
    }
}

/// Reads a file, or every file of a directory, by name. Hidden entries are left out: Kubernetes keeps its own there.
fn read_all(path: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let name_of = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    if !path.is_dir() {
        return Ok(vec![(name_of(path), read(path)?)]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        let path = entry?.path();
        let name = name_of(&path);
        if !name.starts_with('.') && path.is_file() {
            files.push((name, read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a public key from `<key id>.pem`.
fn pem_keys(name: &str, text: &[u8], issuer: &str) -> anyhow::Result<Keys> {
    let (key, algorithm) = public_pem(text)?;
    let id = name.trim_end_matches(".pem").to_owned();
    Ok(Keys::from([(
        id,
        Trusted {
            key,
            algorithm,
            issuer: issuer.to_owned(),
            service: None,
        },
    )]))
}

/// Reads a JSON Web Key Set. A set may hold keys of other kinds for other readers; those are passed over.
fn jwks(text: &[u8], issuer: &str) -> anyhow::Result<Keys> {
    let set: JwkSet = serde_json::from_slice(text).context("is not a JSON Web Key Set")?;
    let mut keys = Keys::new();
    for jwk in &set.keys {
        let Some(algorithm) = algorithm_of(jwk) else { continue };
        let id = jwk.common.key_id.clone().context("a key has no id (kid)")?;
        let key = DecodingKey::from_jwk(jwk).with_context(|| format!("the key {id} cannot be used"))?;
        ensure!(!keys.contains_key(&id), "two keys have the id {id}");
        keys.insert(
            id,
            Trusted {
                key,
                algorithm,
                issuer: issuer.to_owned(),
                service: None,
            },
        );
    }
    ensure!(!keys.is_empty(), "holds no Ed25519 or P-256 key");
    Ok(keys)
}

fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Some(Algorithm::EdDSA),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Some(Algorithm::ES256),
        _ => None,
    }
}

fn public_pem(text: &[u8]) -> anyhow::Result<(DecodingKey, Algorithm)> {
    if let Ok(key) = DecodingKey::from_ed_pem(text) {
        return Ok((key, Algorithm::EdDSA));
    }
    match DecodingKey::from_ec_pem(text) {
        Ok(key) => Ok((key, Algorithm::ES256)),
        Err(_) => bail!("is not the PEM of an Ed25519 or P-256 public key"),
    }
}

/// Reads the public key of a service from `<service>.pem` or, while two keys overlap, `<service>.<anything>.pem`.
fn service_key(name: &str, text: &[u8]) -> anyhow::Result<(String, Trusted)> {
    let (service, _) = name.split_once('.').context("is not named <service>.pem")?;
    let (key, algorithm) = public_pem(text)?;
    ensure!(algorithm == Algorithm::EdDSA, "is not an Ed25519 key");
    let jwk = Jwk::from_decoding_key(&key, Some(algorithm))?;
    trusted_service(service, &jwk)
}

fn trusted_service(service: &str, jwk: &Jwk) -> anyhow::Result<(String, Trusted)> {
    let id = format!("{service}.{}", jwk.thumbprint(ThumbprintHash::SHA256)?);
    let trusted = Trusted {
        key: DecodingKey::from_jwk(jwk)?,
        algorithm: Algorithm::EdDSA,
        issuer: issuer_of(service),
        service: Some(service.to_owned()),
    };
    Ok((id, trusted))
}

/// Returns the issuer that a service is.
fn issuer_of(service: &str) -> String {
    format!("loyalty/{service}")
}

/// The key by which a service of the suite proves who it is.
pub struct ServiceKey {
    pub(super) service: String,
    pub(super) issuer: String,
    pub(super) id: String,
    pub(super) signing: EncodingKey,
    public: Trusted,
}

impl ServiceKey {
    /// Reads the service's key from its file, or makes one that lives as long as the process.
    pub fn load(settings: &AuthSettings, service: &str) -> anyhow::Result<Self> {
        let Some(path) = &settings.service_key else {
            return Self::generate(service);
        };
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let signing = EncodingKey::from_ed_pem(&text);
        let signing = signing.with_context(|| format!("{} is not the PEM of an Ed25519 key", path.display()))?;
        Self::new(service, signing)
    }

    /// Makes a key that lives as long as the process, for services that meet inside it.
    pub fn generate(service: &str) -> anyhow::Result<Self> {
        // An Ed25519 key in PKCS#8 (RFC 8410) is this prefix and 32 random bytes.
        let mut der =
            *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20................................";
        rand::rng().fill_bytes(&mut der[16..]);
        Self::new(service, EncodingKey::from_ed_der(&der))
    }

    fn new(service: &str, signing: EncodingKey) -> anyhow::Result<Self> {
        let jwk = Jwk::from_encoding_key(&signing, Algorithm::EdDSA)?;
        let (id, public) = trusted_service(service, &jwk)?;
        Ok(Self {
            service: service.to_owned(),
            issuer: issuer_of(service),
            id,
            signing,
            public,
        })
    }

    /// Returns the name of the service.
    pub fn service(&self) -> &str {
        &self.service
    }
}
