//! What content an operation takes, and how it is held to it.

mod fields;

use std::sync::Arc;

use durward_http::json::Document;
use durward_http::multipart::Part;
use durward_http::{MediaRange, MediaType};

use crate::parameters::{Encoding, Reading};
use crate::schema::{Check, Forest, Instance, Key, Shape};
use crate::{ProvenContent, Violation};

pub(crate) use fields::{Field, Fields, Written};

/// The content of an operation.
#[derive(Debug)]
pub struct BodyContract {
    pub(crate) required: bool,
    pub(crate) media: Vec<BodyMedia>,
}

/// The content of one media type. A range such as `*/*` stands here once for each way content is read.
#[derive(Debug)]
pub struct BodyMedia {
    pub(crate) range: MediaRange,
    pub(crate) kind: BodyKind,
    pub(crate) schema: Option<BodySchema>,
    pub(crate) proven: Arc<ProvenContent>,
}

/// What content is held to.
#[derive(Debug, Clone)]
pub(crate) struct BodySchema {
    pub(crate) check: Check,
    /// What the values of it are in the [`Forest`].
    pub(crate) proof: Key,
    pub(crate) shape: Shape,
    pub(crate) fields: Fields,
}

/// How content is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// JSON.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// Plain text.
    Text,
    /// Anything else: not read.
    Opaque,
}

impl BodyKind {
    /// All kinds.
    pub(crate) const ALL: [Self; 5] = [Self::Json, Self::Form, Self::Multipart, Self::Text, Self::Opaque];

    /// The kind of a media type.
    #[must_use]
    pub fn of(media: &MediaType) -> Self {
        match media.essence() {
            _ if media.is_json() => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Multipart,
            "text/plain" => Self::Text,
            _ => Self::Opaque,
        }
    }
}

impl BodyContract {
    /// Whether there must be content.
    #[must_use]
    pub const fn required(&self) -> bool {
        self.required
    }

    /// What the document says of a media type; the narrowest range that takes it counts.
    #[must_use]
    pub fn select(&self, media: &MediaType) -> Option<&BodyMedia> {
        let kind = BodyKind::of(media);
        let fitting = self.media.iter().filter(|body| body.kind == kind && body.range.matches(media));
        fitting.max_by_key(|body| body.range.specificity())
    }

    /// The media types it takes, for messages: `application/json or text/plain`.
    #[must_use]
    pub fn accepts(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        for body in &self.media {
            let name = body.range.to_string();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() { "no content".to_owned() } else { names.join(" or ") }
    }

    /// All media types of the document.
    pub fn media(&self) -> impl Iterator<Item = &BodyMedia> {
        self.media.iter()
    }
}

/// The place of a body in words.
const PLACE: &str = "body";

impl BodyMedia {
    /// The media types it is for.
    #[must_use]
    pub const fn range(&self) -> &MediaRange {
        &self.range
    }

    /// How it is read.
    #[must_use]
    pub const fn kind(&self) -> BodyKind {
        self.kind
    }

    /// Whether the document has a schema for it that is checked.
    #[must_use]
    pub const fn has_schema(&self) -> bool {
        self.schema.is_some()
    }

    /// Whether it may pass unread: there is nothing to check.
    #[must_use]
    pub const fn streams(&self) -> bool {
        !self.has_schema()
    }

    /// What in it holds nothing but what cannot be an attack, once it passed the check.
    #[must_use]
    pub const fn proven(&self) -> &Arc<ProvenContent> {
        &self.proven
    }

    /// Takes up what validation proves.
    pub(crate) fn prove(&mut self, forest: &Arc<Forest>) {
        let Some((schema, root)) = self.schema.as_ref().and_then(|schema| Some((schema, forest.root(schema.proof)?)))
        else {
            return;
        };
        self.proven = Arc::new(match self.kind {
            BodyKind::Json => ProvenContent::document(forest, root),
            BodyKind::Form | BodyKind::Multipart => ProvenContent::fields(&fields::proven(schema, forest, root)),
            BodyKind::Text | BodyKind::Opaque => return,
        });
    }

    /// Holds JSON to the schema.
    #[must_use]
    pub fn check_json(&self, document: &Document) -> Vec<Violation> {
        let Some(schema) = &self.schema else { return Vec::new() };
        schema.check.violations(Instance::Json(document.root()), PLACE)
    }

    /// Holds a form to the schema; names and values are decoded.
    #[must_use]
    pub fn check_form(&self, pairs: &[(String, String)]) -> Vec<Violation> {
        let Some(schema) = &self.schema else { return Vec::new() };
        fields::check_form(schema, pairs)
    }

    /// Holds a multipart form to the schema. `body` is what the parts were cut from.
    #[must_use]
    pub fn check_multipart(&self, parts: &[Part], body: &[u8]) -> Vec<Violation> {
        let Some(schema) = &self.schema else { return Vec::new() };
        fields::check_multipart(schema, parts, body)
    }

    /// Holds plain text to the schema.
    #[must_use]
    pub fn check_text(&self, text: &str) -> Vec<Violation> {
        let Some(schema) = &self.schema else { return Vec::new() };
        if schema.check.is_valid(Instance::Text(text)) {
            return Vec::new();
        }
        let reading = Reading { encoding: Encoding::Plain, guess: true };
        match reading.scalar(text, schema.shape.types) {
            Some(value) => schema.check.violations(Instance::Built(&value), PLACE),
            None => schema.check.violations(Instance::Text(text), PLACE),
        }
    }
}
