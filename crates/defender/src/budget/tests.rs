use super::*;
use futures_util::FutureExt as _;
use tokio::task::JoinSet;

/// Uses up what a class gives at once, and says how much that was.
fn use_up(budget: &Budget, class: Class, rank: Rank) -> usize {
    let mut used = 0;
    while let Some(turn) = budget.turn(class, rank).now_or_never() {
        turn.spend();
        used += 1;
    }
    used
}

#[tokio::test(start_paused = true)]
async fn calls_leave_as_the_limits_allow() {
    let budget = Budget::documented();
    let begun = Instant::now();
    for _ in 0..5 {
        budget.turn(Class::PackageUri, Rank::First).await.spend();
    }
    assert_eq!(begun.elapsed().as_secs(), 2 * 61);
    assert_eq!(use_up(&budget, Class::Hunting, Rank::Last), 45);
}

#[tokio::test(start_paused = true)]
async fn who_stops_harm_goes_first_and_the_others_in_the_order_of_arrival() {
    let budget = Budget::documented();
    use_up(&budget, Class::General, Rank::Watch);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for (name, rank) in
        [("look 1", Rank::Last), ("save", Rank::Second), ("look 2", Rank::Last), ("isolate", Rank::First)]
    {
        let (budget, order) = (budget.clone(), Arc::clone(&order));
        tasks.spawn(async move {
            let turn = budget.turn(Class::General, rank).await;
            order.lock().unwrap().push(name);
            turn.spend();
        });
        tokio::task::yield_now().await;
    }
    tasks.join_all().await;
    assert_eq!(*order.lock().unwrap(), ["isolate", "save", "look 1", "look 2"]);
}

#[tokio::test(start_paused = true)]
async fn who_comes_when_there_is_room_again_does_not_overtake_those_who_wait() {
    let budget = Budget::documented();
    let used = use_up(&budget, Class::General, Rank::First);
    let mut waiting: Vec<_> = (0..used).map(|_| Box::pin(budget.turn(Class::General, Rank::First))).collect();
    assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
    // Nobody has asked again yet.
    tokio::time::advance(Duration::from_secs(61)).await;
    assert!(budget.turn(Class::General, Rank::First).now_or_never().is_none());
    for turn in waiting {
        turn.await.spend();
    }
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_not_used_goes_to_the_next() {
    let budget = Budget::documented();
    let (first, second) = (
        budget.turn(Class::PackageUri, Rank::First).await,
        budget.turn(Class::PackageUri, Rank::First).await,
    );
    second.spend();
    let mut third = Box::pin(budget.turn(Class::PackageUri, Rank::First));
    assert!((&mut third).now_or_never().is_none());
    let begun = Instant::now();
    drop(first);
    third.await.spend();
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_is_in_nobodys_way() {
    let budget = Budget::documented();
    use_up(&budget, Class::General, Rank::Watch);
    let mut impatient = Box::pin(budget.turn(Class::General, Rank::First));
    assert!((&mut impatient).now_or_never().is_none());
    let mut patient = Box::pin(budget.turn(Class::General, Rank::Last));
    assert!((&mut patient).now_or_never().is_none());
    drop(impatient);
    let begun = Instant::now();
    patient.await.spend();
    assert_eq!(begun.elapsed().as_secs(), 61);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_the_whole_class_and_for_no_other() {
    let budget = Budget::unlimited();
    let mut tasks = JoinSet::new();
    budget.pause(Class::General, Some(Duration::from_secs(30)));
    let begun = Instant::now();
    for rank in [Rank::First, Rank::Second, Rank::Last] {
        let budget = budget.clone();
        tasks.spawn(async move {
            budget.turn(Class::General, rank).await.spend();
            begun.elapsed().as_secs()
        });
    }
    assert!(budget.turn(Class::Hunting, Rank::Last).now_or_never().is_some());
    assert_eq!(tasks.join_all().await, [30; 3]);
    budget.pause(Class::General, None);
    budget.turn(Class::General, Rank::Last).await.spend();
    assert_eq!(begun.elapsed().as_secs(), 32);
}

#[tokio::test(start_paused = true)]
async fn a_restart_does_not_bring_a_new_budget() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("defender.calls");
    let budget = Budget::documented().remembering(&path).unwrap();
    assert_eq!(use_up(&budget, Class::General, Rank::Last), 60);
    let budget = Budget::documented().remembering(&path).unwrap();
    assert_eq!(use_up(&budget, Class::General, Rank::Last), 0);
    assert_eq!(use_up(&budget, Class::General, Rank::First), 25);
}

#[tokio::test(start_paused = true)]
async fn the_storm_of_one_customer_does_not_hold_up_another() {
    let budget = Budget::documented();
    use_up(&budget, Class::PackageUri, Rank::First);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for customer in ["storm", "storm", "storm", "storm", "calm", "calm", "other"] {
        let (budget, order) = (budget.clone(), Arc::clone(&order));
        tasks.spawn(async move {
            let turn = budget.turn_for(customer, Class::PackageUri, Rank::First).await;
            order.lock().unwrap().push(customer);
            turn.spend();
        });
        // In this order.
        tokio::task::yield_now().await;
    }
    while tasks.join_next().await.is_some() {}
    assert_eq!(*order.lock().unwrap(), ["storm", "calm", "other", "storm", "calm", "storm", "storm"]);
}
