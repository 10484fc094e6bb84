use crate::disk::Disk;
use durward_seclang::load::Loader;
#[test]
#[ignore = "one-off"]
fn oneoff() {
    let dir = std::env::var("ONEOFF").unwrap();
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "conf"))
        .collect();
    files.sort();
    let (mut ok, mut n) = (0, 0);
    for f in files {
        let bad = f.to_str().unwrap().contains(".bad.");
        let name = f.file_name().unwrap().to_str().unwrap().to_owned();
        n += 1;
        match Loader::new(&Disk).include(&f).finish() {
            Ok(_) if bad => println!("ACCEPTED {name}"),
            Err(_) if bad => ok += 1,
            Ok(_) => ok += 1,
            Err(e) => {
                println!("REFUSED {name}");
                for e in e.iter().take(3) {
                    println!("      {}", e.message);
                }
            }
        }
    }
    println!("{ok} of {n}");
}
