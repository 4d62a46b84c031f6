//! Keys for a developer's machine: made when they are first needed, and kept, so that data outlives a restart.

use std::{fs, io, io::Write as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::key_text::{self, KeysRefused, SecretKey};

/// Returns the text of a file with one key, making both when there is none. Of several processes that start at once, one
/// makes the key and all of them use it.
pub(super) fn key_text(dir: &Path, name: &str) -> Result<Zeroizing<String>, KeysRefused> {
    let path = dir.join(name);
    if !path.exists() {
        write_key(dir, &path).map_err(|error| KeysRefused::File {
            path: path.clone(),
            error,
        })?;
    }
    key_text::read_file(&path)
}

/// Writes a key beside the file and gives it the file's name once it is whole, unless another process was faster.
fn write_key(dir: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let encoded = Zeroizing::new(STANDARD.encode(SecretKey::random().reveal()));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    writeln!(
        file,
        "# Made for development. Do not use it for real people.\ndevelopment:{}",
        *encoded
    )?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("data");
        let first = key_text(&dir, "a.key").unwrap();
        assert_eq!(key_text(&dir, "a.key").unwrap(), first);
        assert_ne!(key_text(&dir, "b.key").unwrap(), first);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
    }

    #[test]
    fn processes_that_start_at_once_use_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let texts: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| key_text(dir.path(), "a.key").unwrap()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        key_text(dir.path(), "a.key").unwrap();
        assert_eq!(
            fs::metadata(dir.path().join("a.key")).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
