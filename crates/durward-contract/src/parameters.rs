//! The parameters of an operation, and how a request is held to them.
//!
//! Each parameter is a plan made when the document is loaded: how its text is cut, which types its parts may be, and
//! what is checked. Plain values are checked here; whatever needs JSON Schema goes through the document's validator.

mod pairs;
mod plan;
mod scalar;
mod text;

use std::sync::Arc;

use durward_http::{CookieLimits, Query, cookies};
use http::{HeaderMap, HeaderName, header};

use crate::schema::Forest;
use crate::{In, MOST_VIOLATIONS, Proven, Violation};

pub(crate) use pairs::{Pairs, deep_object};
pub(crate) use plan::{Plan, Style, Test};
pub(crate) use scalar::Scalar;
pub(crate) use text::{Encoding, Reading, Separator};

/// The parameters of one operation.
#[derive(Debug, Default)]
pub struct Parameters {
    path: Vec<Plan>,
    query: Vec<Plan>,
    headers: Vec<(HeaderName, Plan)>,
    cookies: Vec<Plan>,
    /// Query parameters that carry credentials: known, and judged elsewhere.
    credentials: Vec<Arc<str>>,
}

/// A path parameter of a request, as the router found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathParameter<'p> {
    name: &'p str,
    value: Box<str>,
}

/// The parts of a request that hold parameters.
#[derive(Debug, Clone, Copy)]
pub struct ParameterInput<'a> {
    /// What the router found in the path.
    pub path: &'a [PathParameter<'a>],
    /// The query.
    pub query: &'a Query,
    /// All fields; cookies are read from them only when a parameter is a cookie.
    pub headers: &'a HeaderMap,
}

impl<'p> PathParameter<'p> {
    /// A parameter with its text as it stands in the path, still escaped.
    #[must_use]
    pub fn new(name: &'p str, value: &str) -> Self {
        Self { name, value: value.into() }
    }

    /// The name in the template.
    #[must_use]
    pub const fn name(&self) -> &'p str {
        self.name
    }

    /// The text, still escaped.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.value
    }
}

impl Parameters {
    /// Sorts plans by their places. Header names are those that `HeaderName` takes; others come back.
    pub(crate) fn new(plans: Vec<Plan>, credentials: Vec<Arc<str>>) -> (Self, Vec<Plan>) {
        let mut parameters = Self { credentials, ..Self::default() };
        let mut refused = Vec::new();
        for plan in plans {
            match plan.place {
                In::Path => parameters.path.push(plan),
                In::Query => parameters.query.push(plan),
                In::Cookie => parameters.cookies.push(plan),
                In::Header => match HeaderName::from_bytes(plan.name.as_bytes()) {
                    Ok(name) => parameters.headers.push((name, plan)),
                    Err(_) => refused.push(plan),
                },
            }
        }
        // Whatever takes up names that nobody else does comes last.
        parameters.query.sort_by_key(Plan::is_open);
        (parameters, refused)
    }

    /// Holds a request to the parameters. Finds at most [`MOST_VIOLATIONS`] violations.
    #[must_use]
    pub fn check(&self, input: &ParameterInput<'_>) -> Vec<Violation> {
        let mut found = Vec::new();
        self.check_path(input.path, &mut found);
        self.check_query(input.query, &mut found);
        for (name, plan) in &self.headers {
            check_header(name, plan, input.headers, &mut found);
        }
        if !self.cookies.is_empty() {
            self.check_cookies(input.headers, &mut found);
        }
        found.truncate(MOST_VIOLATIONS);
        found
    }

    fn check_path(&self, given: &[PathParameter<'_>], found: &mut Vec<Violation>) {
        for plan in &self.path {
            match given.iter().find(|given| *given.name == *plan.name) {
                Some(given) => plan.text(&given.value, Encoding::Path, found),
                None => plan.absent(found),
            }
        }
    }

    fn check_query(&self, query: &Query, found: &mut Vec<Violation>) {
        let mut pairs = Pairs::of_query(query);
        for name in &self.credentials {
            pairs.take(name);
        }
        for plan in &self.query {
            plan.pairs(&mut pairs, found);
        }
        for name in pairs.unused() {
            let is_showable = name.len() <= 48 && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
            let place =
                if is_showable { format!("query parameter \"{name}\"") } else { "a query parameter".to_owned() };
            found.push(Violation::unknown(place, "nothing: the contract has no such query parameter"));
            if found.len() >= MOST_VIOLATIONS * 2 {
                break;
            }
        }
    }

    fn check_cookies(&self, headers: &HeaderMap, found: &mut Vec<Violation>) {
        match cookies(headers, CookieLimits::default()) {
            Ok(cookies) => {
                let mut pairs = Pairs::decoded(cookies);
                for plan in &self.cookies {
                    plan.pairs(&mut pairs, found);
                }
            }
            Err(_) => found.push(Violation::invalid("cookies", "cookies that can be read")),
        }
    }

    /// Those whose text is harmless in a request that passed.
    pub(crate) fn proven(&self, forest: &Forest) -> Proven {
        let names = |plans: &[Plan]| {
            plans.iter().filter(|plan| plan.is_proven(forest)).map(|plan| plan.name.as_bytes().into()).collect()
        };
        let headers = self.headers.iter().filter(|(name, plan)| !is_of_http(name) && plan.is_proven(forest));
        let headers = headers.map(|(name, _)| name.as_str().as_bytes().into()).collect();
        Proven::new(names(&self.query), headers, names(&self.cookies))
    }

    /// The names of the header parameters, as written.
    pub fn header_names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.headers.iter().map(|(_, plan)| &plan.name)
    }

    /// The names of all parameters in one place, as written.
    pub fn names(&self, place: In) -> impl Iterator<Item = &Arc<str>> {
        let headers = self.headers.iter().map(|(_, plan)| plan);
        let all = self.path.iter().chain(&self.query).chain(headers).chain(&self.cookies);
        all.filter(move |plan| plan.place == place).map(|plan| &plan.name)
    }
}

fn check_header(name: &HeaderName, plan: &Plan, headers: &HeaderMap, found: &mut Vec<Violation>) {
    let mut lines = headers.get_all(name).iter();
    let Some(first) = lines.next() else { return plan.absent(found) };
    let Ok(first) = first.to_str() else {
        return found.push(Violation::invalid(plan.place(), "visible ASCII text"));
    };
    let mut rest = lines.peekable();
    if rest.peek().is_none() {
        return plan.text(first, Encoding::Plain, found);
    }
    if !plan.takes_lists() {
        return found.push(Violation::invalid(plan.place(), "one value, not several"));
    }
    // RFC 9110 section 5.3: several lines of a list are one list.
    let mut joined = first.to_owned();
    for line in rest {
        let Ok(line) = line.to_str() else {
            return found.push(Violation::invalid(plan.place(), "visible ASCII text"));
        };
        joined.push(',');
        joined.push_str(line);
    }
    plan.text(&joined, Encoding::Plain, found);
}

/// Fields that mean something to HTTP itself: rules that look at them look for broken requests, not for attacks in values.
fn is_of_http(name: &HeaderName) -> bool {
    [
        header::CONNECTION,
        header::CONTENT_ENCODING,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::COOKIE,
        header::EXPECT,
        header::HOST,
        header::RANGE,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ]
    .contains(name)
}

#[cfg(test)]
mod tests;
