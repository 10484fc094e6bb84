//! What the rule files say once every word is known: the output of the loader and the input of the compiler.
//!
//! Everything is resolved here that does not need a request: `SecDefaultAction` is merged into each rule, `block` has
//! become what it stands for, chains are one rule, `SecRuleRemove*` and `SecRuleUpdate*` are applied, data files are read.

use std::fmt;
use std::sync::Arc;

use crate::transform::Transformation;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// All rules in the order in which they run, and the settings beside them.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// The settings of the engine.
    pub settings: Settings,
    /// Rules and markers, in order.
    pub items: Vec<Item>,
    /// What is not wrong but worth knowing: removals and updates that fit no rule.
    pub notes: Vec<Note>,
}

/// Something worth knowing about the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// What, in lower case.
    pub message: String,
}

/// What stands in the sequence of rules.
#[derive(Debug, Clone)]
pub enum Item {
    /// `SecRule` or `SecAction`.
    Rule(Box<Rule>),
    /// `SecMarker`: a place that `skipAfter` names.
    Marker(Box<str>),
}

/// The number of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u64);

/// When a rule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Phase {
    /// 1: the request line and the header fields are here.
    RequestHeaders = 1,
    /// 2: the request content is here.
    RequestBody = 2,
    /// 3: the response line and the header fields are here.
    ResponseHeaders = 3,
    /// 4: the response content is here.
    ResponseBody = 4,
    /// 5: everything is over.
    Logging = 5,
}

/// A rule: one or more links, all of which must hold.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where it begins.
    pub place: Place,
    /// Its number.
    pub id: RuleId,
    /// When it runs.
    pub phase: Phase,
    /// The head of the chain, then what is chained to it.
    pub links: Vec<Link>,
    /// What is said about a match.
    pub meta: Meta,
    /// What happens to the request on a match.
    pub disruptive: Disruptive,
    /// `status`, for `deny` and `redirect`.
    pub status: Option<u16>,
    /// Whether a match is written to the error log (`log`, `nolog`).
    pub log: bool,
    /// Whether a match makes the request relevant for the audit log (`auditlog`, `noauditlog`).
    pub audit: bool,
    /// What is skipped on a match.
    pub skip: Option<Skip>,
}

/// What is said about a match.
#[derive(Debug, Clone, Default)]
pub struct Meta {
    /// `msg`.
    pub message: Option<Text>,
    /// `severity`, 0 (emergency) to 7 (debug).
    pub severity: Option<u8>,
    /// `tag`, in order.
    pub tags: Vec<Text>,
    /// `ver`.
    pub version: Option<Box<str>>,
    /// `rev`.
    pub revision: Option<Box<str>>,
    /// `maturity`.
    pub maturity: Option<u8>,
    /// `accuracy`.
    pub accuracy: Option<u8>,
    /// `logdata` of the head.
    pub log_data: Option<Text>,
}

/// What happens to the request on a match. `block` has been resolved by `SecDefaultAction`.
#[derive(Debug, Clone, Default)]
pub enum Disruptive {
    /// It goes on.
    #[default]
    Pass,
    /// It ends with the status of the rule.
    Deny,
    /// The connection is closed.
    Drop,
    /// It goes on, and no rule of the span is asked any more.
    Allow(AllowSpan),
    /// The client is sent elsewhere.
    Redirect(Text),
}

/// What `allow` spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowSpan {
    /// `allow`: the rest of the transaction but phase 5.
    Transaction,
    /// `allow:phase`: the rest of the phase.
    Phase,
    /// `allow:request`: the rest of the request phases.
    Request,
}

/// What is skipped on a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// `skip:N`: as many rules of the same phase.
    Rules(u32),
    /// `skipAfter`: everything up to the marker or the rule of this name.
    After(Box<str>),
}

/// One condition and what its match does.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it begins.
    pub place: Place,
    /// The condition; `None` for `SecAction`.
    pub condition: Option<Condition>,
    /// `t:` in order, after `t:none` has cleared what stood before.
    pub transformations: Vec<Transformation>,
    /// `capture`.
    pub capture: bool,
    /// `multiMatch`.
    pub multi_match: bool,
    /// What a match of this link does, in order.
    pub effects: Vec<Effect>,
    /// `msg` of a chained link.
    pub message: Option<Text>,
    /// `logdata` of a chained link.
    pub log_data: Option<Text>,
}

/// Targets and the operator that looks at them.
#[derive(Debug, Clone)]
pub struct Condition {
    /// What is looked at, in order; exclusions among them.
    pub targets: Vec<Target>,
    /// Whether `!` stands before the operator.
    pub negated: bool,
    /// The operator.
    pub operator: OperatorSpec,
}

/// An operator as written.
#[derive(Debug, Clone)]
pub struct OperatorSpec {
    /// Which.
    pub name: crate::operator::OperatorName,
    /// What stands after the name.
    pub argument: Text,
    /// The content of the data file that the argument names (`@pmFromFile`, `@ipMatchFromFile`, ...), one entry a line.
    pub data: Option<Arc<[u8]>>,
}

/// One target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How it counts.
    pub role: Role,
    /// Which variable.
    pub variable: Variable,
    /// Which members of a collection.
    pub selector: Selector,
}

/// How a target counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Its values are looked at.
    Value,
    /// `&`: how many there are is looked at.
    Count,
    /// `!`: not looked at.
    Exclude,
}

/// Which members of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selector {
    /// All.
    All,
    /// `:key`, without regard to case.
    Key(Box<str>),
    /// `:/regex/` or `:'/regex/'`.
    Pattern(Box<str>),
    /// `XML:` with an XPath expression: `/*` (the text of all elements) or `//@*` (the values of all attributes).
    XPath(Box<str>),
}

/// Text in which `%{..}` stands for values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Literal(Box<[u8]>),
    /// `%{VARIABLE}` or `%{VARIABLE.key}`.
    Macro(Variable, Option<Box<str>>),
}

/// What a match does beside the disruptive action.
#[derive(Debug, Clone)]
pub enum Effect {
    /// `setvar`.
    Set {
        /// The collection: TX, IP, GLOBAL, SESSION, USER, RESOURCE.
        collection: Variable,
        /// The key.
        key: Text,
        /// What becomes of it.
        change: Change,
    },
    /// `expirevar:collection.key=seconds`.
    Expire {
        /// The collection.
        collection: Variable,
        /// The key.
        key: Text,
        /// After how many seconds.
        seconds: Text,
    },
    /// `deprecatevar:collection.key=amount/seconds`.
    Deprecate {
        /// The collection.
        collection: Variable,
        /// The key.
        key: Text,
        /// By how much.
        amount: u64,
        /// In how many seconds.
        seconds: u64,
    },
    /// `initcol:collection=key`, also `setsid`, `setuid`, `setrsc`.
    Init {
        /// The collection.
        collection: Variable,
        /// Which record of it.
        key: Text,
    },
    /// `setenv:NAME=value`.
    SetEnv {
        /// The name.
        name: Text,
        /// The value.
        value: Text,
    },
    /// `ctl`.
    Control(Control),
    /// `sanitiseArg` and its like: the value is masked in reports.
    Sanitise(Target),
}

/// What `setvar` does.
#[derive(Debug, Clone)]
pub enum Change {
    /// `=value`.
    Assign(Text),
    /// `=+value`.
    Add(Text),
    /// `=-value`.
    Subtract(Text),
    /// `!key`.
    Remove,
}

/// `ctl`: the engine is told to behave differently for the rest of this transaction.
#[derive(Debug, Clone)]
pub enum Control {
    /// `auditEngine`.
    AuditEngine(EngineMode),
    /// `auditLogParts`.
    AuditLogParts(Box<str>),
    /// `debugLogLevel`, taken and without effect.
    DebugLogLevel(u8),
    /// `forceRequestBodyVariable`.
    ForceRequestBody(bool),
    /// `requestBodyAccess`.
    RequestBodyAccess(bool),
    /// `requestBodyLimit`.
    RequestBodyLimit(u64),
    /// `requestBodyProcessor`.
    RequestBodyProcessor(Processor),
    /// `responseBodyAccess`.
    ResponseBodyAccess(bool),
    /// `responseBodyLimit`.
    ResponseBodyLimit(u64),
    /// `ruleEngine`.
    RuleEngine(EngineMode),
    /// `ruleRemoveById`, a number or a range.
    RemoveById(IdRange),
    /// `ruleRemoveByTag`.
    RemoveByTag(Box<str>),
    /// `ruleRemoveByMsg`.
    RemoveByMessage(Box<str>),
    /// `ruleRemoveTargetById`.
    RemoveTargetById(IdRange, Target),
    /// `ruleRemoveTargetByTag`.
    RemoveTargetByTag(Box<str>, Target),
    /// `ruleRemoveTargetByMsg`.
    RemoveTargetByMessage(Box<str>, Target),
}

/// Numbers of rules, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// The first.
    pub first: RuleId,
    /// The last.
    pub last: RuleId,
}

/// On, off, or on without consequences (for the audit engine: `RelevantOnly`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineMode {
    /// Rules run and interrupt.
    On,
    /// No rule runs.
    #[default]
    Off,
    /// Rules run; nothing is interrupted.
    DetectionOnly,
}

/// How the request content is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Processor {
    /// `application/x-www-form-urlencoded`.
    UrlEncoded,
    /// `multipart/form-data`.
    Multipart,
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// What happens when content is larger than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LimitAction {
    /// The request is refused.
    #[default]
    Reject,
    /// What fits is looked at.
    ProcessPartial,
}

/// The settings of the engine, with the defaults of the language's reference.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SecRuleEngine`.
    pub engine: EngineMode,
    /// `SecRequestBodyAccess`.
    pub request_body_access: bool,
    /// `SecRequestBodyLimit`, in bytes.
    pub request_body_limit: u64,
    /// `SecRequestBodyNoFilesLimit`, in bytes.
    pub request_body_no_files_limit: u64,
    /// `SecRequestBodyLimitAction`.
    pub request_body_limit_action: LimitAction,
    /// `SecRequestBodyJsonDepthLimit`.
    pub json_depth_limit: u32,
    /// `SecArgumentsLimit`.
    pub arguments_limit: u32,
    /// `SecResponseBodyAccess`.
    pub response_body_access: bool,
    /// `SecResponseBodyMimeType`.
    pub response_body_types: Vec<Box<str>>,
    /// `SecResponseBodyLimit`, in bytes.
    pub response_body_limit: u64,
    /// `SecResponseBodyLimitAction`.
    pub response_body_limit_action: LimitAction,
    /// `SecArgumentSeparator`.
    pub argument_separator: u8,
    /// `SecUnicodeMapFile`: code point to the byte it best fits.
    pub unicode_map: Option<Arc<crate::transform::UnicodeMap>>,
    /// `SecCollectionTimeout`, in seconds.
    pub collection_timeout: u64,
    /// `SecWebAppId`.
    pub web_app_id: Option<Box<str>>,
    /// `SecComponentSignature`, in order.
    pub components: Vec<Box<str>>,
    /// `SecUploadFileLimit`.
    pub upload_file_limit: u32,
    /// `SecPcreMatchLimit`: for the few patterns that need a backtracker; the others are linear. It raises the limit and does
    /// not lower it.
    pub backtrack_limit: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            engine: EngineMode::Off,
            request_body_access: false,
            request_body_limit: 134_217_728,
            request_body_no_files_limit: 1_048_576,
            request_body_limit_action: LimitAction::Reject,
            json_depth_limit: 512,
            arguments_limit: 1000,
            response_body_access: false,
            response_body_types: ["text/plain", "text/html"].map(Box::from).to_vec(),
            response_body_limit: 524_288,
            response_body_limit_action: LimitAction::Reject,
            argument_separator: b'&',
            unicode_map: None,
            collection_timeout: 3600,
            web_app_id: None,
            components: Vec::new(),
            upload_file_limit: 100,
            backtrack_limit: 100_000,
        }
    }
}

macro_rules! variables {
    ($($name:ident $text:literal $collection:literal,)+) => {
        /// A variable of the language's reference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Variable {
            $(#[doc = concat!("`", $text, "`.")] $name,)+
        }

        impl Variable {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in rule files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Whether it has members that a selector can choose from.
            #[must_use]
            pub const fn is_collection(self) -> bool {
                match self { $(Self::$name => $collection,)+ }
            }

            /// The variable of a name, in any case.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|variable| variable.name().eq_ignore_ascii_case(name))
            }
        }
    };
}

variables! {
    Args "ARGS" true,
    ArgsCombinedSize "ARGS_COMBINED_SIZE" false,
    ArgsGet "ARGS_GET" true,
    ArgsGetNames "ARGS_GET_NAMES" true,
    ArgsNames "ARGS_NAMES" true,
    ArgsPost "ARGS_POST" true,
    ArgsPostNames "ARGS_POST_NAMES" true,
    AuthType "AUTH_TYPE" false,
    Duration "DURATION" false,
    Env "ENV" true,
    Files "FILES" true,
    FilesCombinedSize "FILES_COMBINED_SIZE" false,
    FilesNames "FILES_NAMES" true,
    FilesSizes "FILES_SIZES" true,
    FilesTmpContent "FILES_TMP_CONTENT" true,
    FilesTmpNames "FILES_TMPNAMES" true,
    FullRequest "FULL_REQUEST" false,
    FullRequestLength "FULL_REQUEST_LENGTH" false,
    Geo "GEO" true,
    Global "GLOBAL" true,
    HighestSeverity "HIGHEST_SEVERITY" false,
    InboundDataError "INBOUND_DATA_ERROR" false,
    Ip "IP" true,
    MatchedVar "MATCHED_VAR" false,
    MatchedVarName "MATCHED_VAR_NAME" false,
    MatchedVars "MATCHED_VARS" true,
    MatchedVarsNames "MATCHED_VARS_NAMES" true,
    ModsecBuild "MODSEC_BUILD" false,
    MscPcreLimitsExceeded "MSC_PCRE_LIMITS_EXCEEDED" false,
    MultipartBoundaryQuoted "MULTIPART_BOUNDARY_QUOTED" false,
    MultipartBoundaryWhitespace "MULTIPART_BOUNDARY_WHITESPACE" false,
    MultipartCrlfLfLines "MULTIPART_CRLF_LF_LINES" false,
    MultipartDataAfter "MULTIPART_DATA_AFTER" false,
    MultipartDataBefore "MULTIPART_DATA_BEFORE" false,
    MultipartFileLimitExceeded "MULTIPART_FILE_LIMIT_EXCEEDED" false,
    MultipartFilename "MULTIPART_FILENAME" true,
    MultipartHeaderFolding "MULTIPART_HEADER_FOLDING" false,
    MultipartInvalidHeaderFolding "MULTIPART_INVALID_HEADER_FOLDING" false,
    MultipartInvalidPart "MULTIPART_INVALID_PART" false,
    MultipartInvalidQuoting "MULTIPART_INVALID_QUOTING" false,
    MultipartLfLine "MULTIPART_LF_LINE" false,
    MultipartMissingSemicolon "MULTIPART_MISSING_SEMICOLON" false,
    MultipartName "MULTIPART_NAME" true,
    MultipartPartHeaders "MULTIPART_PART_HEADERS" true,
    MultipartStrictError "MULTIPART_STRICT_ERROR" false,
    MultipartUnmatchedBoundary "MULTIPART_UNMATCHED_BOUNDARY" false,
    OutboundDataError "OUTBOUND_DATA_ERROR" false,
    PathInfo "PATH_INFO" false,
    QueryString "QUERY_STRING" false,
    RemoteAddr "REMOTE_ADDR" false,
    RemoteHost "REMOTE_HOST" false,
    RemotePort "REMOTE_PORT" false,
    RemoteUser "REMOTE_USER" false,
    ReqbodyError "REQBODY_ERROR" false,
    ReqbodyErrorMsg "REQBODY_ERROR_MSG" false,
    ReqbodyProcessor "REQBODY_PROCESSOR" false,
    ReqbodyProcessorError "REQBODY_PROCESSOR_ERROR" false,
    ReqbodyProcessorErrorMsg "REQBODY_PROCESSOR_ERROR_MSG" false,
    RequestBasename "REQUEST_BASENAME" false,
    RequestBody "REQUEST_BODY" false,
    RequestBodyLength "REQUEST_BODY_LENGTH" false,
    RequestCookies "REQUEST_COOKIES" true,
    RequestCookiesNames "REQUEST_COOKIES_NAMES" true,
    RequestFilename "REQUEST_FILENAME" false,
    RequestHeaders "REQUEST_HEADERS" true,
    RequestHeadersNames "REQUEST_HEADERS_NAMES" true,
    RequestLine "REQUEST_LINE" false,
    RequestMethod "REQUEST_METHOD" false,
    RequestProtocol "REQUEST_PROTOCOL" false,
    RequestUri "REQUEST_URI" false,
    RequestUriRaw "REQUEST_URI_RAW" false,
    Resource "RESOURCE" true,
    ResponseBody "RESPONSE_BODY" false,
    ResponseContentLength "RESPONSE_CONTENT_LENGTH" false,
    ResponseContentType "RESPONSE_CONTENT_TYPE" false,
    ResponseHeaders "RESPONSE_HEADERS" true,
    ResponseHeadersNames "RESPONSE_HEADERS_NAMES" true,
    ResponseProtocol "RESPONSE_PROTOCOL" false,
    ResponseStatus "RESPONSE_STATUS" false,
    RuleFields "RULE" true,
    ServerAddr "SERVER_ADDR" false,
    ServerName "SERVER_NAME" false,
    ServerPort "SERVER_PORT" false,
    Session "SESSION" true,
    SessionId "SESSIONID" false,
    StatusLine "STATUS_LINE" false,
    Time "TIME" false,
    TimeDay "TIME_DAY" false,
    TimeEpoch "TIME_EPOCH" false,
    TimeHour "TIME_HOUR" false,
    TimeMin "TIME_MIN" false,
    TimeMon "TIME_MON" false,
    TimeSec "TIME_SEC" false,
    TimeWday "TIME_WDAY" false,
    TimeYear "TIME_YEAR" false,
    Tx "TX" true,
    UniqueId "UNIQUE_ID" false,
    UrlencodedError "URLENCODED_ERROR" false,
    User "USER" true,
    UserId "USERID" false,
    WebAppId "WEBAPPID" false,
    Xml "XML" true,
}
