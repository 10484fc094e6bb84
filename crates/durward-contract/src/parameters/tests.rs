use std::path::Path;

use durward_http::{CanonicalPath, PathRules, QueryLimits};
use http::{HeaderValue, Method};

use super::*;
use crate::{Contract, ViolationKind};

/// The parameters are YAML in flow style; the request is `path ? query | header: value | ...`.
fn check(parameters: &str, template: &str, request: &str) -> String {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n  '{template}':\n    get:\n      parameters: [{parameters}]\n"
    );
    let loaded = Contract::load(Path::new("t.yaml"), &|_| Ok(text.clone()));
    let contract = loaded.unwrap_or_else(|problems| panic!("{}", problems.render(false))).contract;
    let mut pieces = request.split(" | ");
    let target = pieces.next().unwrap();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let mut headers = HeaderMap::new();
    for line in pieces {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let path = CanonicalPath::parse(path, PathRules { allow_semicolon: true }).unwrap();
    let query = Query::parse(query, QueryLimits::default()).unwrap();
    let found = contract.router().find(&Method::GET, &path).unwrap();
    let input = ParameterInput { path: found.path_parameters(), query: &query, headers: &headers };
    let found = found.operation().parameters().check(&input);
    if found.is_empty() {
        return "ok".to_owned();
    }
    let line = |violation: &Violation| {
        let kind = match violation.kind {
            ViolationKind::Missing => "missing ",
            ViolationKind::Invalid => "",
            ViolationKind::Unknown => "unknown ",
        };
        format!("{kind}{}: {}", violation.place, violation.expected)
    };
    found.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn table(parameters: &str, template: &str, cases: &[(&str, &str)]) {
    for (request, expected) in cases {
        assert_eq!(check(parameters, template, request), *expected, "{parameters} {request}");
    }
}

const INTEGERS: &str = "schema: {type: array, items: {type: integer}, maxItems: 3}";
const POINT: &str = "schema: {type: object, required: [x], properties: {x: {type: integer}, y: {type: string}}, additionalProperties: false}";

#[test]
fn scalars() {
    let limit = "{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}";
    let wrong = "query parameter \"limit\": an integer between 1 and 100";
    table(
        limit,
        "/",
        &[
            ("/", "ok"),
            ("/?limit=1", "ok"),
            ("/?limit=%31%30", "ok"),
            ("/?limit=0", wrong),
            ("/?limit=101", wrong),
            ("/?limit=007", wrong),
            ("/?limit=+7", wrong),
            ("/?limit=%2B7", wrong),
            ("/?limit=7.0", wrong),
            ("/?limit=1e1", wrong),
            ("/?limit=%20", wrong),
            ("/?limit=", wrong),
            ("/?limit", wrong),
            ("/?limit=99999999999999999999", wrong),
            // kin-openapi #1230: an empty first value hid the second.
            ("/?limit=&limit=abc", "query parameter \"limit\": one value, not several"),
            ("/?limit=1&limit=1", "query parameter \"limit\": one value, not several"),
            ("/?Limit=1", "unknown query parameter \"Limit\": nothing: the contract has no such query parameter"),
            ("/?limit=1&x=2&x=3", "unknown query parameter \"x\": nothing: the contract has no such query parameter"),
        ],
    );
    for (schema, value, expected) in [
        ("{type: boolean}", "true", "ok"),
        ("{type: boolean}", "TRUE", "query parameter \"p\": true or false"),
        ("{type: boolean}", "1", "query parameter \"p\": true or false"),
        ("{type: number, exclusiveMinimum: 0}", "0.5", "ok"),
        ("{type: number, exclusiveMinimum: 0}", "0", "query parameter \"p\": a number more than 0"),
        ("{type: number}", "1,5", "query parameter \"p\": a number"),
        ("{type: number}", "NaN", "query parameter \"p\": a number"),
        (
            "{type: integer, format: int32}",
            "2147483648",
            "query parameter \"p\": an integer between -2147483648 and 2147483647",
        ),
        ("{type: integer, format: int64}", "9223372036854775807", "ok"),
        ("{type: integer}", "9223372036854775808000", "ok"),
        ("{type: integer, enum: [1, 2]}", "3", "query parameter \"p\": one of 1, 2"),
        ("{type: string, enum: [a, b]}", "b", "ok"),
        ("{type: string, enum: [a, b]}", "B", "query parameter \"p\": one of a, b"),
        ("{type: string, minLength: 2, maxLength: 3}", "%C3%A9%C3%A9", "ok"),
        ("{type: string, minLength: 2, maxLength: 3}", "%C3%A9", "query parameter \"p\": text of 2 to 3 characters"),
        ("{type: string, pattern: '^[a-z]+$'}", "abc", "ok"),
        ("{type: string, pattern: '^[a-z]+$'}", "ab1", "query parameter \"p\": text that matches `^[a-z]+$`"),
        ("{type: string, format: date}", "2024-02-30", "query parameter \"p\": a date such as 2024-01-31"),
        ("{type: string, format: uuid}", "6c6b9a9e-6f0a-4b1e-9a53-0a2a4f6f3c11", "ok"),
        ("{type: string, format: uuid}", "x", "query parameter \"p\": a UUID"),
        ("{type: [integer, 'null']}", "null", "ok"),
        ("{type: string}", "a+b%26c", "ok"),
        ("{}", "anything", "ok"),
        // kin-openapi #625: alternatives of plain types.
        ("{oneOf: [{type: integer}, {type: boolean}]}", "true", "ok"),
        ("{oneOf: [{type: integer}, {type: boolean}]}", "x", "query parameter \"p\": an integer or true or false"),
        ("{anyOf: [{type: integer, maximum: 5}, {type: string, pattern: '^9$'}]}", "9", "ok"),
        ("{allOf: [{type: integer}, {maximum: 5}]}", "6", "query parameter \"p\": at most 5"),
    ] {
        let parameter = format!("{{name: p, in: query, schema: {schema}}}");
        assert_eq!(check(&parameter, "/", &format!("/?p={value}")), expected, "{schema} {value}");
    }
    // kin-openapi #1134
    table(
        "{name: d, in: query, allowEmptyValue: true, schema: {type: string, format: date}}",
        "/",
        &[("/?d=", "ok"), ("/?d", "ok"), ("/?d=x", "query parameter \"d\": a date such as 2024-01-31")],
    );
    table(
        "{name: r, in: query, required: true, schema: {type: string}}",
        "/",
        &[("/", "missing query parameter \"r\": text"), ("/?r=", "ok")],
    );
}

#[test]
fn path_styles() {
    let plan = |rest: &str| format!("{{name: p, in: path, required: true, {rest}}}");
    let bad_list = "path parameter \"p\" /0: an integer";
    for (rest, value, expected) in [
        ("schema: {type: integer}", "7", "ok"),
        ("schema: {type: integer}", "x", "path parameter \"p\": an integer"),
        ("style: label, schema: {type: integer}", ".7", "ok"),
        ("style: label, schema: {type: integer}", "7", "path parameter \"p\": an integer"),
        ("style: matrix, schema: {type: integer}", ";p=7", "ok"),
        ("style: matrix, schema: {type: integer}", ";q=7", "path parameter \"p\": an integer"),
        (INTEGERS, "1,2", "ok"),
        (INTEGERS, "x,2", bad_list),
        (INTEGERS, "1,2,3,4", "path parameter \"p\": at most 3 items"),
        (&format!("explode: true, {INTEGERS}"), "1,2", "ok"),
        (&format!("style: label, {INTEGERS}"), ".1,2", "ok"),
        (&format!("style: label, explode: true, {INTEGERS}"), ".1.2", "ok"),
        (&format!("style: label, explode: true, {INTEGERS}"), ".x.2", bad_list),
        (&format!("style: matrix, {INTEGERS}"), ";p=1,2", "ok"),
        (&format!("style: matrix, explode: true, {INTEGERS}"), ";p=1;p=2", "ok"),
        (
            &format!("style: matrix, explode: true, {INTEGERS}"),
            ";p=1;q=2",
            "path parameter \"p\": an array as the contract describes it",
        ),
        (POINT, "x,1,y,a", "ok"),
        (POINT, "x,1,y", "path parameter \"p\": an object as the contract describes it"),
        (POINT, "y,a", "missing path parameter \"p\" /x: a value: it is required"),
        (&format!("explode: true, {POINT}"), "x=1,y=a%2Cb", "ok"),
        (&format!("explode: true, {POINT}"), "x=1,x=2", "path parameter \"p\": an object as the contract describes it"),
        (&format!("style: label, {POINT}"), ".x,1,y,a", "ok"),
        (&format!("style: label, explode: true, {POINT}"), ".x=1.y=a", "ok"),
        (&format!("style: matrix, {POINT}"), ";p=x,1,y,a", "ok"),
        (&format!("style: matrix, explode: true, {POINT}"), ";x=1;y=a", "ok"),
        (
            &format!("style: matrix, explode: true, {POINT}"),
            ";x=1;z=a",
            "path parameter \"p\" /z: nothing: the contract has no such member",
        ),
    ] {
        assert_eq!(check(&plan(rest), "/a/{p}", &format!("/a/{value}")), expected, "{rest} {value}");
    }
}

#[test]
fn query_styles() {
    let plan = |rest: &str| format!("{{name: p, in: query, {rest}}}");
    let unknown =
        |name: &str| format!("unknown query parameter \"{name}\": nothing: the contract has no such query parameter");
    for (rest, query, expected) in [
        (INTEGERS, "p=1&p=2", "ok"),
        (INTEGERS, "p=1", "ok"),
        (INTEGERS, "p=1&p=x", "query parameter \"p\" /1: an integer"),
        // libopenapi-validator #140
        (INTEGERS, "p=1&p=2&p=3&p=4", "query parameter \"p\": at most 3 items"),
        (INTEGERS, "p=1,2", "query parameter \"p\" /0: an integer"),
        (&format!("explode: false, {INTEGERS}"), "p=1,2", "ok"),
        (&format!("explode: false, {INTEGERS}"), "p=", "ok"),
        (&format!("explode: false, {INTEGERS}"), "p=1%2C2", "query parameter \"p\" /0: an integer"),
        (&format!("explode: false, {INTEGERS}"), "p=1&p=2", "query parameter \"p\": one value, not several"),
        // express-openapi-validator #917: escaped separators are data.
        ("explode: false, schema: {type: array, items: {enum: ['a,b', c]}}", "p=a%2Cb,c", "ok"),
        (&format!("style: spaceDelimited, {INTEGERS}"), "p=1%202+3", "ok"),
        (&format!("style: pipeDelimited, {INTEGERS}"), "p=1|2%7C3", "ok"),
        (&format!("style: pipeDelimited, {INTEGERS}"), "p=1|x", "query parameter \"p\" /1: an integer"),
        (&format!("style: pipeDelimited, explode: true, {INTEGERS}"), "p=1&p=2", "ok"),
        (POINT, "x=1&y=a", "ok"),
        (POINT, "y=a", "missing query parameter \"p\" /x: a value: it is required"),
        (POINT, "x=1&x=2", "query parameter \"p\": an object as the contract describes it"),
        (POINT, "x=1&z=2", &unknown("z")),
        (&format!("explode: false, {POINT}"), "p=x,1,y,a", "ok"),
        (&format!("style: deepObject, {POINT}"), "p[x]=1&p%5By%5D=a", "ok"),
        (&format!("style: deepObject, {POINT}"), "p[x]=a", "query parameter \"p\" /x: an integer"),
        (
            &format!("style: deepObject, {POINT}"),
            "p[x]=1&p[x]=2",
            "query parameter \"p\": an object as the contract describes it",
        ),
        (
            &format!("style: deepObject, {POINT}"),
            "p[x]=1&p[z]=2",
            "query parameter \"p\" /z: nothing: the contract has no such member",
        ),
        (&format!("style: deepObject, {POINT}"), "p[x=1", &unknown("p[x")),
        // kin-openapi #294, libopenapi-validator #83: nested deep objects.
        (
            "style: deepObject, schema: {type: object, properties: {a: {type: object, properties: {b: {type: integer}}}}}",
            "p[a][b]=1",
            "ok",
        ),
        (
            "style: deepObject, schema: {type: object, properties: {a: {type: object, properties: {b: {type: integer}}}}}",
            "p[a][b]=x",
            "query parameter \"p\" /a/b: an integer",
        ),
        (
            "style: deepObject, schema: {type: object, properties: {a: {type: array, items: {type: integer}}}}",
            "p[a][]=1&p[a][]=2",
            "ok",
        ),
        (
            "style: deepObject, schema: {type: object, properties: {a: {type: array, items: {type: integer}}}}",
            "p[a][0]=1&p[a][1]=x",
            "query parameter \"p\" /a/1: an integer",
        ),
        (
            "style: deepObject, schema: {anyOf: [{type: object, properties: {gt: {type: integer}}}, {type: integer}]}",
            "p=5",
            "ok",
        ),
        (
            "content: {application/json: {schema: {type: object, properties: {a: {type: integer}}}}}",
            "p=%7B%22a%22:1%7D",
            "ok",
        ),
        (
            "content: {application/json: {schema: {type: object, properties: {a: {type: integer}}}}}",
            "p=%7B%22a%22:%22x%22%7D",
            "query parameter \"p\" /a: an integer",
        ),
        (
            "content: {application/json: {schema: {type: object}}}",
            "p=%7B%22a%22:1,%22a%22:2%7D",
            "query parameter \"p\": JSON",
        ),
        ("schema: {type: object, additionalProperties: {type: integer}}", "a=1&b=2", "ok"),
        (
            "schema: {type: object, additionalProperties: {type: integer}}",
            "a=1&b=x",
            "query parameter \"p\" /b: an integer",
        ),
    ] {
        assert_eq!(check(&plan(rest), "/", &format!("/?{query}")), expected, "{rest} {query}");
    }
    // Brackets in names: libopenapi-validator #210, prism #19. kin-openapi #946: two deep objects with equal members.
    table(
        "{name: 'match[]', in: query, schema: {type: array, items: {type: integer}}}, {name: 'page[limit]', in: query, schema: {type: integer}}",
        "/",
        &[
            ("/?match%5B%5D=1&match[]=2&page[limit]=3", "ok"),
            ("/?match[]=x", "query parameter \"match[]\" /0: an integer"),
            ("/?page%5Blimit%5D=x", "query parameter \"page[limit]\": an integer"),
        ],
    );
    let two = "{name: a, in: query, style: deepObject, schema: {type: object, properties: {x: {type: integer}}}}, \
        {name: b, in: query, style: deepObject, schema: {type: object, properties: {x: {type: boolean}}}}";
    table(two, "/", &[("/?a[x]=1&b[x]=true", "ok"), ("/?a[x]=1&b[x]=2", "query parameter \"b\" /x: true or false")]);
}

#[test]
fn headers_and_cookies() {
    table(
        "{name: X-N, in: header, required: true, schema: {type: integer}}",
        "/",
        &[
            ("/ | x-n: 5", "ok"),
            ("/ | X-N: five", "header parameter \"X-N\": an integer"),
            ("/ | x-n: 5 | x-n: 6", "header parameter \"X-N\": one value, not several"),
            ("/", "missing header parameter \"X-N\": an integer"),
        ],
    );
    table(
        &format!("{{name: X-L, in: header, {INTEGERS}}}"),
        "/",
        &[
            ("/ | x-l: 1, 2", "ok"),
            ("/ | x-l: 1 | x-l: 2,3", "ok"),
            ("/ | x-l: 1 | x-l: x", "header parameter \"X-L\" /1: an integer"),
        ],
    );
    table(&format!("{{name: X-O, in: header, explode: true, {POINT}}}"), "/", &[("/ | x-o: x=1,y=a", "ok")]);
    for name in ["Accept", "content-type", "Authorization"] {
        let parameter = format!("{{name: {name}, in: header, required: true, schema: {{type: integer}}}}");
        assert_eq!(check(&parameter, "/", "/"), "ok");
    }
    table(
        "{name: sid, in: cookie, required: true, schema: {type: string, minLength: 3}}",
        "/",
        &[
            ("/ | cookie: a=1; sid=abc", "ok"),
            ("/ | cookie: sid=ab", "cookie \"sid\": text of at least 3 characters"),
            ("/ | cookie: sid=abc; sid=abd", "cookie \"sid\": one value, not several"),
            ("/ | cookie: a b", "cookies: cookies that can be read"),
            ("/", "missing cookie \"sid\": text of at least 3 characters"),
        ],
    );
}
