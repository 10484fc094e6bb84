//! nginx with libmodsecurity, from Debian: its recommended configuration, but blocking, without audit log, and without
//! looking at responses.

use super::super::contestants::{self, Contestant};
use super::Rules;
use anyhow::{Context, Result};
use std::path::Path;

/// nginx's module, by the package libnginx-mod-http-modsecurity.
pub const MODULE: &str = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so";

const RECOMMENDED: &str = "/etc/nginx/modsecurity.conf";
const UNICODE: &str = "/etc/nginx/unicode.mapping";

/// A proxy in front of the upstream, with rules or without.
pub fn start(name: &'static str, rules: Option<&Rules>, place: &Path, upstream: u16) -> Result<Contestant> {
    let pool = format!("upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}");
    let mut server = String::from(
        "client_body_buffer_size 64k; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection \"\"; \
         proxy_set_header Host $host; }",
    );
    let Some(rules) = rules else { return contestants::nginx(name, place, 1, "", &pool, &server) };
    let place = contestants::own_folder(place, rules.name)?;
    let file = place.join("modsecurity.conf");
    std::fs::write(&file, configuration(rules)?)?;
    server += &format!(" modsecurity on; modsecurity_rules_file {};", file.display());
    contestants::nginx(name, &place, 1, &format!("load_module {MODULE};"), &pool, &server)
}

fn configuration(rules: &Rules) -> Result<String> {
    const REPLACED: [&str; 7] = [
        "SecRuleEngine ",
        "SecAuditEngine ",
        "SecAuditLog ",
        "SecResponseBodyAccess ",
        "SecStatusEngine ",
        "SecUnicodeMapFile ",
        "SecPcreMatchLimit",
    ];
    let recommended = std::fs::read_to_string(RECOMMENDED).with_context(|| format!("cannot read {RECOMMENDED}"))?;
    let kept = recommended.lines().filter(|line| !REPLACED.iter().any(|word| line.starts_with(word)));
    let mut text: String = kept.flat_map(|line| [line, "\n"]).collect();
    text += &format!(
        "SecRuleEngine On\nSecAuditEngine Off\nSecResponseBodyAccess Off\nSecUnicodeMapFile {UNICODE} 20127\n\
         SecPcreMatchLimit 100000\nSecPcreMatchLimitRecursion 100000\n"
    );
    let own = rules.folder.join("crs-setup.conf.example");
    let setup = if own.is_file() { own } else { "/etc/modsecurity/crs/crs-setup.conf".into() };
    text += &format!("Include {}\nInclude {}/rules/*.conf\n", setup.display(), rules.folder.display());
    Ok(text)
}
