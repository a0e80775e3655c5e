//! How people get in: they log in at an issuer of identities (`OpenID Connect`, authorization code flow with PKCE), and a
//! sealed cookie is their session from then on. Nothing of it is stored.
//!
//! ```text
//! /login           an Attempt, sealed into a cookie ─► to the issuer
//! /login/callback  the Attempt, the code ─► token, verified ─► Identity ─► what it may ─► Session, sealed into a cookie
//! every page       the Session
//! ```
//!
//! All but [`Login`] and [`Sessions`] is pure, but for random numbers. There is no cryptography of ours: ring seals,
//! proves and verifies, `jsonwebtoken` reads what the issuer signed.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod attempt;
mod client;
pub mod cookie;
pub mod destination;
mod flow;
mod issuer;
mod public_keys;
mod ring_verifier;
mod sealing;
mod secret;
mod session;
mod sessions;
mod token;

pub use attempt::{Attempt, NotUnderWay};
pub use client::Client;
pub use flow::{Begun, Finished, Login, NotLoggedIn, Settings};
pub use issuer::{Discovery, Issuer};
pub use public_keys::PublicKeys;
pub use sealing::{Keys, NotOpened, Purpose};
pub use secret::{LoginSecret, WrongLoginSecret};
pub use session::{NoSession, Rights, Session, TooLarge};
pub use sessions::{NotAdmitted, Sessions, SignedIn};
pub use token::{Identity, WrongToken};
