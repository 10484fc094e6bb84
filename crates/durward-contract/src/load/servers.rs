//! The base paths of servers. Hosts do not matter: the gateway stands before them.

use serde_json::Value;

use super::{Loader, Place};

/// More servers than this are not looked at for one operation.
const MOST_SERVERS: usize = 64;

impl<'d> Loader<'d> {
    /// The base paths that hold for something: of its own servers, or else those around it.
    pub(super) fn base_paths(&mut self, owner: &Place<'d>, around: &[String]) -> Vec<String> {
        let servers: Vec<_> = owner.get("servers").iter().flat_map(Place::elements).take(MOST_SERVERS).collect();
        if servers.is_empty() {
            return around.to_vec();
        }
        let mut paths = Vec::new();
        for server in servers {
            if let Some(path) = self.base_path(&server)
                && !paths.contains(&path)
            {
                paths.push(path);
            }
        }
        paths
    }

    fn base_path(&mut self, server: &Place<'d>) -> Option<String> {
        let Some(url) = server.text("url") else {
            self.report.error(server, "a server has no `url`", "write `url: /` where the API is at the root");
            return None;
        };
        let mut text = String::new();
        let mut rest = url;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            let variable = server.get("variables").and_then(|variables| variables.get(name));
            match variable.as_ref().and_then(|variable| variable.value.get("default")) {
                Some(Value::String(default)) => text.push_str(default),
                Some(Value::Number(default)) => text.push_str(&default.to_string()),
                _ => {
                    let message = format!("the server variable `{name}` has no default");
                    // In the host it does not matter what it is.
                    if before.contains("://") && !after_authority(&text).is_empty() || tail.is_empty() && rest == url {
                        self.report.error(
                            server,
                            message,
                            format!("write `variables: {{ {name}: {{ default: ... }} }}`"),
                        );
                        return None;
                    }
                    text.push_str("unknown");
                    self.report.warn(server, message);
                }
            }
            rest = tail;
        }
        text.push_str(rest);
        Some(path_of(&text))
    }
}

fn after_authority(url: &str) -> &str {
    let rest = url.split_once("://").map(|(_, rest)| rest).or_else(|| url.strip_prefix("//"));
    match rest {
        Some(rest) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
        None => url,
    }
}

fn path_of(url: &str) -> String {
    let path = after_authority(url.trim());
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches("./").trim_matches('/');
    if path.is_empty() || path == "." { String::new() } else { format!("/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (url, expected) in [
            ("https://api.example.com", ""),
            ("https://api.example.com/", ""),
            ("https://api.example.com/v1", "/v1"),
            ("https://api.example.com:8443/v1/", "/v1"),
            ("//api.example.com/v1", "/v1"),
            ("/", ""),
            ("/v1", "/v1"),
            ("v1", "/v1"),
            ("./v1", "/v1"),
            (".", ""),
            ("", ""),
            ("http://x/a/b?c=d#e", "/a/b"),
        ] {
            assert_eq!(path_of(url), expected, "{url}");
        }
    }
}
