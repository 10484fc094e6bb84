//! The firewall as its users meet it: an API with real flaws behind the gateway, and the tools that find them.

mod sqlmap;

use std::path::Path;

use durward_testkit::{Gateway, GatewayBuilder};

use crate::demo::Demo;

/// A gateway in front of the demo's sample API whose operations need no credential, with this written of the firewall.
fn gateway(demo: &Demo, firewall: &str) -> Gateway {
    let policy = format!(
        "version = 1\n[listen]\nhttp = \"127.0.0.1:0\"\n[flood]\nrate = \"100000/s\"\nburst = 100000\n{firewall}\n\
         [auth.app]\napi_key = {{}}\n[api.shop]\nspec = \"orders.yaml\"\nupstream = {{ url = \"{}\" }}\n\
         public = [\"getHealth\", \"listReviews\", \"searchReviews\", \"previewCard\", \"sendFeedback\"]\n",
        demo.direct
    );
    let builder = GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap();
    builder.file("durward.toml", policy).unwrap().file("orders.yaml", demo.contract()).unwrap().start().unwrap()
}

/// The Core Rule Set as Debian installs it, if it is there.
fn core_rule_set() -> Option<&'static str> {
    const FOLDER: &str = "/usr/share/modsecurity-crs";
    if Path::new(FOLDER).join("owasp-crs.load").exists() {
        return Some(FOLDER);
    }
    println!("SKIPPED (rules missing: the Debian package modsecurity-crs)");
    None
}
