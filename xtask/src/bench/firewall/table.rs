//! The best of each contestant's rounds, and ratios. Noise only ever adds, and it is the same statistic for all.

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
             costs) to Durward's engine alone. Engines alone are not quite alike: libmodsecurity's figure was taken while wrk and the \
             upstream kept the other core busy, the engine's while nothing else ran.\n\n\
             | rules     | request  |  nginx | nginx + libmodsecurity |  durward |  ratio | libmodsecurity alone | engine alone |  ratio |\n\
             |-----------|----------|-------:|-----------------------:|---------:|-------:|---------------------:|-------------:|-------:|\n",
        );
        for (rules, request) in self.rows() {
            let of = |column| self.best(rules, request, column);
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

    /// Fails where Durward does not use so many times less CPU; where the gateway was not measured, its engine.
    pub fn must_reach(&self, goal: f64) -> Result<()> {
        for (rules, request) in self.rows() {
            let of = |column| self.best(rules, request, column);
            let whole = ratio(of(Column::Peer), of(Column::Gateway));
            match whole.or_else(|| ratio(alone(of(Column::Peer), of(Column::Nginx)), of(Column::Engine))) {
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

    fn best(&self, rules: &'static str, request: &'static str, column: Column) -> Option<f64> {
        self.samples.get(&(rules, request, column))?.iter().copied().min_by(f64::total_cmp)
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
    fn ratios_are_of_the_best() {
        let mut table = Table::default();
        for request in requests() {
            for micros in [1110.0, 2010.0, 1010.0] {
                table.add("CRS", request.name, Column::Peer, micros);
            }
            table.add("CRS", request.name, Column::Nginx, 10.0);
            table.add("CRS", request.name, Column::Engine, 40.0);
        }
        assert!(table.text().contains("25.0") && table.text().contains(" - "));
        assert!(table.must_reach(20.0).is_ok());
        assert!(table.must_reach(30.0).is_err());
        for request in requests() {
            table.add("CRS", request.name, Column::Gateway, 101.0);
        }
        assert!(
            table.must_reach(10.0).is_ok() && table.must_reach(11.0).is_err(),
            "the gateway counts where it is measured"
        );
    }
}
