//! All figures of a run, by participant and name; to be kept as JSON, and compared with those of
//! another run.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::statistics::Figure;
use crate::workload::{FUNCTIONS, Workload};

/// What kind of figure it is. The function that does nothing has one of each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Start,
    First,
    Warm,
    Memory,
    Bytes,
    Zipped,
}

impl Kind {
    /// The kinds that are CPU time.
    pub(crate) const OF_TIME: [Self; 3] = [Self::Start, Self::First, Self::Warm];

    /// How the figures of this kind are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::First => "first",
            Self::Warm => "warm",
            Self::Memory => "memory",
            Self::Bytes => "bytes",
            Self::Zipped => "zipped",
        }
    }

    /// Of which unit its numbers are.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Start | Self::First | Self::Warm => "µs of CPU",
            Self::Memory => "kB",
            Self::Bytes | Self::Zipped => "bytes",
        }
    }
}

/// A figure's place in the tables.
pub(crate) struct Row {
    pub(crate) kind: Kind,
    /// Of which function or workload.
    pub(crate) of: &'static str,
}

impl Row {
    /// All rows, in the order of the tables.
    pub(crate) fn all() -> Vec<Self> {
        let workloads = Workload::ALL.map(Workload::name);
        let of_kind =
            |kind, names: &[&'static str]| -> Vec<Self> { names.iter().map(|of| Self { kind, of }).collect() };
        [
            of_kind(Kind::Start, &FUNCTIONS),
            of_kind(Kind::First, &workloads),
            of_kind(Kind::Warm, &workloads),
            of_kind(Kind::Memory, &["event-processor"]),
            of_kind(Kind::Bytes, &FUNCTIONS),
            of_kind(Kind::Zipped, &FUNCTIONS),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The name of its figure: `first: a report`.
    pub(crate) fn name(&self) -> String {
        format!("{}: {}", self.kind.name(), self.of)
    }
}

/// Measurements as they come in.
#[derive(Default)]
pub(crate) struct Measured(BTreeMap<(&'static str, String), Vec<f64>>);

impl Measured {
    /// One more measurement for `subject`.
    pub(crate) fn add(&mut self, subject: &'static str, kind: Kind, of: &'static str, value: f64) {
        let name = if subject == "hello" { kind.name().to_owned() } else { Row { kind, of }.name() };
        self.0.entry((subject, name)).or_default().push(value);
    }

    pub(crate) fn figures(self) -> Figures {
        let mut figures = Figures::default();
        for ((subject, name), samples) in self.0 {
            figures.0.entry(subject.to_owned()).or_default().insert(name, Figure::of(samples));
        }
        figures
    }
}

/// The figures of a run.
#[derive(Default)]
pub(crate) struct Figures(BTreeMap<String, BTreeMap<String, Figure>>);

impl Figures {
    /// The figure of `subject` that belongs into this row.
    pub(crate) fn get(&self, subject: &str, row: &Row) -> Option<Figure> {
        let figures = self.0.get(subject)?;
        figures.get(&row.name()).or_else(|| figures.get(row.kind.name())).copied()
    }

    /// How noisy a run was: the median of the spreads of all that was measured more than once.
    pub(crate) fn noise(&self) -> f64 {
        let spreads = self.0.values().flat_map(BTreeMap::values).map(|figure| figure.spread);
        Figure::of(spreads.filter(|spread| *spread > 0.0).chain([0.0]).collect()).median
    }

    pub(crate) fn to_json(&self) -> Value {
        let of_subject = |figures: &BTreeMap<String, Figure>| -> Map<String, Value> {
            figures.iter().map(|(name, figure)| (name.clone(), figure.to_json())).collect()
        };
        json!(
            self.0.iter().map(|(subject, figures)| (subject.clone(), of_subject(figures))).collect::<BTreeMap<_, _>>()
        )
    }

    /// The figures that an earlier run kept in `file`.
    ///
    /// # Errors
    /// When the file can't be read, or holds no figures.
    pub(crate) fn read(file: &Path) -> std::io::Result<Self> {
        let kept: Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let subjects = kept["figures"].as_object().ok_or_else(|| std::io::Error::other("it holds no figures"))?;
        let mut figures = Self::default();
        for (subject, values) in subjects {
            let values = values.as_object().into_iter().flatten();
            let read = values.filter_map(|(name, value)| Some((name.clone(), Figure::from_json(value)?)));
            figures.0.insert(subject.clone(), read.collect());
        }
        Ok(figures)
    }
}
