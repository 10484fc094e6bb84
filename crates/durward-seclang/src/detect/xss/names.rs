//! The elements and attributes that run script: libinjection's lists.
//!
//! Copyright (c) 2012-2016, Nick Galbreath. All rights reserved. The licence (BSD, 3 clauses) is in `NOTICE`.

/// Why an attribute is dangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Danger {
    /// Whatever its value is.
    Always,
    /// If its value is an address that runs script.
    Address,
    /// If its value is the name of a dangerous attribute.
    NamesAttribute,
}

/// Whether an element of this name runs script.
pub(super) fn is_dangerous_element(name: &[u8]) -> bool {
    name.len() >= 3
        && (ELEMENTS.iter().any(|element| reads(name, element)) || begins(name, b"SVG") || begins(name, b"XSL"))
}

/// Why an attribute of this name is dangerous, if it is.
pub(super) fn attribute(name: &[u8]) -> Option<Danger> {
    if name.len() >= 5 {
        if begins(name, b"ON") && name.get(2..).is_some_and(is_event) {
            return Some(Danger::Always);
        }
        if begins(name, b"XMLNS") || begins(name, b"XLINK") {
            return Some(Danger::Always);
        }
    }
    if name.len() < 2 {
        return None;
    }
    ATTRIBUTES.iter().find(|(attribute, _)| reads(name, attribute)).map(|(_, danger)| *danger)
}

/// Whether it begins with the name of an event.
fn is_event(name: &[u8]) -> bool {
    // No name in the list begins with another, so only the last one that is not behind this one can begin it.
    let behind = EVENTS.partition_point(|event| {
        let upper = name.iter().map(u8::to_ascii_uppercase);
        event.iter().copied().le(upper)
    });
    behind.checked_sub(1).and_then(|last| EVENTS.get(last)).is_some_and(|event| begins(name, event))
        || NEWER_EVENTS.iter().any(|event| begins(name, event))
}

fn begins(name: &[u8], word: &[u8]) -> bool {
    name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Whether it is this word, in any case and with any NUL among the letters, which old browsers leave out.
fn reads(name: &[u8], word: &[u8]) -> bool {
    name.iter().filter(|byte| **byte != 0).map(u8::to_ascii_uppercase).eq(word.iter().copied())
}

const ELEMENTS: &[&[u8]] = &[
    b"APPLET",
    b"BASE",
    b"COMMENT",
    b"EMBED",
    b"FRAME",
    b"FRAMESET",
    b"HANDLER",
    b"IFRAME",
    b"IMPORT",
    b"ISINDEX",
    b"LINK",
    b"LISTENER",
    b"META",
    b"NOSCRIPT",
    b"OBJECT",
    b"SCRIPT",
    b"STYLE",
    b"VMLFRAME",
    b"XML",
    b"XSS",
];

const ATTRIBUTES: &[(&[u8], Danger)] = &[
    (b"ACTION", Danger::Address),
    (b"ATTRIBUTENAME", Danger::NamesAttribute),
    (b"BACKGROUND", Danger::Address),
    (b"BY", Danger::Address),
    (b"DATAFORMATAS", Danger::Always),
    (b"DATASRC", Danger::Always),
    (b"DYNSRC", Danger::Address),
    (b"FILTER", Danger::Always),
    (b"FOLDER", Danger::Address),
    (b"FORMACTION", Danger::Address),
    (b"FROM", Danger::Address),
    (b"HANDLER", Danger::Address),
    (b"HREF", Danger::Address),
    (b"LOWSRC", Danger::Address),
    (b"POSTER", Danger::Address),
    (b"SRC", Danger::Address),
    (b"STYLE", Danger::Always),
    (b"TO", Danger::Address),
    (b"VALUES", Danger::Address),
    (b"XLINK:HREF", Danger::Address),
];

/// Without `ON`, in order, and without those that begin with another one.
#[rustfmt::skip]
const EVENTS: &[&[u8]] = &[
    b"ABORT", b"ACTIVATE", b"ACTIVE", b"ADDSOURCEBUFFER", b"ADDSTREAM", b"ADDTRACK", b"AFTERPRINT", b"ANIMATIONCANCEL",
    b"ANIMATIONEND", b"ANIMATIONITERATION", b"ANIMATIONSTART", b"AUDIOEND", b"AUDIOPROCESS", b"AUDIOSTART",
    b"AUTOCOMPLETE", b"BEFOREACTIVATE", b"BEFORECOPY", b"BEFORECUT", b"BEFOREINPUT", b"BEFORELOAD", b"BEFOREPASTE",
    b"BEFOREPRINT", b"BEFOREUNLOAD", b"BEGINEVENT", b"BLOCKED", b"BLUR", b"BOUNDARY", b"BUFFEREDAMOUNTLOW", b"CACHED",
    b"CANCEL", b"CANPLAY", b"CHANGE", b"CHARGINGCHANGE", b"CHARGINGTIMECHANGE", b"CHECKING", b"CLICK", b"CLOSE",
    b"COMPLETE", b"COMPOSITIONEND", b"COMPOSITIONSTART", b"COMPOSITIONUPDATE", b"CONNECT", b"CONTEXTMENU",
    b"CONTROLLERCHANGE", b"COPY", b"CUECHANGE", b"CUT", b"DATAAVAILABLE", b"DATACHANNEL", b"DBLCLICK", b"DEVICECHANGE",
    b"DEVICEMOTION", b"DEVICEORIENTATION", b"DISCHARGINGTIMECHANGE", b"DISCONNECT", b"DOMACTIVATE",
    b"DOMCHARACTERDATAMODIFIED", b"DOMCONTENTLOADED", b"DOMFOCUSIN", b"DOMFOCUSOUT", b"DOMNODEINSERTED",
    b"DOMNODEREMOVED", b"DOMSUBTREEMODIFIED", b"DOWNLOADING", b"DRAG", b"DROP", b"DURATIONCHANGE", b"EMPTIED",
    b"ENCRYPTED", b"END", b"ENTER", b"ERROR", b"EXIT", b"FETCH", b"FINISH", b"FOCUS", b"FORMCHANGE", b"FORMINPUT",
    b"GAMEPADCONNECTED", b"GAMEPADDISCONNECTED", b"GESTURECHANGE", b"GESTUREEND", b"GESTURESCROLLEND",
    b"GESTURESCROLLSTART", b"GESTURESCROLLUPDATE", b"GESTURESTART", b"GESTURETAP", b"GOTPOINTERCAPTURE", b"HASHCHANGE",
    b"ICECANDIDATE", b"ICECONNECTIONSTATECHANGE", b"ICEGATHERINGSTATECHANGE", b"INACTIVE", b"INPUT", b"INSTALL",
    b"INVALID", b"KEYDOWN", b"KEYPRESS", b"KEYSTATUSESCHANGE", b"KEYUP", b"LANGUAGECHANGE", b"LEAVEPICTUREINPICTURE",
    b"LEVELCHANGE", b"LOAD", b"LOSTPOINTERCAPTURE", b"MARK", b"MERCHANTVALIDATION", b"MESSAGE", b"MOUSEDOWN",
    b"MOUSEENTER", b"MOUSELEAVE", b"MOUSEMOVE", b"MOUSEOUT", b"MOUSEOVER", b"MOUSEUP", b"MOUSEWHEEL", b"MUTE",
    b"NEGOTIATIONNEEDED", b"NEXTTRACK", b"NOMATCH", b"NOUPDATE", b"OBSOLETE", b"OFFLINE", b"ONLINE", b"OPEN",
    b"ORIENTATIONCHANGE", b"OVERCONSTRAINED", b"OVERFLOWCHANGED", b"PAGEHIDE", b"PAGESHOW", b"PASTE", b"PAUSE",
    b"PAYERDETAILCHANGE", b"PAYMENTAUTHORIZED", b"PAYMENTMETHODCHANGE", b"PAYMENTMETHODSELECTED", b"PLAY",
    b"POINTERCANCEL", b"POINTERDOWN", b"POINTERENTER", b"POINTERLEAVE", b"POINTERLOCKCHANGE", b"POINTERLOCKERROR",
    b"POINTERMOVE", b"POINTEROUT", b"POINTEROVER", b"POINTERUP", b"POPSTATE", b"PREVIOUSTRACK", b"PROCESSORERROR",
    b"PROGRESS", b"PROPERTYCHANGE", b"RATECHANGE", b"READYSTATECHANGE", b"REJECTIONHANDLED", b"REMOVE", b"RESET",
    b"RESIZE", b"RESOURCETIMINGBUFFERFULL", b"RESULT", b"RESUME", b"SCROLL", b"SEARCH", b"SECURITYPOLICYVIOLATION",
    b"SEEKED", b"SEEKING", b"SELECT", b"SHIPPINGADDRESSCHANGE", b"SHIPPINGCONTACTSELECTED", b"SHIPPINGMETHODSELECTED",
    b"SHIPPINGOPTIONCHANGE", b"SHOW", b"SIGNALINGSTATECHANGE", b"SLOTCHANGE", b"SOUNDEND", b"SOUNDSTART",
    b"SOURCECLOSE", b"SOURCEENDED", b"SOURCEOPEN", b"SPEECHEND", b"SPEECHSTART", b"SQUEEZE", b"STALLED", b"START",
    b"STATECHANGE", b"STOP", b"STORAGE", b"SUBMIT", b"SUCCESS", b"SUSPEND", b"TEXTINPUT", b"TIMEOUT", b"TIMEUPDATE",
    b"TOGGLE", b"TONECHANGE", b"TOUCHCANCEL", b"TOUCHEND", b"TOUCHFORCECHANGE", b"TOUCHMOVE", b"TOUCHSTART", b"TRACK",
    b"TRANSITIONCANCEL", b"TRANSITIONEND", b"TRANSITIONRUN", b"TRANSITIONSTART", b"UNCAPTUREDERROR",
    b"UNHANDLEDREJECTION", b"UNLOAD", b"UNMUTE", b"UPDATE", b"UPGRADENEEDED", b"VALIDATEMERCHANT", b"VERSIONCHANGE",
    b"VISIBILITYCHANGE", b"VOLUMECHANGE", b"WAITING", b"WEBGLCONTEXTCHANGED", b"WEBGLCONTEXTCREATIONERROR",
    b"WEBGLCONTEXTLOST", b"WEBGLCONTEXTRESTORED", b"WEBKITANIMATIONEND", b"WEBKITANIMATIONITERATION",
    b"WEBKITANIMATIONSTART", b"WEBKITBEFORETEXTINSERTED", b"WEBKITBEGINFULLSCREEN",
    b"WEBKITCURRENTPLAYBACKTARGETISWIRELESSCHANGED", b"WEBKITENDFULLSCREEN", b"WEBKITFULLSCREENCHANGE",
    b"WEBKITFULLSCREENERROR", b"WEBKITKEYADDED", b"WEBKITKEYERROR", b"WEBKITKEYMESSAGE", b"WEBKITMOUSEFORCECHANGED",
    b"WEBKITMOUSEFORCEDOWN", b"WEBKITMOUSEFORCEUP", b"WEBKITMOUSEFORCEWILLBEGIN", b"WEBKITNEEDKEY",
    b"WEBKITNETWORKINFOCHANGE", b"WEBKITPLAYBACKTARGETAVAILABILITYCHANGED", b"WEBKITPRESENTATIONMODECHANGED",
    b"WEBKITREGIONOVERSETCHANGE", b"WEBKITREMOVESOURCEBUFFER", b"WEBKITSOURCECLOSE", b"WEBKITSOURCEENDED",
    b"WEBKITSOURCEOPEN", b"WEBKITSPEECHCHANGE", b"WEBKITTRANSITIONEND", b"WEBKITWILLREVEALBOTTOM",
    b"WEBKITWILLREVEALLEFT", b"WEBKITWILLREVEALRIGHT", b"WEBKITWILLREVEALTOP", b"WHEEL", b"WRITE", b"ZOOM",
];

/// Events that browsers have and libinjection's list lacks.
const NEWER_EVENTS: &[&[u8]] = &[
    b"AFTERSCRIPTEXECUTE",
    b"BEFOREMATCH",
    b"BEFORESCRIPTEXECUTE",
    b"BEFORETOGGLE",
    b"COMMAND",
    b"CONTENTVISIBILITYAUTOSTATECHANGE",
    b"FORMDATA",
    b"PAGEREVEAL",
    b"PAGESWAP",
    b"POINTERRAWUPDATE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_in_order_and_none_begins_another() {
        assert!(EVENTS.is_sorted());
        assert!(EVENTS.windows(2).all(|pair| !pair[1].starts_with(pair[0])));
    }

    #[test]
    fn attributes_are_dangerous_or_not() {
        let cases: &[(&[u8], Option<Danger>)] = &[
            (b"onload", Some(Danger::Always)),
            (b"OnLoadAnything", Some(Danger::Always)),
            (b"onloa", None),
            (b"onlo\0ad", None),
            (b"oncut", Some(Danger::Always)),
            (b"oncu", None),
            (b"on", None),
            (b"onzoom", Some(Danger::Always)),
            (b"onabort", Some(Danger::Always)),
            (b"onaaaaa", None),
            (b"onBeforeToggle", Some(Danger::Always)),
            (b"onpageswap", Some(Danger::Always)),
            (b"oncomman", None),
            (b"on\xff\xff\xff", None),
            (b"xmlns:x", Some(Danger::Always)),
            (b"xlink:href", Some(Danger::Always)),
            (b"HREF", Some(Danger::Address)),
            (b"h\0ref", Some(Danger::Address)),
            (b"hrefs", None),
            (b"to", Some(Danger::Address)),
            (b"b", None),
            (b"", None),
            (b"attributeName", Some(Danger::NamesAttribute)),
            (b"style", Some(Danger::Always)),
        ];
        for (name, danger) in cases {
            assert_eq!(attribute(name), *danger, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn elements_are_dangerous_or_not() {
        let yes: &[&[u8]] =
            &[b"script", b"ScRiPt", b"\0s\0cript\0", b"svg", b"SVGanything", b"xsl:x", b"xml", b"frameset"];
        let no: &[&[u8]] = &[b"", b"a", b"ba", b"scripts", b"scrip", b"form", b"s\0vg", b"video"];
        assert!(yes.iter().all(|name| is_dangerous_element(name)));
        assert!(!no.iter().any(|name| is_dangerous_element(name)));
    }
}
