//! Key sets, as an issuer could send them.
#![no_main]

use durward_authn::jose::Algorithm;
use durward_authn::jwks::KeySet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let allowed: Vec<Algorithm> =
        ["RS256", "PS256", "ES256", "ES384", "EdDSA"].into_iter().filter_map(Algorithm::from_name).collect();
    let _ = KeySet::parse(bytes, &allowed);
    let _ = KeySet::parse_own(bytes, &allowed);
});
