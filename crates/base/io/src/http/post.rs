//! Posting.

use super::client::HttpClient;
use super::{HttpError, Request, Response};

impl HttpClient {
    /// Posts JSON. The request must be safe to repeat (a query): it is retried, and cached as its policy says.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post_json(
        &self,
        request: Request,
        body: &serde_json::Value,
    ) -> Result<Response, HttpError> {
        let request = request.header("content-type", "application/json");
        self.fetch(request, Some(body.to_string().into_bytes()))
            .await
    }

    /// Posts bytes of any type. The request is retried, so that it must be safe to repeat.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post(
        &self,
        request: Request,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Response, HttpError> {
        let request = request.header("content-type", content_type);
        self.fetch(request, Some(body)).await
    }
}
