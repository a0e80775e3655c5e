//! Texts that only we can read and make: what a cookie holds is sealed (ChaCha20-Poly1305), what a form sends back is
//! proven (HMAC-SHA-256). Both keys follow from one (HKDF), which a secret holds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{hkdf, hmac};

/// How many bytes the key has that the others follow from.
pub(crate) const KEY_BYTES: usize = 32;
/// How many bytes tell one key from another.
const ID_BYTES: usize = 4;

/// What a text is sealed for: one that is sealed for something else is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A login that is under way.
    Attempt,
    /// A session.
    Session,
}

/// The keys that seal and prove.
pub struct Keys {
    id: [u8; ID_BYTES],
    sealing: LessSafeKey,
    proving: hmac::Key,
}

/// Why a sealed text is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// It was sealed with another key.
    #[error("it was sealed with another key")]
    OtherKey,
    /// It was not sealed by us, not for this, or it was changed.
    #[error("it was not sealed here")]
    Damaged,
}

/// The machine has no random numbers, or a key has not the length that it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the machine can't seal")]
pub struct NotSealed;

impl From<ring::error::Unspecified> for NotSealed {
    fn from(_: ring::error::Unspecified) -> Self {
        Self
    }
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Attempt => b"deployment-status login attempt",
            Self::Session => b"deployment-status session",
        }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// The keys that follow from this one.
    ///
    /// # Errors
    /// When ring refuses a length, which it does not.
    pub fn new(key: &[u8; KEY_BYTES]) -> Result<Self, NotSealed> {
        let from = hkdf::Salt::new(hkdf::HKDF_SHA256, b"deployment-status login").extract(key);
        let sealing = LessSafeKey::new(UnboundKey::from(from.expand(&[b"seal"], &CHACHA20_POLY1305)?));
        let proving = hmac::Key::from(from.expand(&[b"prove"], hmac::HMAC_SHA256)?);
        let mut id = [0; ID_BYTES];
        let tag = hmac::sign(&proving, b"id");
        id.copy_from_slice(&tag.as_ref()[..ID_BYTES]);
        Ok(Self { id, sealing, proving })
    }

    /// The text, sealed: the key's id, a nonce, and the rest, in characters that a cookie takes.
    ///
    /// # Errors
    /// When the machine has no random numbers.
    pub fn seal(&self, purpose: Purpose, text: &[u8]) -> Result<String, NotSealed> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = text.to_vec();
        let aad = Aad::from(purpose.label());
        self.sealing.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)?;
        Ok(URL_SAFE_NO_PAD.encode([&self.id[..], &nonce, &sealed].concat()))
    }

    /// What was sealed.
    ///
    /// # Errors
    /// Why it is not opened.
    pub fn open(&self, purpose: Purpose, sealed: &str) -> Result<Vec<u8>, NotOpened> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| NotOpened::Damaged)?;
        let (id, rest) = bytes.split_first_chunk::<ID_BYTES>().ok_or(NotOpened::Damaged)?;
        if *id != self.id {
            return Err(NotOpened::OtherKey);
        }
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(NotOpened::Damaged)?;
        let mut sealed = sealed.to_vec();
        let aad = Aad::from(purpose.label());
        let opened = self.sealing.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut sealed);
        opened.map(|text| text.to_vec()).map_err(|_| NotOpened::Damaged)
    }

    /// What proves that we have seen this text.
    #[must_use]
    pub fn prove(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.proving, text.as_bytes()))
    }

    /// Whether this proves it.
    #[must_use]
    pub fn is_proof(&self, text: &str, proof: &str) -> bool {
        let proof = URL_SAFE_NO_PAD.decode(proof);
        proof.is_ok_and(|proof| hmac::verify(&self.proving, text.as_bytes(), &proof).is_ok())
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NotSealed> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes)
}

/// A random text that nobody guesses, in characters that stand in an address and in JSON as they are.
pub(crate) fn random_text() -> Result<String, NotSealed> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_with_the_same_key_for_the_same_purpose_only() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let sealed = keys.seal(Purpose::Session, b"alice").unwrap();
        assert_eq!(keys.open(Purpose::Session, &sealed).unwrap(), b"alice");
        assert_ne!(keys.seal(Purpose::Session, b"alice").unwrap(), sealed, "twice is not the same");
        assert_eq!(keys.open(Purpose::Attempt, &sealed), Err(NotOpened::Damaged));
        assert_eq!(Keys::new(&[8; 32]).unwrap().open(Purpose::Session, &sealed), Err(NotOpened::OtherKey));
        for wrong in ["", "!", "AAAA", &sealed[..sealed.len() - 4], &format!("{sealed}AAAA")] {
            assert!(keys.open(Purpose::Session, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_sealed_text_of_which_any_bit_was_changed_is_not_opened() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let sealed = URL_SAFE_NO_PAD.decode(keys.seal(Purpose::Session, b"alice may read").unwrap()).unwrap();
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                let wrong = if at < ID_BYTES { NotOpened::OtherKey } else { NotOpened::Damaged };
                assert_eq!(keys.open(Purpose::Session, &URL_SAFE_NO_PAD.encode(changed)), Err(wrong), "{at}, {bit}");
            }
        }
    }

    #[test]
    fn a_proof_is_of_one_text_and_one_key() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let proof = keys.prove("one");
        assert!(keys.is_proof("one", &proof));
        assert!(!keys.is_proof("other", &proof) && !keys.is_proof("one", "") && !keys.is_proof("one", &proof[1..]));
        assert!(!Keys::new(&[8; 32]).unwrap().is_proof("one", &proof));
    }
}
