//! How the issuer is reached.

/// How the issuer is reached.
#[derive(Debug, Clone)]
pub enum Client {
    /// It is not: sessions are judged, and none begins.
    Nobody,
    /// Over HTTPS.
    #[cfg(feature = "https")]
    Https(aws::http::Https),
}

/// What the issuer answered: the status code and the body.
pub(crate) type Answer = Result<(u16, Vec<u8>), String>;

impl Client {
    #[cfg_attr(not(feature = "https"), expect(clippy::unused_async, reason = "nobody is called"))]
    pub(crate) async fn get(&self, address: &str) -> Answer {
        let _ = address;
        match self {
            Self::Nobody => Err("nobody is called".to_owned()),
            #[cfg(feature = "https")]
            Self::Https(https) => https.get(address).await.map(|answer| (answer.status, answer.body)),
        }
    }

    #[cfg_attr(not(feature = "https"), expect(clippy::unused_async, reason = "nobody is called"))]
    pub(crate) async fn post_form(&self, address: &str, authorization: Option<&str>, form: String) -> Answer {
        let _ = (address, authorization, &form);
        match self {
            Self::Nobody => Err("nobody is called".to_owned()),
            #[cfg(feature = "https")]
            Self::Https(https) => {
                let answer = https.post_form(address, authorization, form).await;
                answer.map(|answer| (answer.status, answer.body))
            }
        }
    }
}
