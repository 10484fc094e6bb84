//! Rule files: what is accepted compiles, or is refused with reasons; every reason names a line of the text.
#![no_main]

use std::io;
use std::path::{Path, PathBuf};

use durward_seclang::load::{Files, Loader};
use durward_seclang::program::Program;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let lines = text.split(|byte| *byte == b'\n').count();
    match Loader::new(&Same).text("rules.conf", text).finish() {
        Ok(rules) => drop(Program::compile(rules)),
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors.iter().filter(|error| &*error.place.file == "rules.conf") {
                assert!((1..=lines).contains(&(error.place.line as usize)), "{error}");
            }
        }
    }
});

/// Every file is there, and every file says the same.
struct Same;

impl Files for Same {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(b"10.0.0.0/8\nselect\n# comment\n".to_vec())
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(vec![pattern.to_owned()])
    }
}
