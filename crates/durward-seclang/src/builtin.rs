//! Durward's own rules: a default for APIs that have a contract, written in the language of this engine and embedded.
//!
//! `rules/setup.conf` says how requests are read and what a match adds to the score, one file for each class of attacks
//! looks for it, and `rules/decision.conf` refuses a request whose score reaches the threshold. Their numbers go from
//! [`FIRST_ID`] to [`LAST_ID`], so that they can stand beside the Core Rule Set, and every rule that scores has the tag
//! [`TAG`].

use crate::load::Loader;

/// The first number of the built-in rules.
pub const FIRST_ID: u64 = 100_000;

/// The last number of the built-in rules.
pub const LAST_ID: u64 = 109_999;

/// The tag that every built-in rule has which can match an attack.
pub const TAG: &str = "durward";

/// The files, by name and in the order in which they are read.
pub const FILES: [(&str, &[u8]); 18] = [
    ("durward/setup.conf", include_bytes!("../rules/setup.conf")),
    ("durward/sql.conf", include_bytes!("../rules/sql.conf")),
    ("durward/nosql.conf", include_bytes!("../rules/nosql.conf")),
    ("durward/ldap.conf", include_bytes!("../rules/ldap.conf")),
    ("durward/xpath.conf", include_bytes!("../rules/xpath.conf")),
    ("durward/command.conf", include_bytes!("../rules/command.conf")),
    ("durward/template.conf", include_bytes!("../rules/template.conf")),
    ("durward/expression.conf", include_bytes!("../rules/expression.conf")),
    ("durward/jndi.conf", include_bytes!("../rules/jndi.conf")),
    ("durward/ssrf.conf", include_bytes!("../rules/ssrf.conf")),
    ("durward/traversal.conf", include_bytes!("../rules/traversal.conf")),
    ("durward/xxe.conf", include_bytes!("../rules/xxe.conf")),
    ("durward/deserialisation.conf", include_bytes!("../rules/deserialisation.conf")),
    ("durward/prototype.conf", include_bytes!("../rules/prototype.conf")),
    ("durward/xss.conf", include_bytes!("../rules/xss.conf")),
    ("durward/header.conf", include_bytes!("../rules/header.conf")),
    ("durward/scanner.conf", include_bytes!("../rules/scanner.conf")),
    ("durward/decision.conf", include_bytes!("../rules/decision.conf")),
];

/// Reads the built-in rules. Read nothing that denies behind them: the decision is their last rule.
///
/// Removals and updates of rules can stand before or behind, as everywhere. What `SecAction` sets before them (`TX`
/// members such as `inbound_anomaly_score_threshold`) is kept.
#[must_use]
pub fn rules(loader: Loader<'_>) -> Loader<'_> {
    FILES.iter().fold(loader, |loader, (name, text)| loader.text(name, text))
}
