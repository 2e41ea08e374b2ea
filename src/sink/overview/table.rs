//! A table in strace's manner: titles, dashes, rows, dashes, the total.

use super::column::{Column, Labels, Style};
use super::stats::Stats;
use std::cmp::Reverse;

/// Rows in the order of the calls' numbers.
#[derive(Default)]
pub(super) struct Table {
    pub rows: Vec<(Labels, Stats)>,
    /// Whether rows have a wait class.
    pub classes: bool,
    /// What [`Column::Name`] is called; empty: as usual.
    pub name: &'static str,
}

impl Table {
    /// All rows together.
    pub fn total(&self) -> Stats {
        let mut all = Stats::default();
        for (_, stats) in &self.rows {
            all.merge(stats);
        }
        all
    }

    /// As text; nothing if there are no rows.
    pub fn text(mut self, style: &Style) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        self.sort(style.sort);
        let all = self.total();
        let columns: Vec<Column> = match &style.columns {
            Some(columns) => columns.clone(),
            None => Column::USUAL.to_vec(),
        };
        let columns: Vec<Column> = columns
            .into_iter()
            .filter(|c| *c != Column::Class || self.classes)
            .filter(|c| *c != Column::Uncertain || all.sampled > 0 || style.columns.is_some())
            .collect();
        let cells: Vec<Vec<String>> = columns
            .iter()
            .map(|column| self.column(*column, &all))
            .collect();
        let widths: Vec<usize> = columns
            .iter()
            .zip(&cells)
            .map(|(column, cells)| {
                let longest = cells.iter().map(|c| c.chars().count()).max();
                longest.unwrap_or(0).max(column.least_width())
            })
            .collect();
        let height = cells.first().map_or(0, Vec::len);
        let mut out = String::new();
        for row in 0..height {
            // Dashes under the titles and over the total.
            if row == 1 || row + 1 == height {
                let dashes: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
                push_line(&mut out, &dashes.join(" "));
            }
            let mut line = Vec::new();
            for ((column, cells), &width) in columns.iter().zip(&cells).zip(&widths) {
                let cell = cells.get(row).map_or("", String::as_str);
                line.push(if column.is_word() {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                });
            }
            push_line(&mut out, line.join(" ").trim_end());
        }
        out
    }

    /// Title, rows, total.
    fn column(&self, column: Column, all: &Stats) -> Vec<String> {
        let title = match column {
            Column::Name if !self.name.is_empty() => self.name,
            other => other.title(),
        };
        let mut cells = vec![title.to_owned()];
        let rows = self.rows.iter();
        cells.extend(rows.map(|(labels, stats)| column.cell(stats, labels, all.total_ns)));
        let total = Labels {
            class: String::new(),
            name: "total".to_owned(),
        };
        cells.push(match column {
            Column::Share => "100.00".to_owned(),
            other => other.cell(all, &total, all.total_ns),
        });
        cells
    }

    fn sort(&mut self, by: Option<Column>) {
        match by {
            None => {}
            Some(Column::Name) => self.rows.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name)),
            Some(Column::Class) => self
                .rows
                .sort_by(|(a, _), (b, _)| (&a.class, &a.name).cmp(&(&b.class, &b.name))),
            Some(column) => self.rows.sort_by_key(|(_, s)| Reverse(column.number(s))),
        }
    }
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}
