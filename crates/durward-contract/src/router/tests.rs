use std::fmt::Write as _;
use std::path::Path;

use durward_http::PathRules;

use super::*;
use crate::Contract;

fn contract(paths: &[&str], servers: &str) -> Contract {
    let mut text = format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\n{servers}\npaths:\n");
    for line in paths {
        let (methods, path) = line.split_once(' ').unwrap();
        let _ = writeln!(text, "  '{path}':");
        for method in methods.split(',') {
            let _ = writeln!(text, "    {}: {{operationId: '{method} {path}'}}", method.to_lowercase());
        }
    }
    let loaded = Contract::load(Path::new("t.yaml"), &|_| Ok(text.clone()));
    loaded.unwrap_or_else(|problems| panic!("{}", problems.render(false))).contract
}

fn find(contract: &Contract, request: &str) -> String {
    let (method, path) = request.split_once(' ').unwrap();
    let path = CanonicalPath::parse(path, PathRules { allow_semicolon: true }).unwrap();
    match contract.router().find(&method.parse().unwrap(), &path) {
        Ok(matched) => {
            let mut text = matched.operation().id().to_string();
            for parameter in matched.path_parameters() {
                let _ = write!(text, " {}={}", parameter.name(), parameter.raw());
            }
            text
        }
        Err(NoMatch::Path) => "no path".to_owned(),
        Err(NoMatch::Method { allowed }) => {
            format!("allowed {}", allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(","))
        }
    }
}

#[test]
fn paths() {
    let contract = contract(
        &[
            "GET /",
            // Declared before the literals that must win over it (libopenapi-validator #181).
            "GET,HEAD,DELETE /users/{id}",
            "GET /users/me",
            "GET /users/{id}.json",
            "GET /users/me/posts/",
            "GET /users/{user}/posts/{post}",
            "POST /orders",
            // prism #494, #858, #1873
            "GET /test.{format}",
            "GET /orgs/{organization-id}/x",
            "GET /some%20path",
            "GET /with space",
            "GET /caf\u{e9}",
            "GET /compare/{base}...{head}",
            "POST /v{x}:cancel",
            "POST /v{x}",
            "PUT /a/{b}/c",
            "PUT /a/x/d",
            "HEAD /only-head",
            "GET /Case",
        ],
        "",
    );
    for (request, expected) in [
        ("GET /", "GET /"),
        ("GET /users/7", "GET /users/{id} id=7"),
        ("GET /users/me", "GET /users/me"),
        // A literal does not hide what only the parameter has.
        ("DELETE /users/me", "DELETE /users/{id} id=me"),
        ("GET /users/7.json", "GET /users/{id}.json id=7"),
        ("GET /users/.json", "GET /users/{id} id=.json"),
        ("GET /users/", "no path"),
        ("GET /users", "no path"),
        ("GET /users/7/", "no path"),
        ("GET /users/me/posts/", "GET /users/me/posts/"),
        ("GET /users/me/posts/3", "GET /users/{user}/posts/{post} user=me post=3"),
        ("GET /orders", "allowed POST"),
        ("OPTIONS /users/me", "allowed DELETE,GET,HEAD"),
        ("get /users/me", "allowed DELETE,GET,HEAD"),
        ("HEAD /users/me", "GET /users/me"),
        ("HEAD /users/7", "HEAD /users/{id} id=7"),
        // A `HEAD` of its own further off is no way around the `GET` of the literal.
        ("HEAD /orders", "allowed POST"),
        ("HEAD /only-head", "HEAD /only-head"),
        ("GET /only-head", "allowed HEAD"),
        ("GET /test.xml", "GET /test.{format} format=xml"),
        ("GET /test.", "no path"),
        ("GET /orgs/a%20b/x", "GET /orgs/{organization-id}/x organization-id=a%20b"),
        ("GET /some%20path", "GET /some%20path"),
        ("GET /with%20space", "GET /with space"),
        ("GET /caf%c3%a9", "GET /caf\u{e9}"),
        ("GET /compare/a...b", "GET /compare/{base}...{head} base=a head=b"),
        ("GET /compare/a....b", "GET /compare/{base}...{head} base=a head=.b"),
        ("GET /compare/...b", "no path"),
        ("GET /compare/a...", "no path"),
        ("POST /v1:cancel", "POST /v{x}:cancel x=1"),
        ("POST /v1", "POST /v{x} x=1"),
        ("POST /v:cancel", "POST /v{x} x=:cancel"),
        ("POST /v", "no path"),
        ("PUT /a/x/c", "PUT /a/{b}/c b=x"),
        ("PUT /a/x/d", "PUT /a/x/d"),
        ("PUT /a/y/d", "no path"),
        ("GET /case", "no path"),
        ("GET /Case", "GET /Case"),
    ] {
        assert_eq!(find(&contract, request), expected, "{request}");
    }
}

#[test]
fn servers() {
    // kin-openapi #356: relative and absolute servers, both with and without a path.
    let servers = "servers: [{url: 'https://a.example/v1/'}, {url: /v2}, {url: 'https://{h}.example/{base}', \
        variables: {h: {default: a}, base: {default: v3/x}}}]";
    let contract = contract(&["GET /a", "GET /"], servers);
    assert_eq!(contract.base_paths(), ["/v1", "/v2", "/v3/x"]);
    for (request, expected) in [
        ("GET /v1/a", "GET /a"),
        ("GET /v2/a", "GET /a"),
        ("GET /v3/x/a", "GET /a"),
        ("GET /v1/", "GET /"),
        ("GET /v1", "no path"),
        ("GET /a", "no path"),
    ] {
        assert_eq!(find(&contract, request), expected, "{request}");
    }
}

#[test]
fn hostile_paths_take_linear_time() {
    let contract = contract(&["GET /{a}-{b}-{c}-{d}.x", "GET /{a}/{b}/{c}/{d}/{e}", "GET /{a}/{b}/{c}/{d}/z"], "");
    let start = std::time::Instant::now();
    assert_eq!(find(&contract, &format!("GET /{}", "-".repeat(8_000))), "no path");
    assert_eq!(find(&contract, &format!("GET {}", "/a".repeat(2_000))), "no path");
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
}

#[test]
fn what_cannot_be_told_apart_is_not_routed() {
    let contract =
        contract(&["POST /#X=1", "POST /#X=2", "GET /q?x=1", "GET /a/{b}", "GET,PUT /a/{c}", "GET /a//b"], "");
    let routed: Vec<bool> = contract.operations().iter().map(Operation::is_routed).collect();
    assert_eq!(routed, [false, false, true, true, false, true, false]);
    for (request, expected) in [
        ("POST /", "no path"),
        ("GET /q", "GET /q?x=1"),
        ("GET /a/1", "GET /a/{b} b=1"),
        ("PUT /a/1", "PUT /a/{c} c=1"),
    ] {
        assert_eq!(find(&contract, request), expected, "{request}");
    }
}
