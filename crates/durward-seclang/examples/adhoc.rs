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
use durward_seclang::pattern::*;
use std::time::Instant;
fn unhex(s: &str) -> Vec<u8> {
    (0..s.len() / 2).map(|i| u8::from_str_radix(&s[2 * i..2 * i + 2], 16).unwrap()).collect()
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let verbose = std::env::args().nth(2).is_some();
    let text = std::fs::read_to_string(file).unwrap();
    let mut interner = Interner::default();
    let _ = Instant::now();
    let start = cpu();
    let mut n = 0;
    let mut lit = 0;
    let mut cls = 0;
    let mut none = 0;
    let mut all = vec![];
    for line in text.lines() {
        let f: Vec<&str> = line.split('\t').collect();
        if f[4] != "rx" {
            continue;
        }
        let arg = unhex(f[5]);
        if arg.windows(2).any(|w| w == b"%{") {
            println!("macro {}", f[0]);
            continue;
        }
        n += 1;
        match interner.pattern(&arg) {
            Err(e) => println!("{} {e}: {}", f[0], String::from_utf8_lossy(&arg)),
            Ok(p) => {
                let needs = p.needs();
                if !needs.clauses.is_empty() {
                    lit += 1
                } else if !needs.classes.is_empty() {
                    cls += 1
                } else {
                    none += 1
                }
                if p.is_backtracking() {
                    println!("backtracking {}", f[0]);
                }
                all.push((f[0].to_string(), f[2].to_string(), f[3].to_string(), p));
            }
        }
    }
    println!("{n} patterns, {lit} literals, {cls} classes only, {none} nothing, parse {:.1} ms", cpu() - start);
    if verbose {
        for (id, pl, neg, p) in &all {
            let needs = p.needs();
            println!(
                "{id} pl{pl} neg{neg} min {} max {:?} alpha {:08b}",
                needs.minimum, needs.maximum, needs.alphabets
            );
            for c in &needs.clauses {
                println!("    {}", c.iter().map(|t| t.escape_ascii().to_string()).collect::<Vec<_>>().join("  "));
            }
            for c in &needs.classes {
                println!("    [{}]", c.iter().map(|t| t.escape_ascii().to_string()).collect::<String>());
            }
        }
    }
    let start = cpu();
    let mut slow = vec![];
    for (id, .., p) in &all {
        let s = cpu();
        p.prepare();
        slow.push((cpu() - s, id.clone()));
    }
    println!("compile {:.1} ms", cpu() - start);
    slow.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("{:?}", &slow[..8]);
}
