//! Bodies of answers that are too long to be handed over at once. Whoever does not take them loses the connection.

use crate::patience::{Lifeline, PATIENCE};
use axum::body::Body;
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use hub::{Error, Outgoing};
use tokio::time::timeout;

/// Up to this length a body is handed over at once.
const AT_ONCE: usize = 256 * 1024;

/// What is still to be sent.
enum Left {
    /// Content, read while it is sent.
    Content(Outgoing),
    /// In memory.
    Whole(Bytes),
}
impl Left {
    /// The next piece, and what comes behind it; nothing at the end.
    async fn next(self) -> Result<Option<(Bytes, Self)>, Error> {
        Ok(match self {
            Self::Content(content) if content.bytes() == 0 => None,
            Self::Content(content) => content.next().await.map(|(piece, left)| Some((piece, Self::Content(left))))?,
            Self::Whole(whole) if whole.is_empty() => None,
            Self::Whole(mut whole) => Some((whole.split_to(whole.len().min(AT_ONCE)), Self::Whole(whole))),
        })
    }
}

/// Content as a body.
pub fn content(content: Outgoing, lifeline: Lifeline) -> Body {
    begin(Left::Content(content), lifeline)
}

/// A text as a body.
pub fn text(text: Vec<u8>, lifeline: Lifeline) -> Body {
    if text.len() > AT_ONCE { begin(Left::Whole(text.into()), lifeline) } else { Body::from(text) }
}

fn begin(left: Left, lifeline: Lifeline) -> Body {
    let (sender, channel) = Channel::<Bytes, Error>::new(1);
    #[expect(clippy::disallowed_methods, reason = "the edge of a surface: one task for one body, ended by its reader")]
    tokio::spawn(send(left, sender, lifeline));
    Body::new(channel)
}

async fn send(mut left: Left, mut sender: Sender<Bytes, Error>, lifeline: Lifeline) {
    loop {
        let piece;
        (piece, left) = match left.next().await {
            Ok(Some(next)) => next,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(source = ?error.source, "content that was being sent could not be read");
                return sender.abort(error);
            }
        };
        match timeout(PATIENCE, sender.send_data(piece)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => return lifeline.cut(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_not_taken_ends_its_connection_when_patience_ends() {
        let (lifeline, begun) = (Lifeline::default(), Instant::now());
        let body = text(vec![7; 3 * AT_ONCE], lifeline.clone());
        lifeline.ended().await;
        assert_eq!(begun.elapsed(), PATIENCE);
        drop(body);
    }

    #[tokio::test]
    async fn a_body_that_is_taken_is_all_of_it() {
        for length in [0, 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE] {
            let body = text(vec![7; length], Lifeline::default());
            assert_eq!(body.collect().await.unwrap().to_bytes(), vec![7; length]);
        }
    }
}
