//! The four requests: those of the example `cost`, so that engine and gateway are measured with the same.

use super::load;

/// A request, read.
pub struct Request {
    pub name: &'static str,
    pub method: &'static str,
    pub target: &'static str,
    pub fields: Vec<(&'static str, &'static str)>,
    pub content: &'static str,
    /// Whether the rules refuse it.
    pub refused: bool,
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../../../crates/durward-seclang/examples/cost/requests/", $name, ".http"))
    };
}

const REQUESTS: [(&str, &str, bool); 4] = [
    ("get", file!("get"), false),
    ("json-1k", file!("json-1k"), false),
    ("json-16k", file!("json-16k"), false),
    ("sqli", file!("sqli"), true),
];

/// All of them.
pub fn requests() -> impl Iterator<Item = Request> {
    REQUESTS.into_iter().filter_map(|(name, text, refused)| {
        let (head, content) = text.split_once("\n\n")?;
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let fields = lines.filter_map(|line| line.split_once(": ")).collect();
        Some(Request { name, method, target, fields, content, refused })
    })
}

impl Request {
    /// The fields as lines, without those that [`super::answer::ask`] writes itself.
    pub fn fields_but_framing(&self) -> String {
        let own = ["Host", "Content-Type", "Content-Length"];
        let fields = self.fields.iter().filter(|(name, _)| !own.contains(name));
        fields.map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }

    /// The content with an attack in its last text, which whoever reads all of it refuses.
    pub fn attack(&self) -> Option<String> {
        let (before, rest) = self.content.rsplit_once("\"name\": \"")?;
        let (_, after) = rest.split_once('"')?;
        Some(format!("{before}\"name\": \"1' UNION SELECT username,password FROM users-- -\"{after}"))
    }

    /// The request for wrk, which counts the content itself.
    pub fn lua(&self) -> String {
        let mut script = format!("wrk.method = \"{}\"\nwrk.path = \"{}\"\n", self.method, self.target);
        for (name, value) in self.fields.iter().filter(|(name, _)| *name != "Content-Length") {
            script += &format!("wrk.headers[\"{name}\"] = \"{value}\"\n");
        }
        if !self.content.is_empty() {
            script += &format!("wrk.body = [==[{}]==]\n", self.content);
        }
        script + load::FIGURES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_what_they_are_called() {
        let sizes: Vec<_> = requests().map(|it| (it.name, it.content.len(), it.fields.len(), it.refused)).collect();
        assert_eq!(
            sizes,
            [("get", 0, 9, false), ("json-1k", 1024, 11, false), ("json-16k", 16384, 11, false), ("sqli", 0, 9, true)]
        );
        for request in requests().filter(|request| !request.content.is_empty()) {
            assert!(serde_json::from_str::<serde_json::Value>(request.content).is_ok(), "{}", request.name);
            let attack = request.attack().unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(&attack).is_ok() && attack.contains("UNION"), "{attack}");
            assert!(request.lua().contains(request.content) && !request.lua().contains("Content-Length"));
        }
    }
}
