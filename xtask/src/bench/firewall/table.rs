//! Medians and ratios.

use super::request::requests;
use anyhow::{Result, bail};
use std::collections::BTreeMap;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// nginx without rules.
    Nginx,
    /// nginx with libmodsecurity.
    Peer,
    /// Durward.
    Gateway,
    /// Durward's engine alone.
    Engine,
}

/// CPU microseconds for each request, by rule set, request and column.
#[derive(Default)]
pub struct Table {
    samples: BTreeMap<(&'static str, &'static str, Column), Vec<f64>>,
}

impl Table {
    pub fn add(&mut self, rules: &'static str, request: &'static str, column: Column, micros: f64) {
        self.samples.entry((rules, request, column)).or_default().push(micros);
    }

    /// In Markdown that is also readable in a terminal.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "\nCPU µs for each request. The ratios: nginx + libmodsecurity to Durward, and libmodsecurity alone (without what nginx \
             costs) to Durward's engine alone.\n\n\
             | rules     | request  |  nginx | nginx + libmodsecurity |  durward |  ratio | libmodsecurity alone | engine alone |  ratio |\n\
             |-----------|----------|-------:|-----------------------:|---------:|-------:|---------------------:|-------------:|-------:|\n",
        );
        for (rules, request) in self.rows() {
            let of = |column| self.median(rules, request, column);
            let (nginx, peer, gateway, engine) =
                (of(Column::Nginx), of(Column::Peer), of(Column::Gateway), of(Column::Engine));
            text += &format!(
                "| {rules:<9} | {request:<8} | {} | {} | {} | {} | {} | {} | {} |\n",
                cell(nginx, 6),
                cell(peer, 22),
                cell(gateway, 8),
                cell(ratio(peer, gateway), 6),
                cell(alone(peer, nginx), 20),
                cell(engine, 12),
                cell(ratio(alone(peer, nginx), engine), 6),
            );
        }
        text
    }

    /// Fails where Durward's engine does not use so many times less CPU.
    pub fn must_reach(&self, goal: f64) -> Result<()> {
        for (rules, request) in self.rows() {
            let of = |column| self.median(rules, request, column);
            match ratio(alone(of(Column::Peer), of(Column::Nginx)), of(Column::Engine)) {
                Some(ratio) if ratio >= goal => {}
                Some(ratio) => {
                    bail!("{rules}, {request}: {ratio:.1} times less CPU than libmodsecurity, the goal is {goal}")
                }
                None => bail!("{rules}, {request}: not measured"),
            }
        }
        Ok(())
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let mut sets: Vec<&'static str> = self.samples.keys().map(|(rules, ..)| *rules).collect();
        sets.dedup();
        sets.into_iter().flat_map(|rules| requests().map(move |request| (rules, request.name)))
    }

    fn median(&self, rules: &'static str, request: &'static str, column: Column) -> Option<f64> {
        let mut values = self.samples.get(&(rules, request, column))?.clone();
        values.sort_by(f64::total_cmp);
        values.get((values.len() - 1) / 2).copied()
    }
}

fn alone(with: Option<f64>, without: Option<f64>) -> Option<f64> {
    Some(with? - without?)
}

fn ratio(theirs: Option<f64>, ours: Option<f64>) -> Option<f64> {
    Some(theirs? / ours?)
}

fn cell(figure: Option<f64>, width: usize) -> String {
    figure.map_or_else(|| format!("{:>width$}", "-"), |figure| format!("{figure:>width$.1}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_medians() {
        let mut table = Table::default();
        for request in requests() {
            for micros in [110.0, 2010.0, 1010.0] {
                table.add("CRS", request.name, Column::Peer, micros);
            }
            table.add("CRS", request.name, Column::Nginx, 10.0);
            table.add("CRS", request.name, Column::Engine, 40.0);
        }
        assert!(table.text().contains("25.0") && table.text().contains(" - "));
        assert!(table.must_reach(20.0).is_ok());
        assert!(table.must_reach(30.0).is_err());
    }
}
