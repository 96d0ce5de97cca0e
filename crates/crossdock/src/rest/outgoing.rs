//! Content as the body of an answer, read while it is sent.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use hub::{Error, Outgoing};
use std::time::Duration;
use tokio::time::timeout;

/// How long a caller may take to make room for the next piece.
const PATIENCE: Duration = Duration::from_secs(60);

/// A body of content. What cannot be read, or is not taken, ends the connection before the length that was announced.
pub fn body(content: Outgoing) -> Body {
    let (sender, channel) = Channel::<Bytes, Error>::new(1);
    #[expect(clippy::disallowed_methods, reason = "the edge of a surface: one task for one body, ended by its reader")]
    tokio::spawn(send(content, sender));
    Body::new(channel)
}

async fn send(mut content: Outgoing, mut sender: Sender<Bytes, Error>) {
    while content.bytes() > 0 {
        let piece;
        (piece, content) = match content.next().await {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(source = ?error.source, "content that was being sent could not be read");
                return sender.abort(error);
            }
        };
        match timeout(PATIENCE, sender.send_data(piece)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => return sender.abort(Error::internal("content was not taken in time")),
        }
    }
}
