//! The pepper: the key under which the store keeps its MACs. Whoever steals the store without it can verify nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use durward_core::Secret;

use crate::secret_ref::{Trim, from_file};
use crate::text::random;
use crate::{Resolved, SecretError};

/// The name of the pepper file beside a store.
pub const PEPPER_FILE: &str = "pepper.key";

const LENGTH: usize = 32;

/// Reads the pepper beside a store in `dir`, or makes one: 32 random bytes, readable by their owner only.
///
/// For gateways whose policy names no pepper. A backup of the store needs this file too.
///
/// # Errors
/// When the file cannot be read or made, or is not 32 bytes long.
pub fn pepper_from(dir: &Path) -> Result<Resolved, SecretError> {
    let path = dir.join(PEPPER_FILE);
    let failed = |detail: String| SecretError::File { path: path.clone(), detail };
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => create(dir, &path).map_err(|error| failed(error.to_string()))?,
        Err(error) => return Err(failed(error.to_string())),
    }
    let resolved = from_file(&path, Trim::Nothing)?;
    match resolved.secret.expose().len() {
        LENGTH => Ok(resolved),
        length => Err(failed(format!("it is {length} bytes long instead of {LENGTH}; restore it from a backup"))),
    }
}

/// Writes the file under another name, then links it to its own: a crash leaves no half of a pepper, and of two
/// processes that start at once both read the pepper of the first.
fn create(dir: &Path, path: &Path) -> std::io::Result<()> {
    let [tag, pepper] = [random::<LENGTH>(), random::<LENGTH>()].map(|bytes| bytes.map(Secret::new));
    let (Some(tag), Some(pepper)) = (tag, pepper) else {
        return Err(std::io::Error::other("the system gives no random numbers"));
    };
    create_dir(dir)?;
    let tag: String = tag.expose().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let draft = dir.join(format!("{PEPPER_FILE}.{tag}"));
    let written = write_private(&draft, pepper.expose());
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        result => result,
    });
    let removed = fs::remove_file(&draft);
    linked?;
    removed?;
    File::open(dir)?.sync_all()
}

fn create_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
