//! Which API a request is for: hosts that can be asked for, and no operation that another API hides.

use std::collections::HashMap;

use durward_contract::Contract;
use durward_core::{Diagnostic, Diagnostics};
use durward_http::Authority;

use super::{Contracts, Named};
use crate::{ApiSection, Policy};

/// The hosts of an API in the one spelling that requests are compared in.
pub(super) fn compile(policy: &Policy, name: &str, section: &ApiSection) -> Result<Vec<Box<str>>, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut hosts = Vec::with_capacity(section.hosts.len());
    for written in &section.hosts {
        let problem = match Authority::parse(written) {
            Ok(host) if host.port().is_none() => {
                hosts.push(Box::from(host.host()));
                continue;
            }
            Ok(_) => "a host is named without its port".to_owned(),
            Err(problem) => problem.to_string(),
        };
        let diagnostic = Diagnostic::error(format!("`{written}` is not a host: no request would ever be for it"))
            .label(problem)
            .help("write names alone: `hosts = [\"api.example.com\"]`");
        problems.push(policy.places.at_value(&["api", name, "hosts", written], diagnostic));
    }
    if problems.has_errors() { Err(problems) } else { Ok(hosts) }
}

/// Operations that no request can reach, because an API before this one takes the same paths at the same hosts.
pub(super) fn shadowed(policy: &Policy, contracts: &Contracts) -> Diagnostics {
    let mut taken: HashMap<(String, String), &str> = HashMap::new();
    let mut problems = Diagnostics::new();
    for (name, section) in &policy.document.api {
        let Some(Named { contract, .. }) = contracts.get(name) else { continue };
        // Servers of single operations make the paths uncertain; what is uncertain is not called an error.
        let [base] = contract.base_paths() else { continue };
        let every = [String::from("*")];
        let hosts = if section.hosts.is_empty() { &every } else { section.hosts.as_slice() };
        let mut hidden = None;
        for place in places(contract, base) {
            for host in hosts {
                if let Some(first) = taken.get(&(host.to_lowercase(), place.clone())) {
                    hidden.get_or_insert_with(|| (place.clone(), *first));
                } else {
                    taken.insert((host.to_lowercase(), place.clone()), name);
                }
            }
        }
        if let Some((place, first)) = hidden {
            let diagnostic =
                Diagnostic::error(format!("`{place}` of this API can never be reached: `[api.{first}]` takes it"))
                    .label("the same paths at the same hosts")
                    .help("give each API its own `hosts`, or leave the operation in one contract only");
            problems.push(policy.places.at_key(&["api", name], diagnostic));
        }
    }
    problems
}

/// Method and path of each operation, without the names of parameters.
fn places(contract: &Contract, base: &str) -> Vec<String> {
    let routed = contract.operations().iter().filter(|operation| operation.is_routed());
    routed.map(|operation| format!("{} {base}{}", operation.method(), nameless(operation.template()))).collect()
}

fn nameless(template: &str) -> String {
    let mut parts = template.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("{}");
        out.push_str(part.split_once('}').map_or("", |(_, after)| after));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parameters_do_not_tell_paths_apart() {
        for (template, expected) in [("/a", "/a"), ("/a/{b}", "/a/{}"), ("/{a}.{b}/c", "/{}.{}/c")] {
            assert_eq!(nameless(template), expected);
        }
    }
}
