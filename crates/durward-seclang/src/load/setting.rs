//! Directives that change the settings.

use std::sync::Arc;

use super::directive::Setting;
use super::source::Site;
use super::value::{engine_mode, limit_action, number, number_between, switch, utf8};
use super::{Loader, one};
use crate::syntax::{Fault, Word, shown};
use crate::transform::UnicodeMap;

impl Loader<'_> {
    pub(super) fn set(&mut self, site: &Site<'_>, setting: Setting, arguments: &[Word<'_>]) -> Result<(), Fault> {
        match (setting, arguments) {
            (Setting::ResponseBodyMimeTypesClear, []) => {
                self.response_types_set = true;
                self.settings.response_body_types.clear();
                return Ok(());
            }
            (Setting::ResponseBodyMimeTypesClear, [more, ..]) => return Err(Fault::new(more.at, "it takes no value")),
            (Setting::ResponseBodyMimeType, [_, ..]) => return self.set_response_types(arguments),
            (Setting::UnicodeMapFile, [file, page]) => return self.set_unicode_map(site, file, page),
            (Setting::UnicodeMapFile, _) => return Err(Fault::new(0, "it is written as file, then code page")),
            _ => {}
        }
        let word = one(arguments)?;
        self.set_value(setting, &word.text()).map_err(|message| Fault::new(word.at, message))
    }

    fn set_value(&mut self, setting: Setting, value: &[u8]) -> Result<(), String> {
        let settings = &mut self.settings;
        match setting {
            Setting::ArgumentSeparator => match value {
                [separator] => settings.argument_separator = *separator,
                _ => return Err(format!("`{}` is not one character", shown(value))),
            },
            Setting::ArgumentsLimit => settings.arguments_limit = small(value)?,
            Setting::CollectionTimeout => settings.collection_timeout = number(value)?,
            Setting::ComponentSignature => settings.components.push(utf8(value)?),
            Setting::PcreMatchLimit => settings.backtrack_limit = small(value)?,
            Setting::RequestBodyAccess => settings.request_body_access = switch(value)?,
            Setting::RequestBodyJsonDepthLimit => settings.json_depth_limit = small(value)?,
            Setting::RequestBodyLimit => settings.request_body_limit = number(value)?,
            Setting::RequestBodyLimitAction => settings.request_body_limit_action = limit_action(value)?,
            Setting::RequestBodyNoFilesLimit => settings.request_body_no_files_limit = number(value)?,
            Setting::ResponseBodyAccess => settings.response_body_access = switch(value)?,
            Setting::ResponseBodyLimit => settings.response_body_limit = number(value)?,
            Setting::ResponseBodyLimitAction => settings.response_body_limit_action = limit_action(value)?,
            Setting::RuleEngine => settings.engine = engine_mode(value)?,
            Setting::UploadFileLimit => settings.upload_file_limit = small(value)?,
            Setting::WebAppId => settings.web_app_id = Some(utf8(value)?),
            Setting::ResponseBodyMimeType | Setting::ResponseBodyMimeTypesClear | Setting::UnicodeMapFile => {}
        }
        Ok(())
    }

    /// `SecResponseBodyMimeType text/plain text/html`: each use adds to what there was, the first one to nothing.
    fn set_response_types(&mut self, arguments: &[Word<'_>]) -> Result<(), Fault> {
        let mut types = Vec::new();
        for word in arguments {
            let text = utf8(&word.text()).map_err(|message| Fault::new(word.at, message))?;
            types.extend(text.split_ascii_whitespace().map(|kind| Box::from(kind.to_ascii_lowercase())));
        }
        if !std::mem::replace(&mut self.response_types_set, true) {
            self.settings.response_body_types.clear();
        }
        self.settings.response_body_types.extend(types);
        Ok(())
    }

    /// `SecUnicodeMapFile FILE CODEPAGE`.
    fn set_unicode_map(&mut self, site: &Site<'_>, file: &Word<'_>, page: &Word<'_>) -> Result<(), Fault> {
        let fault = |message| Fault::new(file.at, message);
        let codepage = small(&page.text()).map_err(|message| Fault::new(page.at, message))?;
        let path = site.folder.join(&*utf8(&file.text()).map_err(fault)?);
        let content =
            self.files.read(&path).map_err(|error| fault(format!("cannot read `{}`: {error}", path.display())))?;
        let map = UnicodeMap::parse(&content, codepage).map_err(|error| fault(error.to_string()))?;
        self.settings.unicode_map = Some(Arc::new(map));
        Ok(())
    }
}

fn small(value: &[u8]) -> Result<u32, String> {
    let number = number_between(value, 0, u64::from(u32::MAX))?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}
