//! All directives of the language, and what becomes of each.

/// Which rules a directive names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By number.
    Id,
    /// By tag.
    Tag,
    /// By message.
    Message,
}

/// A directive that changes [`crate::ast::Settings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    ArgumentSeparator,
    ArgumentsLimit,
    CollectionTimeout,
    ComponentSignature,
    PcreMatchLimit,
    RequestBodyAccess,
    RequestBodyJsonDepthLimit,
    RequestBodyLimit,
    RequestBodyLimitAction,
    RequestBodyNoFilesLimit,
    ResponseBodyAccess,
    ResponseBodyLimit,
    ResponseBodyLimitAction,
    ResponseBodyMimeType,
    ResponseBodyMimeTypesClear,
    RuleEngine,
    UnicodeMapFile,
    UploadFileLimit,
    WebAppId,
}

/// What becomes of a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    /// `SecRule`.
    Rule,
    /// `SecAction`.
    Action,
    /// `SecMarker`.
    Marker,
    /// `SecDefaultAction`.
    DefaultAction,
    /// `Include`; `optional`: it may name nothing.
    Include { optional: bool },
    /// `SecRuleRemoveBy..`.
    Remove(By),
    /// `SecRuleUpdateTargetBy..`.
    UpdateTarget(By),
    /// `SecRuleUpdateActionById`.
    UpdateAction,
    /// It changes a setting.
    Set(Setting),
    /// It is taken and changes nothing, for this reason.
    NoEffect(&'static str),
    /// It is an error whatever its value is; the text says what to do instead.
    Refused(&'static str),
    /// It is an error unless its value is `Off`; the text says what to do instead.
    OnlyOff(&'static str),
}

/// The directive of a name, in any case.
pub(super) fn directive(name: &str) -> Option<Directive> {
    DIRECTIVES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, directive)| *directive)
}

/// The names of all directives.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    DIRECTIVES.iter().map(|(name, _)| *name)
}

use Directive::{NoEffect, OnlyOff, Refused, Set};

const LOGGED_ELSEWHERE: &str = "matches are reported to the caller, who writes the logs";
const KEPT_IN_MEMORY: &str = "the engine writes no files";
const NO_HASHES: &str = "links are not signed here; remove it";
const NO_CONNECTIONS: &str = "connections are limited by the server in front of the engine; remove it";

/// One line for each.
const DIRECTIVES: &[(&str, Directive)] = &[
    ("Include", Directive::Include { optional: false }),
    ("IncludeOptional", Directive::Include { optional: true }),
    ("SecAction", Directive::Action),
    ("SecArgumentSeparator", Set(Setting::ArgumentSeparator)),
    ("SecArgumentsLimit", Set(Setting::ArgumentsLimit)),
    ("SecAuditEngine", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLog", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLog2", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogDir", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogDirMode", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogFileMode", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogFormat", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogParts", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogPrefix", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogRelevantStatus", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogStorageDir", NoEffect(LOGGED_ELSEWHERE)),
    ("SecAuditLogType", NoEffect(LOGGED_ELSEWHERE)),
    ("SecCacheTransformations", NoEffect("equal transformations always run once")),
    ("SecChrootDir", Refused("the engine does not start the server; confine it where it is started")),
    ("SecCollectionTimeout", Set(Setting::CollectionTimeout)),
    ("SecComponentSignature", Set(Setting::ComponentSignature)),
    ("SecConnEngine", OnlyOff(NO_CONNECTIONS)),
    ("SecConnReadStateLimit", Refused(NO_CONNECTIONS)),
    ("SecConnWriteStateLimit", Refused(NO_CONNECTIONS)),
    ("SecContentInjection", OnlyOff("responses are not rewritten here; remove it")),
    ("SecCookieFormat", NoEffect("cookies are read as RFC 6265 says, which takes version 0 and 1")),
    ("SecCookieV0Separator", Refused("cookies are separated by `;` only; remove it")),
    ("SecDataDir", NoEffect("collections are kept by the caller")),
    ("SecDataset", Refused("write the words into a file, for @pmFromFile or @ipMatchFromFile")),
    ("SecDebugLog", NoEffect(LOGGED_ELSEWHERE)),
    ("SecDebugLogLevel", NoEffect(LOGGED_ELSEWHERE)),
    ("SecDefaultAction", Directive::DefaultAction),
    ("SecDisableBackendCompression", OnlyOff("what is asked of the upstream is for the server to say; remove it")),
    ("SecGeoLookupDb", Refused("there is no geographic database here; remove it and the rules that use @geoLookup")),
    ("SecGsbLookupDb", Refused("Google Safe Browsing files are no longer published; remove it")),
    ("SecGuardianLog", Refused("the httpd-guardian program is not called from here; remove it")),
    ("SecHashEngine", OnlyOff(NO_HASHES)),
    ("SecHashKey", Refused(NO_HASHES)),
    ("SecHashMethodPm", Refused(NO_HASHES)),
    ("SecHashMethodRx", Refused(NO_HASHES)),
    ("SecHashParam", Refused(NO_HASHES)),
    ("SecHttpBlKey", Refused("block lists are not asked over DNS here; remove it and the rules that use @rbl")),
    ("SecIgnoreRuleCompilationErrors", OnlyOff("a rule that is wrong protects nobody; correct it")),
    ("SecInterceptOnError", OnlyOff("a rule cannot fail here; remove it")),
    ("SecMarker", Directive::Marker),
    ("SecParseXmlIntoArgs", OnlyOff("elements are looked at as XML:/* and XML://@*; remove it")),
    ("SecPcreMatchLimit", Set(Setting::PcreMatchLimit)),
    ("SecPcreMatchLimitRecursion", NoEffect("patterns do not recurse")),
    ("SecReadStateLimit", Refused(NO_CONNECTIONS)),
    ("SecRemoteRules", Refused("rules are not fetched while loading; fetch the file first and `Include` it")),
    ("SecRemoteRulesFailAction", Refused("rules are not fetched while loading; remove it")),
    ("SecRequestBodyAccess", Set(Setting::RequestBodyAccess)),
    ("SecRequestBodyInMemoryLimit", NoEffect(KEPT_IN_MEMORY)),
    ("SecRequestBodyJsonDepthLimit", Set(Setting::RequestBodyJsonDepthLimit)),
    ("SecRequestBodyLimit", Set(Setting::RequestBodyLimit)),
    ("SecRequestBodyLimitAction", Set(Setting::RequestBodyLimitAction)),
    ("SecRequestBodyNoFilesLimit", Set(Setting::RequestBodyNoFilesLimit)),
    ("SecRequestEncoding", Refused("arguments are bytes in the encoding in which they came; remove it")),
    ("SecResponseBodyAccess", Set(Setting::ResponseBodyAccess)),
    ("SecResponseBodyLimit", Set(Setting::ResponseBodyLimit)),
    ("SecResponseBodyLimitAction", Set(Setting::ResponseBodyLimitAction)),
    ("SecResponseBodyMimeType", Set(Setting::ResponseBodyMimeType)),
    ("SecResponseBodyMimeTypesClear", Set(Setting::ResponseBodyMimeTypesClear)),
    ("SecRule", Directive::Rule),
    ("SecRuleEngine", Set(Setting::RuleEngine)),
    ("SecRuleInheritance", OnlyOff("there are no configuration contexts to inherit from; remove it")),
    ("SecRulePerfTime", Refused("costs are in the metrics; remove it")),
    ("SecRuleRemoveById", Directive::Remove(By::Id)),
    ("SecRuleRemoveByMsg", Directive::Remove(By::Message)),
    ("SecRuleRemoveByTag", Directive::Remove(By::Tag)),
    ("SecRuleScript", Refused("Lua scripts are not run: write the condition as SecRule")),
    ("SecRuleUpdateActionById", Directive::UpdateAction),
    ("SecRuleUpdateTargetById", Directive::UpdateTarget(By::Id)),
    ("SecRuleUpdateTargetByMsg", Directive::UpdateTarget(By::Message)),
    ("SecRuleUpdateTargetByTag", Directive::UpdateTarget(By::Tag)),
    ("SecRxPreFilter", NoEffect("patterns are always filtered beforehand")),
    ("SecSensorId", Refused("matches carry no sensor name; name the instance where logs are collected")),
    ("SecServerSignature", Refused("header fields are for the server to write; remove it")),
    ("SecStatusEngine", NoEffect("nothing is reported to the makers of ModSecurity")),
    ("SecStreamInBodyInspection", OnlyOff("look at REQUEST_BODY instead of STREAM_INPUT_BODY; remove it")),
    ("SecStreamOutBodyInspection", OnlyOff("look at RESPONSE_BODY instead of STREAM_OUTPUT_BODY; remove it")),
    ("SecTmpDir", NoEffect(KEPT_IN_MEMORY)),
    ("SecTmpSaveUploadedFiles", OnlyOff("the engine writes no files; remove it")),
    ("SecUnicodeCodePage", Refused("write the code page after the file of SecUnicodeMapFile")),
    ("SecUnicodeMapFile", Set(Setting::UnicodeMapFile)),
    ("SecUploadDir", NoEffect(KEPT_IN_MEMORY)),
    ("SecUploadFileLimit", Set(Setting::UploadFileLimit)),
    ("SecUploadFileMode", NoEffect(KEPT_IN_MEMORY)),
    ("SecUploadKeepFiles", OnlyOff("the engine writes no files; remove it")),
    ("SecWebAppId", Set(Setting::WebAppId)),
    ("SecWriteStateLimit", Refused(NO_CONNECTIONS)),
    ("SecXmlExternalEntity", OnlyOff("external entities are never fetched; remove it")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_doubles() {
        let names: Vec<_> = names().map(str::to_ascii_lowercase).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        assert_eq!(directive("SECRULE"), Some(Directive::Rule));
        assert_eq!(directive("SecRules"), None);
    }
}
