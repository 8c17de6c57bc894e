//! Gives memory that was freed back to the system.
//!
//! glibc keeps what was freed for later allocations, even when there are none for hours: what a start, a large picture
//! or a model needed for a moment would count as this process's for ever.
use std::time::Duration;

/// A start is over by then.
const FIRST: Duration = Duration::from_secs(3);
const EVERY: Duration = Duration::from_secs(60);

/// Gives back what is free, now and then, for as long as the process lives.
pub(crate) async fn give_back() {
    tokio::time::sleep(FIRST).await;
    loop {
        // It looks at all free memory, some milliseconds for a large process.
        tokio::task::spawn_blocking(trim).await.ok();
        tokio::time::sleep(EVERY).await;
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc's function has no safe wrapper")]
fn trim() {
    // SAFETY: malloc_trim takes glibc's own locks, so any thread may call it at any time; it touches free memory only.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}
