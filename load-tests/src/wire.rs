//! One HTTP connection with as little of its own as possible: the client shares two cores with what it measures.

use anyhow::{Context, ensure};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer beyond this is not one of ours.
const ANSWER_LARGEST: usize = 1024 * 1024;

/// An open connection that asks one thing at a time.
#[derive(Debug)]
pub struct Wire {
    connection: TcpStream,
    host: String,
    sent: String,
    received: Vec<u8>,
}

impl Wire {
    /// Connects to `http://HOST:PORT`.
    pub async fn connect(url: &str) -> anyhow::Result<Wire> {
        let host = url.trim_start_matches("http://").to_owned();
        let address: SocketAddr = host.parse()?;
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        Ok(Wire {
            connection,
            host,
            sent: String::new(),
            received: Vec::with_capacity(4_096),
        })
    }

    /// POSTs JSON and answers status and body.
    pub async fn post(
        &mut self,
        path: &str,
        bearer: &str,
        key: &str,
        body: &str,
    ) -> anyhow::Result<(u16, &[u8])> {
        use std::fmt::Write;
        self.sent.clear();
        write!(
            self.sent,
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {bearer}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        )?;
        self.connection.write_all(self.sent.as_bytes()).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> anyhow::Result<(u16, &[u8])> {
        self.received.clear();
        loop {
            let count = self.connection.read_buf(&mut self.received).await?;
            ensure!(count > 0, "the server closed the connection");
            ensure!(self.received.len() < ANSWER_LARGEST, "an endless answer");
            if let Some((status, body, end)) = parse(&self.received)?
                && self.received.len() >= end
            {
                return Ok((status, &self.received[body..end]));
            }
        }
    }
}

/// Status, where the body begins and where it ends, once the head is whole.
fn parse(received: &[u8]) -> anyhow::Result<Option<(u16, usize, usize)>> {
    let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&received[..end])?.to_ascii_lowercase();
    let status = head.split(' ').nth(1).context("a status line")?.parse()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length
        .context("an answer of known length")?
        .trim()
        .parse()?;
    Ok(Some((status, end + 4, end + 4 + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(parse(answer).unwrap(), Some((201, 43, 45)));
        assert_eq!(parse(&answer[..30]).unwrap(), None);
    }
}
