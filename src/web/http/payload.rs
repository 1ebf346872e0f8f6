//! Bodies come in time, or are answered 408; and a connection whose request is still under way is closed behind its
//! answer, whatever the client goes on to send.

use crate::allowance::Allowance;
use crate::web::http::connections::{Connection, Underway};
use crate::web::http::limits;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_util::stream::poll_fn;
use futures_util::{FutureExt, Stream, StreamExt};
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// After its first seconds a body that comes more slowly than this is given up.
const BYTES_A_SECOND: u64 = 32 * 1024;

/// Bytes that a client may send over a socket at once, and a second: it has nothing to say but that it is there. Frames a
/// little too large are still told as such.
const SOCKET_AT_ONCE: f64 = 128.0 * 1024.0;
const SOCKET_A_SECOND: f64 = 4.0 * 1024.0;

/// What comes of a request's body.
#[derive(Clone, Debug)]
pub struct Arrival(Rc<Arriving>);

struct Arriving {
    payload: RefCell<Payload>,
    is_late: Cell<bool>,
}

impl std::fmt::Debug for Arriving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Arriving")
    }
}

/// A body as a handler reads it.
struct InTime {
    arrival: Arrival,
    begun: Instant,
    came: u64,
    deadline: Pin<Box<Sleep>>,
}

/// A response's body, kept together with the rest of the request. The server closes a connection behind its answer only
/// if that rest is still there; otherwise it would read a chunked request without an end for ever.
#[derive(Debug)]
pub struct Held {
    body: BoxBody,
    _rest: Option<Arrival>,
    _underway: Option<Underway>,
}

/// Lets handlers read bodies that come in time.
pub async fn in_time<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Held>, Error> {
    let underway = request.conn_data::<Connection>();
    let underway = underway.map(Connection::begins);
    if opens_socket(&request) {
        let few = few(request.take_payload());
        request.set_payload(few);
        let response = next.call(request).await?;
        return Ok(held(response, None, underway)); // its payload lasts as long as it
    }
    let arrival = Arrival::of(request.take_payload());
    request.set_payload(arrival.payload());
    request.extensions_mut().insert(arrival.clone());
    let mut response = next.call(request).await?;
    if arrival.has_come() {
        return Ok(held(response, None, underway));
    }
    let head = response.response_mut().head_mut();
    head.set_connection_type(ConnectionType::Close);
    Ok(held(response, Some(arrival), underway))
}

/// What comes in over a socket, as long as it is little. The codec looks at a frame's size when all of it is there, so one
/// that is announced as large, or that never ends, is stopped here.
fn few(mut payload: Payload) -> Payload {
    let mut allowance = Allowance::new(SOCKET_AT_ONCE, SOCKET_A_SECOND);
    let few = poll_fn(move |cx| {
        let bytes = ready!(payload.poll_next_unpin(cx));
        Poll::Ready(match bytes {
            Some(Ok(bytes)) if !allowance.take(bytes.len() as f64) => {
                Some(Err(PayloadError::Overflow))
            }
            bytes => bytes,
        })
    });
    let payload: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(few);
    Payload::Stream { payload }
}

fn held<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    rest: Option<Arrival>,
    underway: Option<Underway>,
) -> ServiceResponse<Held> {
    let response = response.map_into_boxed_body();
    response.map_body(|_, body| Held {
        body,
        _rest: rest,
        _underway: underway,
    })
}

/// Whether a request opens a socket; one with a chunked body does not.
fn opens_socket(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    *request.method() == Method::GET
        && headers.contains_key(header::UPGRADE)
        && !headers.contains_key(header::TRANSFER_ENCODING)
}

impl Arrival {
    fn of(payload: Payload) -> Arrival {
        Arrival(Rc::new(Arriving {
            payload: RefCell::new(payload),
            is_late: Cell::new(false),
        }))
    }

    /// Whether it was given up.
    pub fn is_late(&self) -> bool {
        self.0.is_late.get()
    }

    /// Whether nothing more is to come. What is there already and nobody read is thrown away.
    fn has_come(&self) -> bool {
        let mut payload = self.0.payload.borrow_mut();
        loop {
            match payload.next().now_or_never() {
                Some(Some(Ok(_))) => {}
                Some(None) => return true,
                Some(Some(Err(_))) | None => return false,
            }
        }
    }

    fn payload(&self) -> Payload {
        let begun = Instant::now();
        let in_time = InTime {
            arrival: self.clone(),
            begun,
            came: 0,
            deadline: Box::pin(sleep_until(begun + within(0))),
        };
        let payload: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(in_time);
        Payload::Stream { payload }
    }
}

/// How long a body may take of which so much has come.
fn within(came: u64) -> Duration {
    limits::BODY.seconds() + Duration::from_secs(came / BYTES_A_SECOND)
}

impl Stream for InTime {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let arrival = self.arrival.clone();
        let next = arrival.0.payload.borrow_mut().poll_next_unpin(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            self.came += bytes.len() as u64;
        }
        if next.is_ready() {
            return next;
        }
        let until = self.begun + within(self.came);
        if self.deadline.deadline() < until {
            self.deadline.as_mut().reset(until);
        }
        if self.deadline.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        arrival.0.is_late.set(true);
        let late = io::Error::from(io::ErrorKind::TimedOut);
        Poll::Ready(Some(Err(PayloadError::Io(late))))
    }
}

impl MessageBody for Held {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn payload(pieces: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
        let payload: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(pieces);
        Payload::Stream { payload }
    }

    #[test]
    fn a_body_that_drips_is_given_up_and_a_large_one_is_not() {
        assert_eq!(within(1_000), Duration::from_secs(10));
        assert_eq!(within(8 << 20), Duration::from_secs(10 + 256));
    }

    #[test]
    fn what_nobody_read_has_come_all_the_same() {
        let piece = || Ok(Bytes::from_static(b"{}"));
        assert!(Arrival::of(Payload::None).has_come());
        assert!(Arrival::of(payload(stream::iter([piece(), piece()]))).has_come());
        assert!(!Arrival::of(payload(stream::iter([piece()]).chain(stream::pending()))).has_come());
    }
}
