use super::*;
use notify::event::{CreateKind, Flag, ModifyKind, RenameMode};
use std::os::unix::fs::symlink;

/// A folder of playbooks as a Kubernetes volume has it, one reached by a link, and a configuration.
struct Volume {
    folder: tempfile::TempDir,
}

impl Volume {
    fn new() -> Volume {
        let folder = tempfile::tempdir().unwrap();
        let volume = Volume { folder };
        for made in ["etc/..2026_01/", "etc/more/deep", "srv/one/playbooks"] {
            std::fs::create_dir_all(volume.path(made)).unwrap();
        }
        symlink("..2026_01", volume.path("etc/..data")).unwrap();
        symlink("one", volume.path("srv/current")).unwrap();
        std::fs::write(volume.path("riposte.yaml"), "").unwrap();
        volume
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn places(&self) -> Places {
        Places::of(&[self.path("etc"), self.path("srv/current/playbooks"), self.path("riposte.yaml")])
    }
}

fn event(kind: EventKind, path: &Path) -> Event {
    Event::new(kind).add_path(path.to_owned())
}

#[test]
fn what_holds_playbooks_and_what_leads_there_is_watched() {
    let volume = Volume::new();
    let Places { inside, above, .. } = volume.places();
    let names = ["", "etc", "etc/more", "etc/more/deep", "srv/current/playbooks"];
    assert_eq!(inside, names.map(|name| volume.path(name)).into_iter().collect());
    for name in ["srv", "srv/current"] {
        assert!(above.contains(&volume.path(name)), "{name}: {above:?}");
    }
    assert!(above.contains(Path::new("/")));
}

#[test]
fn a_volume_that_is_replaced_by_moving_a_link_is_noticed() {
    let volume = Volume::new();
    let places = volume.places();
    let moved = EventKind::Modify(ModifyKind::Name(RenameMode::To));
    for name in
        ["etc/..data", "srv/current", "srv", "etc", "etc/a.yaml", "etc/more/deep/b.yaml", "riposte.yaml"]
    {
        assert!(places.concern(&event(moved, &volume.path(name))), "{name}");
    }
    assert!(!places.concern(&event(moved, &volume.path("srv/other"))));
    assert!(!places.concern(&event(moved, Path::new("/var/log"))));
}

#[test]
fn reading_is_no_change_and_whatever_was_not_told_is_a_hint() {
    let volume = Volume::new();
    let places = volume.places();
    let file = volume.path("etc/a.yaml");
    for (kind, expected) in [
        (EventKind::Access(AccessKind::Open(AccessMode::Any)), false),
        (EventKind::Access(AccessKind::Close(AccessMode::Read)), false),
        (EventKind::Access(AccessKind::Close(AccessMode::Write)), true),
        (EventKind::Create(CreateKind::File), true),
        (EventKind::Any, true),
    ] {
        assert_eq!(places.concern(&event(kind, &file)), expected, "{kind:?}");
    }
    assert!(places.concern(&Event::new(EventKind::Other).set_flag(Flag::Rescan)));
}

#[test]
fn no_more_folders_are_watched_than_may_be() {
    let volume = Volume::new();
    for number in 0..MOST_FOLDERS + 5 {
        std::fs::create_dir(volume.path(&format!("etc/{number}"))).unwrap();
    }
    assert!(volume.places().inside.len() <= MOST_FOLDERS + 2);
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_one_change_which_ends_with_a_moment_of_quiet() {
    let (hints, begun) = (Notify::new(), Instant::now());
    let burst = async {
        for pause in [0, 200, 200] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            hints.notify_one();
        }
    };
    tokio::join!(burst, settled(&hints));
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
        () = settled(&hints) => {}
        () = restless => {}
    }
    assert!((RESTLESS..RESTLESS + QUIET).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}
