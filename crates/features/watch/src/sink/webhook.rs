//! Webhooks: Slack's shape, and plain JSON with a signature (the Standard Webhooks specification, version 1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foretaste_io::{CachePolicy, Request};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Place, SendError, Sender};
use crate::message::Message;

impl Sender {
    pub(super) async fn slack(&self, place: &Place, message: &Message) -> Result<(), SendError> {
        let request = Request::get(self.url(place)?).cache(CachePolicy::Never);
        self.http.post_json(request, &message.slack()).await?;
        Ok(())
    }

    pub(super) async fn webhook(
        &self,
        place: &Place,
        secret_env: Option<&str>,
        message: &Message,
    ) -> Result<(), SendError> {
        let body = message.json();
        let sent = message.when.as_second().to_string();
        let mut request = Request::get(self.url(place)?)
            .cache(CachePolicy::Never)
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", &sent);
        if let Some(name) = secret_env {
            let signed = format!("{}.{sent}.{body}", message.id);
            let signature = signature(self.variable(name)?, &signed);
            request = request.header("webhook-signature", &signature);
        }
        self.http.post_json(request, &body).await?;
        Ok(())
    }
}

/// `v1,<base64 of HMAC-SHA256>`. A secret of the form `whsec_<base64>` is the bytes that it encodes; any other is itself.
fn signature(secret: &str, signed: &str) -> String {
    let key = secret
        .strip_prefix("whsec_")
        .and_then(|text| STANDARD.decode(text).ok())
        .unwrap_or_else(|| secret.as_bytes().to_vec());
    // HMAC takes a key of any length
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else {
        return String::new();
    };
    mac.update(signed.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        assert_eq!(
            signature(secret, signed),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
