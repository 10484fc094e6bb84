//! Parameter objects to plans.

use std::sync::Arc;

use durward_http::MediaType;
use serde_json::Value;

use super::{Loader, Place};
use crate::parameters::{Plan, Scalar, Style, Test};
use crate::schema::{Key, Shape, Types};
use crate::{In, Parameters, SchemeKind};

impl<'d> Loader<'d> {
    /// The parameters of an operation: its own, and those of its path that it does not replace.
    pub(super) fn parameters(&mut self, path: &Place<'d>, operation: &Place<'d>, names: &[Arc<str>]) -> Parameters {
        let mut plans: Vec<Plan> = Vec::new();
        for owner in [operation, path] {
            let Some(list) = owner.get("parameters") else { continue };
            if !list.value.is_array() {
                self.report.error(&list, "`parameters` is not a list", "write a list of parameters");
            }
            let own = plans.len();
            for written in list.elements() {
                let Some(plan) = self.deref(&written).and_then(|parameter| self.parameter(&parameter)) else {
                    continue;
                };
                let same = |known: &Plan| known.place == plan.place && known.name == plan.name;
                if plans.iter().skip(own).any(same) {
                    self.report.warn(&written, format!("the {} is described twice: the first counts", plan.place()));
                } else if !plans.iter().any(same) {
                    plans.push(plan);
                }
            }
        }
        self.compare_with_template(operation, names, &mut plans);
        let credentials = self.schemes.iter().filter_map(|scheme| match &scheme.kind {
            SchemeKind::ApiKey { place: In::Query, name } => Some(Arc::clone(name)),
            _ => None,
        });
        let credentials: Vec<_> = credentials.filter(|name| !plans.iter().any(|plan| plan.name == *name)).collect();
        let (parameters, refused) = Parameters::new(plans, credentials);
        for plan in refused {
            self.report.warn(operation, format!("not enforced: `{}` is no name of a header", plan.name));
        }
        parameters
    }

    fn compare_with_template(&mut self, operation: &Place<'d>, names: &[Arc<str>], plans: &mut Vec<Plan>) {
        let in_template = |plan: &Plan| plan.place != In::Path || names.contains(&plan.name);
        for plan in plans.iter().filter(|plan| !in_template(plan)) {
            self.report.warn(operation, format!("not enforced: the path has no parameter `{}`", plan.name));
        }
        plans.retain(in_template);
        for name in names {
            if !plans.iter().any(|plan| plan.place == In::Path && plan.name == *name) {
                self.report.warn(operation, format!("not enforced: the path parameter `{name}` is not described"));
            }
        }
    }

    /// One parameter; nothing where the document's words mean nothing, or the specification says to ignore it.
    fn parameter(&mut self, parameter: &Place<'d>) -> Option<Plan> {
        let Some(name) = parameter.text("name").filter(|name| !name.is_empty()) else {
            self.report.error(parameter, "a parameter has no `name`", "write its `name` and its place `in`");
            return None;
        };
        let place = self.place(parameter, name)?;
        if place == In::Header
            && ["accept", "content-type", "authorization"].contains(&name.to_ascii_lowercase().as_str())
        {
            return None;
        }
        let schema = parameter.get("schema");
        let required = place == In::Path || parameter.flag("required");
        let mut plan = Plan {
            name: Arc::from(name),
            place,
            required,
            allow_empty: parameter.flag("allowEmptyValue"),
            style: Style::Opaque,
            explode: false,
            shape: Shape::any(),
            test: Test::Anything,
            proof: None,
        };
        match (schema, parameter.get("content")) {
            (Some(schema), _) => {
                plan.shape = Shape::of(self.files, &schema);
                plan.style = self.style(parameter, &plan);
                let explode = parameter.value.get("explode").and_then(Value::as_bool);
                plan.explode = explode.unwrap_or(plan.style == Style::Form);
                (plan.test, plan.proof) = self.test(&schema, &plan);
            }
            (None, Some(content)) => self.content(&content, &mut plan),
            (None, None) => {
                plan.style = default_style(place);
                self.report.warn(parameter, format!("not enforced: the {} has no schema", plan.place()));
            }
        }
        Some(plan)
    }

    fn place(&mut self, parameter: &Place<'d>, name: &str) -> Option<In> {
        let written = parameter.text("in").unwrap_or_default();
        let lower = written.to_ascii_lowercase();
        let place = match lower.as_str() {
            "path" => In::Path,
            "query" => In::Query,
            "header" => In::Header,
            "cookie" => In::Cookie,
            _ => {
                let help = match lower.as_str() {
                    "body" | "formdata" => "OpenAPI 3 describes content under `requestBody`",
                    _ => "`in` is one of path, query, header, cookie",
                };
                self.report.error(
                    parameter,
                    format!("the parameter `{name}` is in `{written}`, which is no place"),
                    help,
                );
                return None;
            }
        };
        if lower != written {
            self.report.warn(parameter, format!("`in: {written}` is read as `in: {lower}`"));
        }
        Some(place)
    }

    fn style(&mut self, parameter: &Place<'d>, plan: &Plan) -> Style {
        let Some(written) = parameter.value.get("style") else { return default_style(plan.place) };
        let style = match (written.as_str().unwrap_or_default(), plan.place) {
            ("simple", In::Path | In::Header) => Style::Simple,
            ("label", In::Path) => Style::Label,
            ("matrix", In::Path) => Style::Matrix,
            ("form", In::Query | In::Cookie) => Style::Form,
            ("spaceDelimited", In::Query) => Style::Space,
            ("pipeDelimited", In::Query) => Style::Pipe,
            ("deepObject", In::Query) if plan.shape.types.has(Types::OBJECT) || plan.shape.types.has(Types::ARRAY) => {
                Style::Deep
            }
            _ => {
                let message =
                    format!("the {} cannot have the style `{written}`: the usual style is used", plan.place());
                self.report.warn(parameter, message);
                default_style(plan.place)
            }
        };
        // Without separators, items are pairs of their own, as in `form`.
        let explode = parameter.flag("explode");
        if explode && matches!(style, Style::Space | Style::Pipe) { Style::Form } else { style }
    }

    fn test(&mut self, schema: &Place<'d>, plan: &Plan) -> (Test, Option<Key>) {
        // A schema that only refers to another is that other one.
        let is_bare = schema.value.as_object().is_some_and(|map| map.len() == 1 || self.is_old);
        let target = if is_bare { self.files.deref(schema).unwrap_or_else(|_| schema.clone()) } else { schema.clone() };
        let nullable = schema.flag("nullable") && target.pointer != schema.pointer;
        let target = if nullable { schema.clone() } else { target };
        let converted = self.schemas.converted(&target, &mut self.report);
        if converted == Value::Bool(true) || converted.as_object().is_some_and(serde_json::Map::is_empty) {
            let is_deep = matches!(plan.style, Style::Deep);
            return (if is_deep { Test::Schema(self.schemas.check(&target)) } else { Test::Anything }, None);
        }
        let test = match Scalar::of(&converted, || self.schemas.check(&target)) {
            Some(scalar) => Test::Scalar(scalar),
            None => Test::Schema(self.schemas.check(&target)),
        };
        (test, Some(self.schemas.prove(&target)))
    }

    fn content(&mut self, content: &Place<'d>, plan: &mut Plan) {
        let Some((media, written)) = content.members().next() else {
            return self.report.warn(content, format!("not enforced: the {} has no media type", plan.place()));
        };
        if !MediaType::parse(media).is_ok_and(|media| media.is_json()) {
            return self.report.warn(content, format!("not enforced: the {} is `{media}`", plan.place()));
        }
        plan.style = Style::Json;
        if let Some(schema) = written.get("schema") {
            plan.test = Test::Schema(self.schemas.check(&schema));
        }
    }
}

const fn default_style(place: In) -> Style {
    match place {
        In::Path | In::Header => Style::Simple,
        In::Query | In::Cookie => Style::Form,
    }
}
