//! ad hoc
#![allow(
    clippy::all,
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "throw-away"
)]
use durward_seclang::byteset::*;
use durward_seclang::transform::*;
fn main() {
    for t in Transformation::ALL {
        println!(
            "{:20} {}",
            t.name(),
            match t.triggers() {
                Triggers::Always => "always".to_string(),
                Triggers::Bytes(b) => b.iter().map(|b| b.escape_ascii().to_string()).collect::<String>(),
            }
        );
    }
    for v in [
        "json.items.array_12.name",
        "1.99",
        "AB-00037",
        "Blue cotton t-shirt, size M",
        "true",
        "GB",
        "+44 20 7946 0958",
    ] {
        let b = ByteSet::from_value(v.as_bytes());
        let mut o = vec![];
        println!(
            "{v}: fired {:?}",
            Transformation::ALL
                .iter()
                .filter(|t| t.triggers().fire(&b))
                .map(|t| format!("{}{}", t.name(), if t.apply(v.as_bytes(), None, &mut o) { "*" } else { "" }))
                .collect::<Vec<_>>()
        );
    }
}
