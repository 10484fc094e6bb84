//! The socket file: private from its first moment, never taken from a living gateway, taken over from a dead one.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use crate::AdminError;
use crate::error::doing;

/// A bound admin socket. The file goes away when this is dropped.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    guard: SocketFile,
}

/// The socket file of this process.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Which file it is: another process may have put its own there since.
    identity: (u64, u64),
    owner: u32,
    /// Held while this process serves the socket; the system lets go of it when the process dies.
    _lock: File,
}

/// `sun_path` has 108 bytes with its final NUL, and the socket is bound under a longer name first.
const LONGEST_PATH: usize = 96;

impl AdminSocket {
    /// Binds the socket: makes its folder (mode 0700) if there is none, refuses one that others may write, refuses to
    /// replace a socket somebody listens at, and removes one that nobody does.
    ///
    /// # Errors
    /// See [`AdminError`]; each says what to do.
    pub fn bind(path: &Path) -> Result<Self, AdminError> {
        if path.as_os_str().len() > LONGEST_PATH {
            return Err(AdminError::TooLong(path.to_path_buf()));
        }
        let folder = private_folder(path)?;
        let lock = take_lock(path)?;
        remove_stale(path)?;
        // Bound where nobody else can go, made private there, and only then put where it is looked for.
        let stage = folder.join(format!(".{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&stage);
        DirBuilder::new().mode(0o700).create(&stage).map_err(doing("make the folder", &stage))?;
        let bound = bind_private(&stage.join("s"), path);
        let _ = std::fs::remove_dir_all(&stage);
        let listener = bound?;
        let metadata = path.symlink_metadata().map_err(doing("look at", path))?;
        let identity = (metadata.dev(), metadata.ino());
        let guard = SocketFile { path: path.to_path_buf(), identity, owner: metadata.uid(), _lock: lock };
        Ok(Self { listener, guard })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.guard.path
    }

    pub(crate) fn into_parts(self) -> (UnixListener, SocketFile) {
        (self.listener, self.guard)
    }
}

impl SocketFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a peer is the user this gateway runs as, or root.
    pub(crate) fn admits(&self, uid: u32) -> bool {
        uid == 0 || uid == self.owner
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = self.path.symlink_metadata().is_ok_and(|now| (now.dev(), now.ino()) == self.identity);
        if ours {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn private_folder(path: &Path) -> Result<PathBuf, AdminError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(doing("make the folder", &folder))?;
    let metadata = folder.metadata().map_err(doing("look at", &folder))?;
    if metadata.mode() & 0o022 == 0 { Ok(folder) } else { Err(AdminError::OpenFolder(folder)) }
}

fn take_lock(path: &Path) -> Result<File, AdminError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let options = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&name);
    let lock = options.map_err(doing("make", &name))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(AdminError::InUse(path.to_path_buf())),
        Err(TryLockError::Error(error)) => Err(doing("lock", &name)(error)),
    }
}

fn remove_stale(path: &Path) -> Result<(), AdminError> {
    let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
    if !metadata.file_type().is_socket() {
        return Err(AdminError::NotASocket(path.to_path_buf()));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(doing("remove", path))
        }
        Ok(_) => Err(AdminError::InUse(path.to_path_buf())),
        Err(error) => Err(doing("look at", path)(error)),
    }
}

fn bind_private(stage: &Path, path: &Path) -> Result<UnixListener, AdminError> {
    let listener = UnixListener::bind(stage).map_err(doing("listen at", path))?;
    listener.set_nonblocking(true).map_err(doing("listen at", path))?;
    std::fs::set_permissions(stage, Permissions::from_mode(0o600)).map_err(doing("make private", path))?;
    std::fs::rename(stage, path).map_err(doing("listen at", path))?;
    Ok(listener)
}
