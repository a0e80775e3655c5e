//! The settings: a version of them, and which versions there are.

use api::{Page, SettingsVersion, StoredSettings};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

impl<S: ReadItems> StatusQuery<S> {
    /// The newest version, the one that was in force at a time, or the one with a number.
    pub(crate) async fn settings(&self, mut parameters: Parameters) -> Answer {
        let (as_of, number) = (parameters.time_up_to("asOf"), parameters.number("version"));
        if as_of.is_some() && number.is_some() {
            parameters.wrong("version", "can't be asked for together with `asOf`");
        }
        parameters.finish()?;
        let version = match (as_of, number) {
            (Some(time), _) => self.reader.settings_as_of(time).await?,
            (None, Some(number)) => {
                let version = self.reader.settings_version(number).await?;
                let missing = || api::Problem::new(404, format!("the settings have no version {number}"));
                Some(version.ok_or_else(missing)?)
            }
            (None, None) => self.reader.settings().await?,
        };
        json(&StoredSettings::of(version.as_ref()))
    }

    /// All versions, the newest first, without what is in them.
    pub(crate) async fn list_settings(&self, mut parameters: Parameters) -> Answer {
        let limit = parameters.limit();
        let position = parameters.position(|position| position.parse::<u64>().is_ok_and(|number| number > 1));
        parameters.finish()?;
        let before = position.and_then(|position| position.parse().ok());
        let (versions, more) = self.reader.settings_before(before, limit).await?;
        let next = versions.last().filter(|_| more).map(|version| version.number.to_string());
        let items = versions.iter().map(SettingsVersion::from).collect();
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }
}
