//! Request bodies.

use std::sync::Arc;

use durward_http::{MediaRange, MediaType};
use serde_json::Value;

use super::{Loader, Place};
use crate::body::{BodySchema, Field, Fields, Written};
use crate::parameters::Separator;
use crate::schema::{Shape, Types};
use crate::{BodyContract, BodyKind, BodyMedia};

impl<'d> Loader<'d> {
    /// What content an operation takes.
    pub(super) fn body(&mut self, operation: &Place<'d>) -> Option<BodyContract> {
        let written = operation.get("requestBody")?;
        let body = self.deref(&written)?;
        let Some(content) = body.get("content") else {
            self.report.error(
                &body,
                "a request body has no `content`",
                "write `content: { application/json: { schema: ... } }`",
            );
            return None;
        };
        let mut media = Vec::new();
        for (name, written) in content.members() {
            self.media(name, &written, &mut media);
        }
        if media.is_empty() {
            self.report.warn(&content, "a request body names no media type: no content is let in");
        }
        Some(BodyContract { required: body.flag("required"), media })
    }

    fn media(&mut self, name: &str, written: &Place<'d>, media: &mut Vec<BodyMedia>) {
        let range = match MediaRange::parse(name.trim()) {
            Ok(range) => range,
            Err(problem) => {
                return self.report.warn(written, format!("`{name}` is never accepted: {problem}"));
            }
        };
        let one = MediaType::parse(name.trim()).ok().filter(|_| !name.contains('*')).map(|media| BodyKind::of(&media));
        let schema = written.get("schema").filter(|schema| !is_empty(schema.value));
        for kind in BodyKind::ALL {
            if one.is_some_and(|one| one != kind) {
                continue;
            }
            let checked =
                schema.as_ref().and_then(|schema| self.body_schema(kind, name, one.is_some(), schema, written));
            if one.is_none() && checked.is_none() && schema.as_ref().is_some_and(|schema| self.needs_reading(schema)) {
                // Whoever may choose a media type that is not checked is not checked at all.
                let message =
                    format!("`{name}` takes only JSON, forms and text: nothing else can be held to its schema");
                self.report.warn(written, message);
                continue;
            }
            media.push(BodyMedia { range: range.clone(), kind, schema: checked, proven: Arc::default() });
        }
    }

    /// Whether any bytes at all are not what a schema asks for.
    fn needs_reading(&self, schema: &Place<'d>) -> bool {
        let shape = Shape::of(self.files, schema);
        !shape.binary && shape.types != Types::STRING
    }

    fn body_schema(
        &mut self,
        kind: BodyKind,
        name: &str,
        is_one: bool,
        schema: &Place<'d>,
        written: &Place<'d>,
    ) -> Option<BodySchema> {
        let shape = Shape::of(self.files, schema);
        if kind == BodyKind::Opaque {
            // Any bytes are what `format: binary` asks for.
            if is_one && !(shape.binary || shape.types == Types::STRING) {
                self.report.warn(schema, format!("not enforced: the schema of `{name}`, which is not read"));
            }
            return None;
        }
        if kind == BodyKind::Text && !shape.types.has_scalar() {
            return None;
        }
        let is_form = matches!(kind, BodyKind::Form | BodyKind::Multipart);
        if !is_one && is_form && !shape.types.has(Types::OBJECT) {
            return None;
        }
        let fields = if is_form { self.fields(written) } else { Fields::default() };
        let (check, proof) = (self.schemas.check(schema), self.schemas.prove(schema));
        Some(BodySchema { check, proof, shape, fields })
    }

    fn fields(&mut self, written: &Place<'d>) -> Fields {
        let mut fields = Fields::default();
        let Some(encoding) = written.get("encoding") else { return fields };
        for (name, encoding) in encoding.members() {
            let style = encoding.text("style");
            let explode = encoding.value.get("explode").and_then(Value::as_bool);
            let mut media = Vec::new();
            for range in encoding.text("contentType").unwrap_or_default().split(',').map(str::trim) {
                match MediaRange::parse(range) {
                    Ok(range) => media.push(range),
                    Err(_) if range.is_empty() => {}
                    Err(problem) => {
                        self.report.warn(&encoding, format!("not enforced: `contentType: {range}`: {problem}"))
                    }
                }
            }
            let is_json = |range: &MediaRange| MediaType::parse(&range.to_string()).is_ok_and(|media| media.is_json());
            let written = match (style, explode) {
                (Some("form") | None, Some(false)) => Written::Separated(Separator::Comma),
                (Some("spaceDelimited"), _) => Written::Separated(Separator::Space),
                (Some("pipeDelimited"), _) => Written::Separated(Separator::Pipe),
                (Some("form" | "deepObject"), _) => Written::Usual,
                (None, _) if !media.is_empty() && media.iter().all(is_json) => Written::Json,
                (None, _) => Written::Usual,
                (Some(other), _) => {
                    self.report
                        .warn(&encoding, format!("fields cannot have the style `{other}`: the usual style is used"));
                    Written::Usual
                }
            };
            if encoding.get("headers").is_some() {
                self.report.warn(&encoding, "not enforced: `headers` of parts");
            }
            fields.named.push((name.to_owned(), Field { written, media }));
        }
        fields
    }
}

/// A schema that everything is valid against.
fn is_empty(schema: &Value) -> bool {
    matches!(schema, Value::Bool(true)) || schema.as_object().is_some_and(serde_json::Map::is_empty)
}
