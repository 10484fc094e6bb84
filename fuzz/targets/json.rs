//! JSON: whatever the strict reader accepts, serde_json accepts too, and both see the same document.
#![no_main]

use durward_http::json::{Document, Kind, Limits, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(document) = Document::parse(text.to_vec(), &Limits::default()) else { return };
    let theirs: serde_json::Value = serde_json::from_slice(text).expect("accepted here, refused by serde_json");
    same(document.root(), &theirs);
});

fn same(ours: Value<'_>, theirs: &serde_json::Value) {
    match (ours.kind(), theirs) {
        (Kind::Null, serde_json::Value::Null) => {}
        (Kind::Bool, serde_json::Value::Bool(value)) => assert_eq!(ours.as_bool(), Some(*value)),
        (Kind::String, serde_json::Value::String(value)) => assert_eq!(ours.as_str().as_deref(), Some(value.as_str())),
        (Kind::Number, serde_json::Value::Number(value)) => assert_eq!(ours.as_f64(), value.as_f64()),
        (Kind::Array, serde_json::Value::Array(values)) => {
            assert_eq!(ours.len(), values.len());
            ours.elements().zip(values).for_each(|(ours, theirs)| same(ours, theirs));
        }
        (Kind::Object, serde_json::Value::Object(values)) => {
            assert_eq!(ours.len(), values.len());
            values.iter().for_each(|(name, value)| same(ours.get(name).expect("a member is missing"), value));
        }
        (kind, theirs) => panic!("{kind:?} here, {theirs} there"),
    }
}
