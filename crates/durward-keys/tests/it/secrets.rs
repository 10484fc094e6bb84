//! Secret references and the pepper file.

use std::fs;
use std::path::Path;

use durward_keys::{PEPPER_FILE, SecretError, SecretRef, pepper_from};
use tempfile::TempDir;

#[test]
fn references_are_read_and_literals_are_refused_without_repeating_them() {
    for text in ["env:DURWARD_KEY", "file:pki/api.key", "file:/run/secrets/a:b"] {
        assert_eq!(text.parse::<SecretRef>().map(|reference| reference.to_string()).unwrap(), text);
        let json = serde_json::to_string(text).unwrap();
        let reference: SecretRef = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&reference).unwrap(), json);
    }
    for text in ["hunter2-literal", "http://hunter2-literal", "", "ENV:hunter2-literal", " env:hunter2-literal"] {
        let error = text.parse::<SecretRef>().unwrap_err();
        assert!(matches!(error, SecretError::Literal), "{text}");
        assert_eq!(error.to_string(), "a secret cannot be written here; write where it is: `env:NAME` or `file:path`");
        let error = serde_json::from_str::<SecretRef>(&serde_json::to_string(text).unwrap()).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(matches!("env:".parse::<SecretRef>(), Err(SecretError::Empty("env:"))));
    assert!(matches!("file:".parse::<SecretRef>(), Err(SecretError::Empty("file:"))));
    assert!(matches!("env:A=B".parse::<SecretRef>(), Err(SecretError::Name(_))));
}

fn write(path: &Path, bytes: &[u8], mode: u32) {
    fs::write(path, bytes).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = mode;
}

#[test]
fn files_are_capped_and_lose_one_newline() {
    let dir = TempDir::new().unwrap();
    let large = vec![b'x'; (64 << 10) + 1];
    type Expected<'a> = Result<&'a [u8], &'a str>;
    let table: [(&[u8], Expected<'_>); 7] = [
        (b"secret", Ok(b"secret")),
        (b"secret\n", Ok(b"secret")),
        (b"secret\r\n", Ok(b"secret")),
        (b"secret\n\n", Ok(b"secret\n")),
        (b"\n", Err("is empty")),
        (&large, Err("is larger than 65536 bytes")),
        (&large[1..], Ok(&large[1..])),
    ];
    for (written, expected) in table {
        write(&dir.path().join("s"), written, 0o600);
        let reference: SecretRef = "file:s".parse().unwrap();
        match (reference.resolve(dir.path()), expected) {
            (Ok(found), Ok(bytes)) => {
                assert_eq!(found.secret.expose(), bytes);
                assert_eq!(found.warning, None);
                assert!(!format!("{found:?}").contains("secret\""));
            }
            (Err(error), Err(message)) => assert!(error.to_string().contains(message), "{error}"),
            (found, expected) => panic!("{found:?} {expected:?}"),
        }
    }
}

#[test]
fn places_without_a_secret_say_so() {
    let dir = TempDir::new().unwrap();
    let resolve = |text: &str| text.parse::<SecretRef>().unwrap().resolve(dir.path()).unwrap_err().to_string();
    assert!(resolve("file:none").contains("cannot use the secret file"));
    assert!(resolve("file:.").contains("it is a directory"));
    assert_eq!(resolve("env:DURWARD_TEST_NOT_SET"), "the environment variable `DURWARD_TEST_NOT_SET` is not set");
    assert!(SecretRef::Env("PATH".to_owned()).resolve(dir.path()).is_ok());
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_pointed_out() {
    let dir = TempDir::new().unwrap();
    for (mode, expected) in [(0o600, None), (0o400, None), (0o640, Some("its group")), (0o644, Some("everybody"))] {
        write(&dir.path().join("s"), b"x", mode);
        let found = SecretRef::File("s".into()).resolve(dir.path()).unwrap();
        match (found.warning, expected) {
            (None, None) => {}
            (Some(warning), Some(who)) => assert!(warning.contains(who), "{warning}"),
            (warning, expected) => panic!("{mode:o}: {warning:?} {expected:?}"),
        }
    }
}

#[test]
fn the_pepper_is_made_once_and_kept() {
    let dir = TempDir::new().unwrap();
    let home = dir.path().join("data");
    let peppers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| pepper_from(&home).unwrap().secret)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(peppers[0].expose().len(), 32);
    assert!(peppers.iter().all(|pepper| pepper.expose() == peppers[0].expose()));
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "drafts are removed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(home.join(PEPPER_FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::write(home.join(PEPPER_FILE), b"short").unwrap();
    assert!(pepper_from(&home).unwrap_err().to_string().contains("5 bytes long instead of 32"));
}
