/// As what figures are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MetricsFormat {
    /// As JSON.
    #[default]
    Json,
    /// As a table of comma-separated values.
    Csv,
}

impl MetricsFormat {
    /// As they stand in a query; the first is the default.
    pub const NAMES: [&'static str; 2] = ["json", "csv"];
    /// The media type of a table.
    pub const CSV: &'static str = "text/csv; charset=utf-8";

    /// Reads the exact name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().zip([Self::Json, Self::Csv]).find(|(name, _)| **name == text).map(|(_, format)| format)
    }
}
