//! Durward as a gateway, with the rules in its policy. The contract is checked too, because content that no schema allows
//! for is not read; the schemas allow anything, so that what is refused was refused by a rule.

use super::super::contestants::{self, Contestant};
use super::Rules;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Starts the gateway. A build that knows no firewall is left out, loudly.
pub fn start(rules: &Rules, binary: &Path, place: &Path, upstream: u16) -> Result<Option<Contestant>> {
    let folder = contestants::own_folder(place, &format!("durward {}", rules.name))?;
    let port = contestants::free_port()?;
    std::fs::write(folder.join("orders.json"), CONTRACT)?;
    std::fs::write(folder.join("durward.toml"), policy(rules, port, upstream))?;
    let mut command = Command::new(binary);
    command.current_dir(&folder).args(["run", "--policy", "durward.toml"]);
    match Contestant::start("durward", port, folder, command) {
        Ok(contestant) => Ok(Some(contestant)),
        Err(error) if format!("{error:#}").contains("`firewall`") => {
            println!("SKIPPED (this Durward has no firewall): {error:#}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn policy(rules: &Rules, port: u16, upstream: u16) -> String {
    format!(
        "version = 1\n\n[listen]\nhttp = \"127.0.0.1:{port}\"\nworkers = 1\n\n\
         [api.orders]\nspec = \"orders.json\"\nupstream = {{ url = \"http://127.0.0.1:{upstream}\" }}\n\
         public = [\"listOrders\", \"placeOrder\"]\n\n[flood]\nmode = \"off\"\n\n\
         [firewall]\nmode = \"enforce\"\nrules = [{:?}]\n",
        rules.folder.display().to_string()
    )
}

const CONTRACT: &str = r#"{
  "openapi": "3.1.0",
  "info": {"title": "orders", "version": "1"},
  "security": [],
  "paths": {
    "/api/v1/orders": {
      "get": {
        "operationId": "listOrders",
        "parameters": [
          {"name": "page", "in": "query", "schema": {"type": "string"}}, {"name": "sort", "in": "query", "schema": {"type": "string"}},
          {"name": "status", "in": "query", "schema": {"type": "string"}}, {"name": "id", "in": "query", "schema": {"type": "string"}}
        ],
        "responses": {"200": {"description": "orders"}}
      },
      "post": {
        "operationId": "placeOrder",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {"200": {"description": "placed"}}
      }
    }
  }
}
"#;
