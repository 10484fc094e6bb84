//! OpenAPI documents: each loads, or says where and why not. References to other files lead nowhere.
#![no_main]

use std::path::Path;

use durward_contract::Contract;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for name in ["api.json", "api.yaml"] {
        let read =
            |path: &Path| if path == Path::new(name) { Ok(text.to_owned()) } else { Err("no such file".to_owned()) };
        if let Err(faults) = Contract::load(Path::new(name), &read) {
            assert!(!faults.render(false).is_empty());
        }
    }
});
