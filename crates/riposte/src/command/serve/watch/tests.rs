use super::*;
use tokio::sync::Notify;

#[tokio::test(start_paused = true)]
async fn a_burst_is_one_change_which_ends_with_a_moment_of_quiet() {
    let (hints, begun) = (Notify::new(), Instant::now());
    let burst = async {
        for pause in [0, 200, 200] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            hints.notify_one();
        }
    };
    tokio::join!(burst, settled(async || hints.notified().await));
    assert_eq!(begun.elapsed().as_millis(), 700);
}

#[tokio::test(start_paused = true)]
async fn who_is_never_quiet_is_looked_at_all_the_same() {
    let (hints, begun) = (Notify::new(), Instant::now());
    let restless = async {
        loop {
            hints.notify_one();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = settled(async || hints.notified().await) => {}
        () = restless => {}
    }
    assert!((RESTLESS..RESTLESS + QUIET).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}
