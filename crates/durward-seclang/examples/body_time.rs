//! Temporary.
use durward_seclang::{arena::Arena, ast::Processor, body};
fn cpu() -> u64 { std::fs::read_to_string("/proc/self/schedstat").unwrap().split(' ').next().unwrap().parse().unwrap() }
fn time(name: &str, p: Processor, ct: &[u8], b: &[u8], count: impl Fn(&body::Parsed) -> usize) {
    let limits = body::Limits { arguments: 100_000, no_files: 1 << 30, ..Default::default() };
    let mut a = Arena::default();
    let mut best = u64::MAX; let mut n = 0;
    let rounds = 20; let each = (20_000_000 / b.len().max(1)).clamp(1, 500);
    for _ in 0..rounds { let t = cpu(); for _ in 0..each { a.clear(); let r = std::hint::black_box(body::parse(p, ct, std::hint::black_box(b), true, &limits, &mut a)); n = count(&r); assert!(r.error.is_none(), "{:?}", r.error); } best = best.min((cpu() - t) / each as u64); }
    println!("{name}: {} bytes, {n} values, {:.1} us", b.len(), best as f64 / 1000.0);
}
fn main() {
    let mut items = String::new(); let mut leaves = 0; let mut i = 0;
    while items.len() < 16200 && leaves < 870 { if i > 0 { items.push(','); }
        items += &format!(r#"{{"id":{i},"sku":"SKU-{i:04}","name":"Blue widget {i}","price":{}.99,"ok":true,"note":null,"tags":["a","b"]}}"#, i * 3); leaves += 8; i += 1; }
    let j = format!(r#"{{"order":"A-17","items":[{items}]}}"#);
    time("json objects", Processor::Json, b"", j.as_bytes(), |r| r.args.len());
    let j: String = format!("[{}]", (0..877).map(|i| format!("\"value {i:08}\"")).collect::<Vec<_>>().join(","));
    time("json strings", Processor::Json, b"", j.as_bytes(), |r| r.args.len());
    let mut f = String::new(); for i in 0..800 { f += &format!("field{i}=some+value%20{i}&"); }
    time("form", Processor::UrlEncoded, b"", f.as_bytes(), |r| r.args.len());
    let mut x = "<r>".to_owned(); for i in 0..400 { x += &format!("<item id=\"{i}\"><name>Blue &amp; {i}</name></item>"); } x += "</r>";
    time("xml", Processor::Xml, b"", x.as_bytes(), |r| r.xml.as_ref().unwrap().attributes.len());
    let mut m = String::new(); for i in 0..100 { m += &format!("--b\r\nContent-Disposition: form-data; name=\"f{i}\"\r\n\r\nsome value {i}\r\n"); } m += "--b--\r\n";
    time("multipart fields", Processor::Multipart, b"multipart/form-data; boundary=b", m.as_bytes(), |r| r.args.len());
    let mut m = b"--boundary1234\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n".to_vec();
    let mut s = 1u64; for _ in 0..1 << 20 { s = s.wrapping_mul(6364136223846793005).wrapping_add(1); m.push((s >> 56) as u8); } m.extend(b"\r\n--boundary1234--\r\n");
    time("multipart 1 MiB file", Processor::Multipart, b"multipart/form-data; boundary=boundary1234", &m, |r| r.files.len());
}
