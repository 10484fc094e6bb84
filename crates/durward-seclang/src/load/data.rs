//! Data files: one entry a line, without comments and empty lines.

use std::sync::Arc;

use super::Loader;
use super::source::Site;
use crate::operator::OperatorName;
use crate::syntax::shown;

impl Loader<'_> {
    /// The entries of the files that an argument names, one a line. Equal files are kept once.
    pub(super) fn data(
        &mut self,
        site: &Site<'_>,
        operator: OperatorName,
        argument: &[u8],
    ) -> Result<Arc<[u8]>, String> {
        let names = std::str::from_utf8(argument).map_err(|_| "the name of a file that is not UTF-8".to_owned())?;
        if names.trim().is_empty() {
            return Err(format!("{operator} without the name of a file"));
        }
        let key = (site.folder.to_path_buf(), Box::from(names));
        if let Some(data) = self.data.get(&key) {
            return Ok(Arc::clone(data));
        }
        let mut all = Vec::new();
        for name in names.split_ascii_whitespace() {
            if name.starts_with("http://") || name.starts_with("https://") {
                return Err(format!("`{}` is not a file: nothing is fetched while loading", shown(name.as_bytes())));
            }
            let path = site.folder.join(name);
            let content =
                self.files.read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
            entries(&content, &mut all);
        }
        let data: Arc<[u8]> = all.into();
        self.data.insert(key, Arc::clone(&data));
        Ok(data)
    }
}

/// Keeps the lines that are entries. White space around an entry belongs to it (`Call to private ` is one of CRS's), as in
/// libmodsecurity; only the end of the line does not.
fn entries(content: &[u8], out: &mut Vec<u8>) {
    for line in content.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let trimmed = line.trim_ascii_start();
        if !trimmed.is_empty() && !trimmed.starts_with(b"#") {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_are_no_entries() {
        let mut out = Vec::new();
        entries(b"# note\n\n a \r\n  # note\nb#c\n\t\nd", &mut out);
        assert_eq!(out, b" a \nb#c\nd\n");
    }
}
