//! Somebody in front of a screen.

use super::PATIENCE;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Somebody in front of a screen: reads a socket.
pub struct Watcher {
    pub(super) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Watcher {
    /// The next view, past all beats.
    pub async fn next_view(&mut self) -> Value {
        self.until(|frame| !frame["view"].is_null()).await
    }

    /// The first frame for which this holds.
    pub async fn until(&mut self, mut holds: impl FnMut(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let message = self.socket.next().await.expect("the socket stays open");
                if let Message::Text(text) = message.unwrap() {
                    last = serde_json::from_str(&text).unwrap();
                    if holds(&last) {
                        return;
                    }
                }
            }
        })
        .await;
        assert!(found.is_ok(), "never seen; the last frame was {last}");
        last
    }

    /// The first view for which this holds.
    pub async fn shows(&mut self, mut holds: impl FnMut(&Value) -> bool) -> Value {
        self.until(|frame| !frame["view"].is_null() && holds(&frame["view"]))
            .await["view"]
            .clone()
    }

    /// Sends something, which nobody asked for.
    pub async fn says(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.ok();
    }

    /// Reads on until the server closes; answers its code.
    pub async fn closed(&mut self) -> Option<CloseCode> {
        let goodbye = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        tokio::time::timeout(PATIENCE, goodbye)
            .await
            .expect("the server closes the socket in time")
    }
}
