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
use durward_seclang::ast::*;
use durward_seclang::operator::*;
use durward_seclang::pattern::*;
use durward_seclang::scan::*;
use durward_seclang::transform::*;
use std::sync::Arc;
fn unhex(s: &str) -> Vec<u8> {
    (0..s.len() / 2).map(|i| u8::from_str_radix(&s[2 * i..2 * i + 2], 16).unwrap()).collect()
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e3
}
type Vals = Vec<(Variable, Vec<u8>, Vec<u8>)>;
fn headers(v: &mut Vals, hs: &[(&str, &str)]) {
    for (n, x) in hs {
        v.push((Variable::RequestHeaders, n.as_bytes().to_vec(), x.as_bytes().to_vec()));
        v.push((Variable::RequestHeadersNames, n.as_bytes().to_vec(), n.as_bytes().to_vec()));
        if *n == "Cookie" {
            for c in x.split("; ") {
                let (a, b) = c.split_once('=').unwrap();
                v.push((Variable::RequestCookies, a.into(), b.into()));
                v.push((Variable::RequestCookiesNames, a.into(), a.into()));
            }
        }
    }
}
fn line(v: &mut Vals, method: &str, uri: &str) {
    let b = |s: &str| s.as_bytes().to_vec();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    v.push((Variable::RequestMethod, vec![], b(method)));
    v.push((Variable::RequestUri, vec![], b(uri)));
    v.push((Variable::RequestUriRaw, vec![], b(uri)));
    v.push((Variable::RequestFilename, vec![], b(path)));
    v.push((Variable::RequestBasename, vec![], b(path.rsplit('/').next().unwrap())));
    v.push((Variable::QueryString, vec![], b(query)));
    v.push((Variable::RequestLine, vec![], b(&format!("{method} {uri} HTTP/1.1"))));
    v.push((Variable::RequestProtocol, vec![], b("HTTP/1.1")));
    for p in query.split('&').filter(|p| !p.is_empty()) {
        let (k, x) = p.split_once('=').unwrap();
        let dec = x.replace("%20", " ").replace("+", " ").replace("%27", "'");
        for t in [Variable::Args, Variable::ArgsGet] {
            v.push((t, b(k), b(&dec)));
        }
        for t in [Variable::ArgsNames, Variable::ArgsGetNames] {
            v.push((t, b(k), b(k)));
        }
    }
}
fn json(v: &mut Vals, name: &str, j: &serde_json::Value, n: &mut usize) {
    match j {
        serde_json::Value::Object(o) => {
            for (k, x) in o {
                json(v, &format!("{name}.{k}"), x, n)
            }
        }
        serde_json::Value::Array(a) => {
            for (i, x) in a.iter().enumerate() {
                json(v, &format!("{name}.array_{i}"), x, n)
            }
        }
        x => {
            *n += 1;
            let t = match x {
                serde_json::Value::String(s) => s.clone(),
                y => y.to_string(),
            };
            for k in [Variable::Args, Variable::ArgsPost] {
                v.push((k, name.into(), t.clone().into()));
            }
            for k in [Variable::ArgsNames, Variable::ArgsPostNames] {
                v.push((k, name.into(), name.into()));
            }
        }
    }
}
fn body(items: usize) -> serde_json::Value {
    let names = [
        "Blue cotton t-shirt, size M",
        "USB-C cable 2 m (braided)",
        "Coffee beans, 500g",
        "O'Reilly: Learning SQL",
        "Desk lamp \"Nord\"",
    ];
    serde_json::json!({"customer": {"id": 4711, "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+44 20 7946 0958"},
      "shipping": {"street": "12 St James's Square", "city": "London", "zip": "SW1Y 4LB", "country": "GB"}, "currency": "EUR", "express": true,
      "note": "Please leave the parcel at the back door; thanks!",
      "items": (0..items).map(|i| serde_json::json!({"sku": format!("AB-{:05}", i * 37), "name": names[i % 5], "qty": i % 4 + 1, "price": (i as f64) * 1.25 + 0.99, "tags": ["new", "sale"], "ok": i % 2 == 0 })).collect::<Vec<_>>()})
}
const H: [(&str, &str); 9] = [
    ("Host", "shop.example.com"),
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Referer", "https://shop.example.com/catalog?page=2"),
    ("Cookie", "session=8f14e45fceea167a5a36dedd4bea2543; theme=dark"),
    ("Cache-Control", "max-age=0"),
    ("Connection", "keep-alive"),
];
#[inline(never)]
fn run_scan(s: &Scanner, values: &Vals, live: &BitSet, scratch: &mut Scratch, hits: &mut Vec<Hit>) {
    hits.clear();
    s.scan(
        values.iter().map(|(v, n, x)| ScanValue { variable: *v, name: n, value: x }),
        live,
        scratch,
        &mut Budget::new(u64::MAX),
        hits,
    );
}
#[inline(never)]
fn warm_up(s: &Scanner, values: &Vals, live: &BitSet, scratch: &mut Scratch, hits: &mut Vec<Hit>) {
    hits.clear();
    std::hint::black_box(1);
    s.scan(
        values.iter().map(|(v, n, x)| ScanValue { variable: *v, name: n, value: x }),
        live,
        scratch,
        &mut Budget::new(u64::MAX),
        hits,
    );
}
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let level: u32 = std::env::args().nth(2).map_or(1, |s| s.parse().unwrap());
    let only = std::env::args().nth(3);
    let text = std::fs::read_to_string(file).unwrap();
    let mut interner = Interner::default();
    let settings = Settings::default();
    let t0 = cpu();
    let (mut rules, mut ids, mut live) = (vec![], vec![], BitSet::default());
    for l in text.lines() {
        let f: Vec<&str> = l.split('\t').collect();
        if f[3] == "1" || f[9] == "1" || !(f[1] == "1" || f[1] == "2") {
            continue;
        }
        let name = OperatorName::from_name(f[4]).unwrap();
        let arg = unhex(f[5]);
        if arg.windows(2).any(|w| w == b"%{") {
            continue;
        }
        let spec = OperatorSpec {
            name,
            argument: Text { pieces: vec![Piece::Literal(arg.into())] },
            data: Some(unhex(f[10]).into()),
        };
        let op = match Operator::compile(&spec, &mut interner, &settings) {
            Ok(o) => o,
            Err(e) => {
                println!("{} {e}", f[0]);
                continue;
            }
        };
        if !op.is_scannable() {
            continue;
        }
        let targets: Vec<ScanTarget> = String::from_utf8(unhex(f[6]))
            .unwrap()
            .split('|')
            .filter(|t| !t.starts_with(['&', '!']))
            .map(|t| {
                let (v, k) = t.split_once(':').unwrap_or((t, ""));
                ScanTarget {
                    variable: Variable::from_name(v).unwrap(),
                    key: (!k.is_empty() && !k.starts_with(['/', '\''])).then(|| k.as_bytes().into()),
                }
            })
            .filter(|t| t.variable != Variable::Tx)
            .collect();
        if targets.is_empty() {
            continue;
        }
        let pipeline =
            f[7].split(',').filter(|t| !t.is_empty()).map(|t| Transformation::from_name(t).unwrap()).collect();
        if f[2].parse::<u32>().unwrap() <= level {
            live.insert(rules.len());
        }
        rules.push(ScanRule { operator: Arc::new(op), pipeline, multi_match: f[8] == "1", targets });
        ids.push(f[0].to_string());
    }
    let t1 = cpu();
    let scanner = Scanner::build(rules.clone(), None);
    println!(
        "{} rules, {} live, operators {:.1} ms, scanner {:.1} ms, {} KiB",
        rules.len(),
        live.iter().count(),
        (t1 - t0) / 1e3,
        (cpu() - t1) / 1e3,
        scanner.memory_usage() / 1024
    );
    let mut requests: Vec<(&str, Vals)> = vec![];
    let mut v = vec![];
    line(&mut v, "GET", "/catalog/shoes/index?page=2&sort=price_asc&q=blue%20running%20shoes");
    headers(&mut v, &H);
    requests.push(("get", v));
    for (n, items) in [("json1k", 6), ("json16k", 124)] {
        let mut v = vec![];
        line(&mut v, "POST", "/api/v1/orders");
        headers(&mut v, &H);
        headers(&mut v, &[("Content-Type", "application/json"), ("Content-Length", "1024")]);
        let j = body(items);
        let mut count = 0;
        json(&mut v, "json", &j, &mut count);
        println!("{n}: {} bytes {count} leaves", j.to_string().len());
        requests.push((n, v));
    }
    let mut v = vec![];
    line(&mut v, "GET", "/catalog/item?id=1%27+UNION+SELECT+username,password+FROM+users--+-&page=1");
    headers(&mut v, &H);
    requests.push(("sqli", v));
    let mut scratch = Scratch::default();
    for (name, values) in &requests {
        if only.as_ref().is_some_and(|o| o != name) {
            continue;
        }
        let mut hits = vec![];
        let scan = |s: &Scanner, scratch: &mut Scratch, hits: &mut Vec<Hit>| {
            run_scan(s, values, &live, scratch, hits);
        };
        if std::env::var_os("LITDBG").is_some() {
            let _ = scanner.memory_usage();
        }
        let before = scratch.tally();
        warm_up(&scanner, values, &live, &mut scratch, &mut hits);
        let after = scratch.tally();
        if std::env::var_os("LITDBG").is_some() {
            let _ = scanner.memory_usage();
        }
        if let Ok(k) = std::env::var("ITER") {
            for _ in 0..k.parse().unwrap() {
                scan(&scanner, &mut scratch, &mut hits);
            }
            continue;
        }
        let n = if name.starts_with("json16") { 100 } else { 2000 };
        for _ in 0..n / 4 {
            scan(&scanner, &mut scratch, &mut hits);
        }
        let mut best = f64::MAX;
        for _ in 0..5 {
            let t = cpu();
            for _ in 0..n {
                scan(&scanner, &mut scratch, &mut hits);
            }
            best = best.min((cpu() - t) / n as f64);
        }
        let list: std::collections::BTreeSet<&str> = hits.iter().map(|h| &ids[h.rule as usize][..]).collect();
        println!(
            "{name}: {best:.1} us; values {} strings {} asked {} hits {} {list:?}",
            after.values - before.values,
            after.strings - before.strings,
            after.asked - before.asked,
            after.hits - before.hits
        );
        if std::env::var("ASKED").is_ok() {
            // who is asked
            let mut counts = std::collections::BTreeMap::<&str, (u32, f64)>::new();
            for (i, r) in rules.iter().enumerate() {
                let mut one = BitSet::new(rules.len());
                if !live.contains(i) {
                    continue;
                }
                one.insert(i);
                let b = scratch.tally();
                hits.clear();
                scanner.scan(
                    values.iter().map(|(v, n, x)| ScanValue { variable: *v, name: n, value: x }),
                    &one,
                    &mut scratch,
                    &mut Budget::new(u64::MAX),
                    &mut hits,
                );
                let a = scratch.tally();
                let k = a.asked - b.asked;
                if k > 0 {
                    counts.insert(&ids[i], (k as u32, 0.0));
                    let _ = r;
                }
            }
            let mut c: Vec<_> = counts.into_iter().collect();
            c.sort_by_key(|x| std::cmp::Reverse(x.1.0));
            println!("   {:?}", c.iter().map(|(i, (k, _))| format!("{i}:{k}")).collect::<Vec<_>>());
        }
    }
    println!("cache memory {} KiB", scratch.seen_memory() / 1024);
}
