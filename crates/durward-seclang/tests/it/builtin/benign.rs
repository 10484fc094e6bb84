//! What ordinary clients send and what looks like an attack to a naive rule: it passes, wherever it stands.

use super::{Guard, Spot, get, post, request};

/// Sends each value at each spot.
fn pass(values: &[&str]) {
    let mut guard = Guard::new();
    for value in values {
        for spot in [Spot::Query, Spot::Json, Spot::Form, Spot::Xml, Spot::Multipart] {
            guard.passes(&request(spot, value), &format!("{spot:?} `{value}`"));
        }
    }
}

#[test]
fn names_and_prose() {
    pass(&[
        "O'Brien",
        "D'Angelo & Sons, Inc.",
        "Conan O'Brien or Jay Leno?",
        "it's 5 o'clock somewhere -- isn't it?",
        "Rock 'n' roll; that's all I've got to say.",
        "He said: \"I don't know\" and left.",
        "select the best from our menu",
        "Select one from the list below, or insert into the form your own",
        "Please drop the table in the back room; delete from the list what you don't need.",
        "The European Union selected a new president from among its members",
        "You can update your profile and set a new password",
        "Where there's a will, there's a way; having said that, order by phone.",
        "Fish & chips; curl up with a cat | dog",
        "Don't exec the plan & kill the mood",
        "1 or 2 of them, and 3 = three",
        "50% of 10 is 5; 2 + 2 = 4",
        "Price: $5 (or 5 for $20)",
        "A/B testing and/or C",
        "Tom & Jerry <tom@example.com>",
        "#1 fan -- best band ever!",
        "Ce n'est pas l'heure d'y aller",
        "müde, señor, naïve, 日本語, Ελληνικά, עברית, 👍🏽",
        "I <3 you :) >:( <- ok",
        "Ben & Jerry's \"Phish Food\"",
        "Smith; Jones; id; who cares",
        "The command `id` prints who you are, and `ls` lists files.",
        "Meeting at 10:00; ping me if you're late | cat pictures welcome",
        "C:\\Users\\Anna\\Documents\\report.docx",
        "/home/anna/projects/api/README.md",
        "/usr/local/bin/backup.sh",
        "../images/logo.png",
        "./src/../lib/index.js",
        "script for the play, alert the press (1st draft)",
        "onload = when the page is ready; onclick=handler",
        "Turn left at the sign <-- and go > 3 km",
    ]);
}

#[test]
fn code_and_logs() {
    pass(&[
        "if (a < b && c > d) { return x; }",
        "for (let i = 0; i < n; i++) { console.log(i); }",
        "const add = (a, b) => a + b;",
        "SELECT name, age FROM people WHERE age > 30 ORDER BY name",
        "INSERT INTO notes (text) VALUES ('hello')",
        "name = 'x' or age > 3",
        "status eq 'open' and priority gt 3",
        "fn main() -> Result<Vec<String>, Box<dyn Error>> { Ok(vec![]) }",
        "public static void main(String[] args) { System.out.println(\"hi\"); }",
        "def f(x):\n    return x['a'] or x[\"b\"]\n\nprint(f({'a': 1}))",
        "import os\nfor name in os.listdir('.'):\n    print(name)",
        "#!/bin/sh\nset -e\ncd /srv/app\nexec ./run --port 8080",
        "npm install && npm run build",
        "$ curl -s https://api.example.com/v1/items | jq '.items[0]'",
        "docker run --rm -it -v $(pwd):/work alpine:3 sh",
        "image: app:${TAG:-latest}\nports: [\"${PORT:-8080}:80\"]",
        "Hello {{first_name}}, your order {{order.id}} has shipped.",
        "{% if user %}Hi {{ user.name }}{% endif %}",
        "${HOME}/bin:${PATH}",
        "<%= user.name %>",
        "Exception in thread \"main\" java.lang.NullPointerException\n\tat com.example.App.main(App.java:12)",
        "\tat org.springframework.cglib.core.ReflectUtils.defineClass(ReflectUtils.java:508)\n\tat org.apache.commons.io.IOUtils.copy(IOUtils.java:1594)",
        "Caused by: java.sql.SQLException: ORA-00942: table or view does not exist",
        "at sun.rmi.server.UnicastServerRef.dispatch(UnicastServerRef.java:359)",
        "at java.util.PriorityQueue.poll(PriorityQueue.java:595)",
        "at org.codehaus.groovy.runtime.callsite.CallSiteArray.defaultCall(CallSiteArray.java:47)",
        "at javax.naming.InitialContext.lookup(InitialContext.java:417)",
        "System.Diagnostics.Process is not supported on this platform",
        "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\nKeyError: 'x'",
        "2026-11-25 10:00:00 ERROR [main] c.e.App - failed: {\"code\": 5}",
        "127.0.0.1 - - [25/Nov/2026:10:00:00 +0000] \"GET /index.html HTTP/1.1\" 200 612",
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b",
        "git commit -m 'Fix the parser'; git push",
        "let x = `value is ${value}`;",
        "obj.constructor.name === 'Array'",
        "grep -r \"TODO\" . | wc -l",
        "key: value\nlist:\n  - one\n  - two\nserver:\n  port: 80\ndate: 2026-11-25",
        "[package]\nname = \"x\"\n\n[dependencies]\nserde = { version = \"1\" }",
    ]);
}

#[test]
fn markup_that_runs_nothing() {
    pass(&[
        "# Title\n\nSome *text* with `code` and a [link](https://example.com/a?b=c&d=e).\n\n- one\n- two\n\n> quote",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "```js\nconst x = 1;\n```",
        "<p>Hello <b>world</b>, <a href=\"https://example.com/x?y=1\">click</a></p>",
        "<ul><li>one</li><li>two &amp; three</li></ul>",
        "<img src=\"https://img.example.com/a.png\" alt=\"a picture\">",
        "Vec<String>, Map<K, V>, List<List<Integer>>",
        "a < b, b > c, x <= y, y >= z, p -> q, r => s",
        "![build](https://img.shields.io/badge/build-ok-green?logo=data:image/svg+xml;base64,PHN2Zz4=)",
        "\\frac{a}{b} + \\sqrt{x^2} \\leq \\sum_{i=1}^{n} i",
        "E = mc^2; a*b/c - (d+e)^2 % 7",
        "x=1&y=2",
    ]);
}

#[test]
fn values_of_machines() {
    pass(&[
        "https://www.example.com/a/b?c=d&e=f#g",
        "http://shop.example.co.uk:8080/products/1?ref=abc",
        "http://localhost:3000/callback",
        "https://user.github.io/repo/",
        "https://example.com/redirect?url=https%3A%2F%2Fother.example%2Fpath",
        "anna.o'neil+tag@example.co.uk",
        "\"Anna Smith\" <anna@example.com>",
        "7f3c2a10-8d4e-4c1b-9a56-2f0c9f1d7e33",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "SGVsbG8sIHdvcmxkISBUaGlzIGlzIGEgdGVzdC4=",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "{ user(id: 4) { name friends(first: 10) { edges { node { name } } } } }",
        "query Q($id: ID!, $n: Int = 3) { item(id: $id) { ...F @include(if: true) } } fragment F on Item { id }",
        "^[a-z0-9_-]{3,16}$",
        "(?i)^(?:\\+?\\d{1,3}[ -]?)?\\(?\\d{3}\\)?$",
        "*/15 0 1,15 * 1-5",
        "0 0 * * 0",
        "2026-11-25T10:00:00+01:00",
        "-12.5e3",
        "+49 (0)30 123456-78",
        "12345678-9",
        "$filter=name eq 'x' and age gt 3",
        "urn:isbn:0451450523",
        "s3://bucket/key/a.txt",
        "arn:aws:iam::123456789012:role/S3Access",
        "projects/my-project/locations/europe-west1",
        "10.0.0.0/8,192.168.1.1",
        "2001:db8::1",
        "application/vnd.example+json; version=2",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        "#ff00aa",
        "a:1;b:2;c:3",
        "name,-created_at",
        "en-GB,en;q=0.9",
        "[1, 2, 3]",
        "{\"a\": {\"b\": [true, null, \"c\"]}}",
        "postgres://app@db.example.com:5432/app?sslmode=require",
        "M 10 10 L 20 20 Z",
        "1;2;3|4|5",
    ]);
}

/// Names of members and parameters that look like operators and are none.
#[test]
fn names_of_members() {
    let mut guard = Guard::new();
    for target in [
        "/v1/items?$filter=age%20gt%203&$select=name,age&$top=10&$skip=0&$orderby=name&$count=true",
        "/v1/items?filter[name]=x&page[size]=10&include=author",
        "/v1/items?q=a+b&lang=en&_=1700000000000",
        "/v1/items?fields=id,name&sort=-created_at&expand[]=owner",
        "/v1/items/O'Brien",
        "/v1/files/report..final.pdf",
        "/v1/users/@me/settings",
        "/odata/Items('a')/Parts(3)",
        "/v1/items;v=2/parts",
        "/.well-known/openid-configuration",
        "/health",
        "/",
    ] {
        guard.passes(&get(target), target);
    }
    for body in [
        r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"x","$ref":"#/definitions/a","$defs":{}}"##,
        r#"{"@type":"Person","@context":"https://schema.org","name":"Anna"}"#,
        r#"{"$type":"Example.Dto.Order, Example","id":1}"#,
        r#"{"prototype":"Mark II","constructor":"Ferrari","class":"A","type":"x"}"#,
        r#"[{"op":"replace","path":"/a/b/0","value":"x"}]"#,
        r#"{"query":"query { me { id } }","variables":{"a":"b'c"},"operationName":null}"#,
        r#"{"jsonrpc":"2.0","method":"sum","params":[1,2],"id":1}"#,
        r#"{"data":{"type":"articles","attributes":{"title":"JSON:API paints my bikeshed!"}}}"#,
        r#"{"resourceType":"Patient","name":[{"family":"O'Hara","given":["Éa"]}]}"#,
        "{}",
        "[]",
        "\"text\"",
        "3",
        "null",
    ] {
        guard.passes(&post("application/json", body), body);
    }
    for (media_type, body) in [
        ("application/xml", "<?xml version=\"1.0\"?><a b=\"c\"><!-- d --><e>f &amp; g's</e></a>"),
        (
            "application/soap+xml",
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body/></s:Envelope>",
        ),
        ("image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M 1 1\"/></svg>"),
        ("text/plain; charset=utf-8", "Hello, it's me.\n-- \nAnna"),
        ("application/octet-stream", "\u{0}\u{1}<script>"),
        ("application/graphql", "{ me { id name } }"),
        ("application/x-ndjson", "{\"a\":1}"),
    ] {
        guard.passes(&post(media_type, body), body);
    }
}

#[test]
fn fields_of_the_head() {
    let mut guard = Guard::new();
    for (name, value) in [
        ("Cookie", "session=abc.def-ghi; theme=dark; _ga=GA1.2.1.2; prefs={\"a\":1}; x=O'Brien"),
        ("Sec-CH-UA", "\"Chromium\";v=\"126\", \"Not-A.Brand\";v=\"24\""),
        ("If-None-Match", "W/\"686897696a7c876b7e\", \"x\""),
        ("Authorization", "Basic YW5uYTpzZWNyZXQ="),
        ("Authorization", "DPoP eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
        ("Referer", "https://example.com/search?q=it's+a+test&page=2"),
        ("User-Agent", "curl/8.5.0"),
        ("User-Agent", "python-requests/2.32.3"),
        ("User-Agent", "Go-http-client/2.0"),
        ("User-Agent", "okhttp/4.12.0"),
        (
            "User-Agent",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5",
        ),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("X-Forwarded-For", "203.0.113.7, 10.0.0.2"),
        ("Forwarded", "for=\"[2001:db8::1]:4711\";proto=https"),
        ("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("Range", "bytes=0-499, -500"),
        ("X-Request-Id", "7f3c2a10-8d4e-4c1b-9a56-2f0c9f1d7e33"),
        ("X-User-Name", "Conan O'Brien"),
        ("Prefer", "return=representation; respond-async"),
    ] {
        guard.passes(&request(Spot::Field(name), value), &format!("{name}: {value}"));
    }
}
