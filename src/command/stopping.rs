//! Waiting for the signal to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Ends on Ctrl-C or SIGTERM, also on one that came between this call and the first look. Call it before anything is
/// worth an orderly end.
pub fn asked_to_stop() -> impl Future<Output = ()> {
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            tokio::signal::ctrl_c().await.ok();
            return;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}
