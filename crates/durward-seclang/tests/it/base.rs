//! The Core Rule Set with the settings that it is run with: those that ModSecurity recommends.

use std::path::Path;

use durward_seclang::load::Loader;

/// What ModSecurity recommends, as far as it says how requests are read. The engine blocks; the setup of a suite may say
/// otherwise.
pub(crate) const RECOMMENDED: &str = r#"
SecRuleEngine On
SecRequestBodyAccess On
SecRule REQUEST_HEADERS:Content-Type "^(?:application(?:/soap\+|/)|text/)xml" \
  "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "^application/json" \
  "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQUEST_HEADERS:Content-Type "^application/[a-z0-9.-]+[+]json" \
  "id:200006,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecRequestBodyLimitAction Reject
SecRequestBodyJsonDepthLimit 512
SecArgumentsLimit 1000
SecRule &ARGS "@ge 1000" \
  "id:200007,phase:2,t:none,log,deny,status:400,msg:'Too many arguments',severity:2"
SecRule REQBODY_ERROR "!@eq 0" \
  "id:200002,phase:2,t:none,log,deny,status:400,msg:'The content cannot be parsed',logdata:'%{reqbody_error_msg}',severity:2"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" \
  "id:200003,phase:2,t:none,log,deny,status:400,msg:'Multipart content is not strictly right'"
SecRule MULTIPART_UNMATCHED_BOUNDARY "@eq 1" \
  "id:200004,phase:2,t:none,log,deny,msg:'Multipart content has an unmatched boundary'"
SecRule TX:/^MSC_/ "!@streq 0" \
  "id:200005,phase:2,t:none,log,deny,msg:'An internal error: %{MATCHED_VAR_NAME}'"
SecResponseBodyAccess On
SecResponseBodyMimeType text/plain text/html text/xml application/json
SecResponseBodyLimit 524288
SecResponseBodyLimitAction ProcessPartial
SecArgumentSeparator &
SecCookieFormat 0
"#;

/// CRS 4 of the corpora.
pub(crate) fn crs4<'f>(loader: Loader<'f>, corpus: &Path, setup: &str) -> Loader<'f> {
    loader
        .text("recommended.conf", RECOMMENDED.as_bytes())
        .include(corpus.join("crs-setup.conf.example"))
        .text("setup.conf", setup.as_bytes())
        .include(corpus.join("rules/*.conf"))
}

/// CRS 3.3 of the Debian package.
pub(crate) fn crs3<'f>(loader: Loader<'f>, package: &Path, setup: &str) -> Loader<'f> {
    loader
        .text("recommended.conf", RECOMMENDED.as_bytes())
        .include("/etc/modsecurity/crs/crs-setup.conf")
        .text("setup.conf", setup.as_bytes())
        .include(package.join("rules/*.conf"))
}
