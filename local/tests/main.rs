//! The real binary of `local`.

#![recursion_limit = "256"]

use std::time::Duration;

use api::TokenSubjects;
use domain::follows::notifications::NotifyRules;
use event_processor::settings::Processing;
use local::System;

mod backup;
mod client;
mod clock;
mod damage;
mod endings;
mod explain;
mod full_disk;
mod kills;
mod listener;
mod login;
mod notified;
mod output;
mod proof;
mod rebuild;
mod server;
mod service;
#[cfg(target_os = "linux")]
mod sizes;
#[cfg(target_os = "linux")]
mod sockets;
mod tokens;
mod upgrade;
mod walkthrough;
mod writers;

/// A system in memory, which notifies nobody.
async fn system() -> System {
    let processing = Processing {
        notify: NotifyRules::parse("").unwrap(),
        stuck_after: Duration::from_hours(1),
        subjects: TokenSubjects::default(),
        settings_admins: domain::settings::SettingsAdmins::default(),
        own_alarms: None,
        allow_unsigned: true,
    };
    System::start(None, formats::WebhookSecrets::default(), processing).await.unwrap()
}
