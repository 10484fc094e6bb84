//! Who may have the socket.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use durward_admin::{AdminError, AdminSocket, Client};

#[test]
fn a_living_gateway_keeps_its_socket() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    let first = AdminSocket::bind(&path).unwrap();
    assert!(matches!(AdminSocket::bind(&path), Err(AdminError::InUse(_))));
    assert!(path.exists());
    drop(first);
    assert!(!path.exists());
    // Somebody else who listens there is left alone too.
    let other = UnixListener::bind(&path).unwrap();
    assert!(matches!(AdminSocket::bind(&path), Err(AdminError::InUse(_))));
    drop(other);
}

#[test]
fn a_dead_gateway_leaves_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let socket = AdminSocket::bind(&path).unwrap();
    assert_eq!(socket.path(), path);
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn what_is_not_a_socket_and_what_others_may_write_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "precious").unwrap();
    assert!(matches!(AdminSocket::bind(&file), Err(AdminError::NotASocket(_))));
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    let open = dir.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o777)).unwrap();
    let text = AdminSocket::bind(&open.join("s")).unwrap_err().to_string();
    assert!(text.contains("chmod 700"), "{text}");
    let long = dir.path().join("x".repeat(100));
    assert!(matches!(AdminSocket::bind(&long), Err(AdminError::TooLong(_))));
}

#[tokio::test]
async fn nobody_at_home_is_said_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    assert!(matches!(Client::connect(&path).await, Err(AdminError::NotListening(_))));
    drop(UnixListener::bind(&path).unwrap());
    assert!(matches!(Client::connect(&path).await, Err(AdminError::NotListening(_))));
}
