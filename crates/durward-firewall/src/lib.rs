//! The firewall: rules in `SecLang` at work on requests and answers.
//!
//! # What it stops
//! Injection of all kinds (CWE-89, 78, 94, 90, 643, 917), cross-site scripting (CWE-79), path traversal (CWE-22), server-side
//! request forgery (CWE-918), hostile XML and serialised objects (CWE-611, 502), scanners: what the rules know. Durward's own
//! rules are the default; the OWASP Core Rule Set is one line of policy away.
//!
//! # How it decides
//! The rules are compiled once for the whole gateway ([`RuleBase`]); each operation has a small overlay with its paranoia
//! level, thresholds and exclusions ([`FirewallStage`]). `FirewallHead` runs phase 1 of the rules before anybody looks at a
//! credential; `FirewallBody` runs phase 2 once the contract is satisfied; the response phases run while an answer is
//! released. The mode of the policy replaces `SecRuleEngine`. What a rule writes of a request into the record is short, and
//! nothing of what may be a credential.
//!
//! # Policy
//! ```toml
//! [firewall]
//! mode      = "enforce"        # enforce | observe | off
//! rules     = ["builtin"]      # also folders of the Core Rule Set, and rule files
//! paranoia  = 1                # the paranoia level of the rules, 1 to 4
//! inbound_threshold  = 5       # the anomaly score from which a request is refused
//! outbound_threshold = 4       # the same for answers
//! responses = false            # hold back text answers and look at them
//!
//! [[api.orders.operations.search.firewall.exclude]]
//! rule   = 100110              # or tag = "attack-sqli"
//! target = "ARGS:q"            # without it the rule does not run at all
//! ```
//!
//! # Reasons
//! `head-hostile`, `request-hostile`, `request-costly`, `answer-hostile`.
//!
//! # Example
//! `GET /orders?q=1'+OR+'1'='1` is answered 403 `request-hostile`; `durward why` shows the rule, what it saw, and the exclusion
//! that would let it pass.

mod base;
mod config;
mod finding;
mod secret;
mod stage;

pub use base::{RuleBase, RuleSource};
pub use config::{ExcludeConfig, FirewallConfig, TuningConfig, WorkConfig, WorkOutcome};
pub use stage::{AnswerInspected, Content, FirewallStage, HeadInspected, RequestInspected};
