//! How proofs look on a terminal, and the lines to go on with.

use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use super::judge::Finding;
use super::{GapState, Proof, ProofResult};

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Bare text: for files and pipes.
    #[default]
    Plain,
    /// ANSI colours: for terminals.
    Colored,
}

/// A role that has a colour.
#[derive(Clone, Copy)]
enum Ink {
    Good,
    Bad,
    Open,
    Title,
    Faint,
}

/// Text in a colour, if colours are used.
struct Inked<'a>(Style, Ink, &'a str);

impl fmt::Display for Inked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(style, ink, text) = *self;
        let code = match ink {
            Ink::Good => "1;32",
            Ink::Bad => "1;37;41",
            Ink::Open => "1;33",
            Ink::Title => "1",
            Ink::Faint => "2",
        };
        match style {
            Style::Plain => f.write_str(text),
            Style::Colored => write!(f, "\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// The page that the proofs are written on.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    style: Style,
}

impl<'a> Page<'a> {
    pub(super) const fn new(out: &'a mut dyn Write, style: Style) -> Self {
        Self { out, style }
    }

    pub(super) fn heading(&mut self) -> io::Result<()> {
        let note = self.ink(Ink::Faint, "Each request is sent twice: to the API alone, and through Durward.");
        writeln!(self.out, "{note}\n")
    }

    pub(super) fn proof(&mut self, number: usize, proof: &Proof, alone: &Finding, through: &Finding) -> io::Result<()> {
        self.title(number, proof.title, alone.holds && through.holds)?;
        let mut request = format!("{} {}", proof.ask.method(), proof.ask.target);
        for (name, value) in proof.ask.headers {
            request.push_str(&format!("  {name}: {value}"));
        }
        if let Some(json) = proof.ask.json {
            request.push_str(&format!("  {json}"));
        }
        let request = line(&request, WIDTH - 8);
        let request = self.ink(Ink::Faint, &request);
        writeln!(self.out, "        {request}")?;
        self.side("alone  ", alone)?;
        self.side("durward", through)?;
        writeln!(self.out)?;
        self.out.flush()
    }

    pub(super) fn why(&mut self, number: usize, title: &str, explained: &Finding) -> io::Result<()> {
        self.title(number, title, explained.holds)?;
        if let Some(id) = &explained.request_id {
            let command = format!("durward why {id}");
            let command = self.ink(Ink::Faint, &command);
            writeln!(self.out, "        {command}")?;
        }
        for text in explained.said.lines() {
            writeln!(self.out, "        {}", clean(text))?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }

    pub(super) fn gaps(&mut self, gaps: &[(&str, GapState)]) -> io::Result<()> {
        for (title, state) in gaps {
            let (ink, mark) = match state {
                GapState::Open => (Ink::Open, "open   "),
                GapState::Closed => (Ink::Good, "closed "),
                GapState::Unclear => (Ink::Bad, "unclear"),
            };
            let mark = self.ink(ink, mark);
            writeln!(self.out, "{mark} {title}")?;
        }
        writeln!(self.out)
    }

    pub(super) fn summary(&mut self, results: &[ProofResult]) -> io::Result<()> {
        let failed: Vec<String> =
            results.iter().filter(|result| !result.passed).map(|result| result.number.to_string()).collect();
        let (ink, text) = if failed.is_empty() {
            (Ink::Good, format!("all {} proofs hold", results.len()))
        } else {
            (Ink::Bad, format!("{} OF {} PROOFS FAILED: {}", failed.len(), results.len(), failed.join(", ")))
        };
        let text = self.ink(ink, &text);
        writeln!(self.out, "{text}\n")?;
        self.out.flush()
    }

    fn title(&mut self, number: usize, title: &str, holds: bool) -> io::Result<()> {
        let mark = if holds { self.ink(Ink::Good, "ok  ") } else { self.ink(Ink::Bad, "FAIL") };
        let title = self.ink(Ink::Title, title);
        writeln!(self.out, "{mark} {number:>2} {title}")
    }

    fn side(&mut self, name: &str, finding: &Finding) -> io::Result<()> {
        let status = finding.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
        // A failure is shown at length: it has to be understood.
        let said = if finding.holds { line(&finding.said, WIDTH - 22) } else { clean(&finding.said) };
        let said = self.ink(if finding.holds { Ink::Title } else { Ink::Bad }, &said);
        writeln!(self.out, "        {name}  {status}  {said}")
    }

    const fn ink<'t>(&self, ink: Ink, text: &'t str) -> Inked<'t> {
        Inked(self.style, ink, text)
    }
}

/// Text for one line: no control characters, not too long.
fn line(text: &str, width: usize) -> String {
    if text.chars().nth(width).is_none() {
        return clean(text);
    }
    let short: String = clean(text).chars().take(width.saturating_sub(3)).collect();
    format!("{short}...")
}

/// Text without control characters, so that an answer cannot write on the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Lines to paste into a shell.
#[derive(Debug, Clone, Copy)]
pub struct CurlLines<'a> {
    /// The gateway.
    pub gateway: SocketAddr,
    /// Its certificate as a PEM file.
    pub certificate: &'a Path,
    /// A valid API key.
    pub api_key: &'a str,
    /// A valid access token, if there is one.
    pub token: Option<&'a str>,
    /// The sample API itself.
    pub direct: SocketAddr,
}

impl fmt::Display for CurlLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = format!("https://localhost:{}", self.gateway.port());
        let trust = format!("--cacert {}", shell(&self.certificate.to_string_lossy()));
        let key = format!("-H {}", shell(&format!("X-API-Key: {}", self.api_key)));
        let json = "-H 'Content-Type: application/json'";
        writeln!(f, "# through Durward")?;
        writeln!(f, "curl -i {trust} {key} '{base}/v1/products?search=kettle'")?;
        writeln!(f, "curl -i {trust} '{base}/v1/orders/1001'")?;
        writeln!(f, "curl -i {trust} {key} {json} -d '{{\"productId\":1,\"quantity\":\"two\"}}' '{base}/v1/orders'")?;
        writeln!(f, "curl -i {trust} {key} '{base}/v1/reviews?author=%27%20OR%201=1--'")?;
        writeln!(f, "curl -i {trust} {key} --path-as-is '{base}/v1/orders/..%2f..%2f..%2finternal%2fconfig'")?;
        writeln!(f, "curl -N {trust} {key} '{base}/v1/events'")?;
        if let Some(token) = self.token {
            writeln!(f, "curl -i {trust} -H {} '{base}/v1/me'", shell(&format!("Authorization: Bearer {token}")))?;
        }
        writeln!(f, "# the API alone, with its flaws")?;
        writeln!(f, "curl -i 'http://{}/v1/reviews?author=%27%20OR%201=1--'", self.direct)?;
        writeln!(f, "curl -i 'http://{}/v1/orders/1007'", self.direct)
    }
}

/// Quotes for a POSIX shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The width of the page.
const WIDTH: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_cannot_write_on_the_terminal() {
        assert_eq!(line("a\x1b[2Jb\r\nc", 20), "a [2Jb  c");
        for (length, expected) in [(10, 10), (20, 20), (21, 20), (200, 20)] {
            assert_eq!(line(&"x".repeat(length), 20).len(), expected);
        }
    }

    #[test]
    fn curl_lines_are_quoted() {
        let lines = CurlLines {
            gateway: ([127, 0, 0, 1], 8443).into(),
            certificate: Path::new("it's here/localhost.pem"),
            api_key: "k",
            token: Some("t"),
            direct: ([127, 0, 0, 1], 9000).into(),
        };
        let text = lines.to_string();
        assert!(text.contains(r"--cacert 'it'\''s here/localhost.pem' -H 'X-API-Key: k'"), "{text}");
        assert!(text.contains("https://localhost:8443/v1/me"), "{text}");
    }
}
