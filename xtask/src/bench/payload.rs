//! What is sent and what comes back. Both are exactly 1 KiB of JSON, and both are orders.

/// Path of the GET, with a path parameter and a query parameter a contract can check.
pub const GET: &str = "/orders/42?limit=10";

/// Path of the POST.
pub const POST: &str = "/orders";

const SIZE: usize = 1024;

/// An order of 1 KiB.
pub fn order() -> String {
    let items: Vec<String> =
        (1..=12).map(|n| format!(r#"{{"sku":"ABC-{n:04}","quantity":{n},"price":{n}.25}}"#)).collect();
    let head = format!(r#"{{"customer":"c-0001","paid":true,"items":[{}],"note":""#, items.join(","));
    let padding = SIZE.saturating_sub(head.len() + 2);
    format!("{head}{}\"}}", "n".repeat(padding))
}

/// The same with one price that is a string: the contract of the full variant refuses it.
pub fn bad_order() -> String {
    order().replace("12.25", r#""free""#)
}

/// The contract of both Durward variants; `secured` adds the API key.
pub fn contract(secured: bool) -> String {
    let (schemes, security) = if secured {
        (
            r#", "securitySchemes": {"app": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}"#,
            r#""security": [{"app": []}],"#,
        )
    } else {
        ("", r#""security": [],"#)
    };
    let (body, parameters) = if secured { (BODY, PARAMETERS) } else { (ANY_BODY, PATH_ONLY) };
    format!(
        r#"{{
  "openapi": "3.1.0",
  "info": {{"title": "orders", "version": "1"}},
  {security}
  "paths": {{
    "/orders/{{id}}": {{"get": {{"operationId": "readOrder", "parameters": {parameters}, "responses": {{"200": {{"description": "an order"}}}}}}}},
    "/orders": {{"post": {{"operationId": "placeOrder", {body} "responses": {{"200": {{"description": "placed"}}}}}}}}
  }},
  "components": {{"schemas": {{"Order": {ORDER}}}{schemes}}}
}}
"#
    )
}

const BODY: &str = r##""requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},"##;

const ANY_BODY: &str = r#""requestBody": {"content": {"application/json": {}}},"#;

const PATH_ONLY: &str = r#"[{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "limit", "in": "query", "schema": {"type": "string"}}]"#;

const PARAMETERS: &str = r#"[{"name": "id", "in": "path", "required": true, "schema": {"type": "integer", "minimum": 1}}, {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}]"#;

const ORDER: &str = r#"{"type": "object", "additionalProperties": false, "required": ["customer", "items"], "properties": {
    "customer": {"type": "string", "pattern": "^c-[0-9]{4}$"}, "paid": {"type": "boolean"}, "note": {"type": "string", "maxLength": 1000},
    "items": {"type": "array", "minItems": 1, "maxItems": 50, "items": {"type": "object", "additionalProperties": false, "required": ["sku", "quantity", "price"],
      "properties": {"sku": {"type": "string", "maxLength": 20}, "quantity": {"type": "integer", "minimum": 1}, "price": {"type": "number", "minimum": 0}}}}}}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_json_of_one_kibibyte() {
        assert_eq!(order().len(), SIZE);
        assert!(serde_json::from_str::<serde_json::Value>(&order()).is_ok());
        assert!(serde_json::from_str::<serde_json::Value>(&bad_order()).unwrap()["items"][11]["price"].is_string());
        for secured in [true, false] {
            assert!(serde_json::from_str::<serde_json::Value>(&contract(secured)).is_ok(), "{}", contract(secured));
        }
    }
}
