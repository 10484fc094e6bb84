use std::path::Path;

use crate::{Contract, In, Loaded, SchemeKind};

fn load(files: &[(&str, &str)]) -> Result<Loaded, durward_core::Diagnostics> {
    let (first, _) = files[0];
    Contract::load(Path::new(first), &|path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
    })
}

fn errors(text: &str) -> String {
    match load(&[("api.yaml", text)]) {
        Ok(_) => "loads".to_owned(),
        Err(problems) => problems.render(false),
    }
}

const HEAD: &str = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n";

#[test]
fn mistakes_are_told_with_place_and_fix() {
    for (text, parts) in [
        ("swagger: '2.0'\n", &["Swagger 2.0 documents are not supported", "api.yaml:1", "swagger2openapi"][..]),
        ("openapi: 3.2.0\n", &["OpenAPI 3.2.0 is not supported", "api.yaml:1"]),
        ("openapi: 4.0.0\n", &["OpenAPI 4.0.0 is not supported"]),
        ("a: 1\n", &["it has no `openapi`", "write `openapi: 3.1.0`"]),
        ("- a\n", &["it is not an object"]),
        ("openapi: 3.0.0\ninfo: {title: t, version: '1'}\n", &["the document has no `paths`"]),
        ("a: 1\na: 2\n", &["not valid YAML", "api.yaml:2"]),
        (
            "HEADpaths:\n  orders: {}\n",
            &["`orders` is not a path: it does not start with `/`", "api.yaml:4", "/orders/{id}"],
        ),
        ("HEADpaths:\n  /a/{b:\n    get: {}\n", &["its braces do not pair", "api.yaml:4"]),
        (
            "HEADpaths:\n  /a:\n    get:\n      security:\n        - kee: []\ncomponents:\n  securitySchemes:\n    key: {type: apiKey, in: header, name: X-Key}\n",
            &["there is no security scheme `kee`", "api.yaml:7", "write `key`"],
        ),
        (
            "HEADpaths: {}\ncomponents:\n  securitySchemes:\n    key: {type: apikey}\n",
            &["unknown type `apikey`", "write `type: apiKey`", "api.yaml:6"],
        ),
        (
            "HEADpaths: {}\ncomponents:\n  securitySchemes:\n    key: {type: apiKey, in: header}\n",
            &["does not say what it is called", "name: X-API-Key"],
        ),
        (
            "HEADpaths:\n  /a:\n    get:\n      parameters:\n        - in: query\n",
            &["a parameter has no `name`", "api.yaml:7"],
        ),
        (
            "HEADpaths:\n  /a:\n    post:\n      parameters:\n        - {name: b, in: body}\n",
            &["is in `body`, which is no place", "requestBody"],
        ),
        (
            "HEADpaths:\n  /a:\n    post:\n      requestBody: {required: true}\n",
            &["a request body has no `content`", "api.yaml:6"],
        ),
        (
            "HEADpaths:\n  /a:\n    get:\n      parameters:\n        - $ref: '#/components/parameters/x'\n",
            &["`$ref: #/components/parameters/x` leads to nothing", "api.yaml:7"],
        ),
        (
            "HEADpaths:\n  /a:\n    get:\n      parameters:\n        - $ref: 'other.yaml#/x'\n",
            &["names a file that cannot be read", "api.yaml:7", "no such file"],
        ),
        (
            "HEADpaths:\n  /a:\n    get:\n      parameters:\n        - $ref: 'https://example.com/x.yaml#/x'\n",
            &["is remote: documents are never fetched", "api.yaml:7", "relative path"],
        ),
        (
            "HEADpaths:\n  /a:\n    get:\n      parameters:\n        - $ref: /etc/passwd\n",
            &["is an absolute path", "relative to this file"],
        ),
        (
            "HEADpaths:\n  /a:\n    get:\n      parameters:\n        - $ref: '#/components/parameters/x'\ncomponents:\n  parameters:\n    x: {$ref: '#/components/parameters/y'}\n    y: {$ref: '#/components/parameters/x'}\n",
            &["the reference leads back to itself"],
        ),
        (
            "HEADpaths:\n  /a:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema: {$ref: '#/components/schemas/x'}\ncomponents:\n  schemas:\n    x: {$ref: '#/components/schemas/y'}\n    y: {$ref: '#/components/schemas/x'}\n",
            &["the reference leads back to itself"],
        ),
        (
            "HEADpaths:\n  /a:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema: {not: {type: object, properties: {a: {pattern: '(?!x)y'}}}}\n",
            &["used below `not` or `if`", "without look-around"],
        ),
        ("HEADservers:\n  - url: /{base}\npaths: {}\n", &["the server variable `base` has no default", "default: ..."]),
        ("HEADpaths:\n  /a: 7\n", &["the path `/a` is not an object", "api.yaml:4"]),
    ] {
        let text = text.replace("HEAD", HEAD);
        let message = errors(&text);
        for part in parts {
            assert!(message.contains(part), "{part} in\n{message}\nof\n{text}");
        }
    }
}

#[test]
fn what_is_not_enforced_is_told() {
    let text = format!(
        "{HEAD}paths:\n  /a/{{id}}:\n    get:\n      parameters:\n        - {{name: f, in: Query, style: minimal, schema: {{type: string, format: google-fieldmask}}}}\n        \
         - {{name: n, in: query, schema: {{type: integr, maxLenght: 3, minimum: low}}}}\n        - {{name: s, in: query, schema: {{type: string, pattern: '['}}}}\n    \
         fetch: {{}}\n    post:\n      requestBody:\n        content:\n          application/xml: {{schema: {{type: object}}}}\n"
    );
    let warnings = load(&[("api.yaml", &text)]).unwrap().warnings;
    let all = warnings.render(false);
    for part in [
        "the path parameter `id` is not described",
        "`in: Query` is read as `in: query`",
        "cannot have the style `\"minimal\"`",
        "the format `google-fieldmask` is not known",
        "the value of `type` is not one it can have",
        "the value of `minimum` is not one it can have",
        "`maxLenght` is not a keyword of schemas",
        "the pattern `[` is not a regular expression",
        "`fetch` is no method of a path",
        "the schema of `application/xml`, which is not read",
    ] {
        assert!(all.contains(part), "{part} in\n{all}");
    }
}

#[test]
fn several_files_and_cycles() {
    let loaded = load(&[
        (
            "spec/api.yaml",
            "openapi: 3.0.3\ninfo: {title: t, version: 1.0}\npaths:\n  /a: {$ref: 'paths/a.yaml'}\n  /b:\n    post:\n      requestBody:\n        \
             content: {application/json: {schema: {$ref: 'shared.json#/schemas/Tree'}}}\n",
        ),
        (
            "spec/paths/a.yaml",
            "parameters:\n  - $ref: '../shared.json#/parameters/limit'\nget: {operationId: listA}\n",
        ),
        (
            "spec/shared.json",
            r##"{"parameters": {"limit": {"name": "limit", "in": "query", "schema": {"$ref": "#/schemas/Limit"}}},
              "schemas": {"Limit": {"type": "integer"},
                "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/schemas/Tree"}}}}}}"##,
        ),
    ])
    .unwrap();
    let contract = loaded.contract;
    assert_eq!((contract.title(), contract.version()), ("t", "1.0"));
    assert_eq!(&**contract.operations()[0].id(), "listA");
    let names: Vec<_> = contract.operations()[0].parameters().names(In::Query).map(|name| &**name).collect();
    assert_eq!(names, ["limit"]);
    let body = &contract.operations()[1].body().unwrap().media[0];
    let check = |text: &str| {
        let document = durward_http::json::Document::parse(text.to_owned(), &durward_http::json::Limits::default());
        body.check_json(&document.unwrap()).into_iter().map(|found| found.place).collect::<Vec<_>>()
    };
    assert_eq!(check(r#"{"children": [{"children": [{}]}]}"#), Vec::<String>::new());
    assert_eq!(check(r#"{"children": [{"children": [7]}]}"#), ["body /children/0/children/0"]);
}

#[test]
fn security() {
    let text = format!(
        "{HEAD}security: [{{key: []}}]\npaths:\n  /inherits: {{get: {{}}}}\n  /open: {{get: {{security: []}}}}\n  /optional: {{get: {{security: [{{}}, {{token: [read]}}]}}}}\n  \
         /both: {{get: {{security: [{{key: [], token: [read, write]}}]}}}}\ncomponents:\n  securitySchemes:\n    key: {{type: apiKey, in: query, name: k}}\n    \
         token: {{type: oauth2, flows: {{clientCredentials: {{tokenUrl: x, scopes: {{write: w, read: r}}}}}}}}\n    http: {{type: http, scheme: Bearer}}\n    \
         tls: {{type: mutualTLS}}\n    oidc: {{type: openIdConnect, openIdConnectUrl: 'https://x'}}\n"
    );
    let contract = load(&[("api.yaml", &text)]).unwrap().contract;
    let shown: Vec<String> = contract
        .operations()
        .iter()
        .map(|operation| {
            let security = operation.security();
            let requirement = |requirement: &crate::Requirement| {
                let schemes = requirement.schemes.iter().map(|(name, scopes)| format!("{name}({})", scopes.join(",")));
                schemes.collect::<Vec<_>>().join("+")
            };
            format!(
                "{} {}",
                security.written,
                security.alternatives.iter().map(requirement).collect::<Vec<_>>().join("|")
            )
        })
        .collect();
    assert_eq!(shown, ["true key()", "true ", "true |token(read)", "true key()+token(read,write)"]);
    assert_eq!(contract.schemes()[1].kind, SchemeKind::OAuth2 { scopes: vec!["read".into(), "write".into()] });
    assert_eq!(contract.schemes()[2].kind, SchemeKind::HttpBearer);
    assert_eq!(contract.schemes()[3].kind, SchemeKind::MutualTls);
    // The query key of the API key is known, and not a parameter.
    let query = durward_http::Query::parse(Some("k=secret"), durward_http::QueryLimits::default()).unwrap();
    let input = crate::ParameterInput { path: &[], query: &query, headers: &http::HeaderMap::new() };
    assert!(contract.operations()[0].parameters().check(&input).is_empty());
    let nothing = load(&[("api.yaml", &format!("{HEAD}paths: {{/a: {{get: {{}}}}}}"))]).unwrap().contract;
    assert!(!nothing.operations()[0].security().written);
}
