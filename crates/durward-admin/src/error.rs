//! What can go wrong with the admin socket, on both of its ends.

use std::io;
use std::path::PathBuf;

/// Why the admin side cannot be served or asked.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Another gateway serves this socket.
    #[error("another gateway listens at `{}`; stop it, or give this one another `admin.socket`", .0.display())]
    InUse(PathBuf),
    /// Something else has the name of the socket.
    #[error("`{}` exists and is not a socket; remove it, or choose another `admin.socket`", .0.display())]
    NotASocket(PathBuf),
    /// Others may write the folder of the socket, and could put their own socket there.
    #[error("others may write the folder `{}` of the admin socket; `chmod 700` it, or choose another `admin.socket`", .0.display())]
    OpenFolder(PathBuf),
    /// The system takes no socket names of this length.
    #[error("`{}` is too long for a socket; choose an `admin.socket` of at most 96 bytes", .0.display())]
    TooLong(PathBuf),
    /// The file system or the network refused.
    #[error("cannot {action} `{}`: {error}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Nobody is there to ask.
    #[error("no gateway listens at `{}`; is `durward run` up?", .0.display())]
    NotListening(PathBuf),
    /// The socket belongs to somebody else.
    #[error("this user may not use `{}`; run the command as the user the gateway runs as", .0.display())]
    NotAllowed(PathBuf),
    /// The gateway does not answer in time.
    #[error("the gateway at `{}` does not answer; see its own messages", .0.display())]
    TimedOut(PathBuf),
    /// The gateway refused, and says why.
    #[error("{detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the gateway says.
        detail: String,
    },
    /// The answer is not one of a Durward gateway.
    #[error("what answers at `{}` is not a gateway of this version: {detail}", path.display())]
    Broken {
        /// The socket.
        path: PathBuf,
        /// What is wrong with the answer.
        detail: String,
    },
}

/// Puts the action and the path to an error of the system.
pub(crate) fn doing<'a>(action: &'static str, path: &'a std::path::Path) -> impl FnOnce(io::Error) -> AdminError + 'a {
    move |error| AdminError::Io { action, path: path.to_path_buf(), error }
}
