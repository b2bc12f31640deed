use super::*;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};

/// A folder of playbooks that is reached by a link, and listened to.
struct Listening {
    folder: tempfile::TempDir,
    hints: Hints,
}

impl Listening {
    fn new() -> Listening {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("one/playbooks")).unwrap();
        symlink("one", folder.path().join("current")).unwrap();
        let mut listening = Listening { folder, hints: Hints::new().unwrap() };
        listening.watch();
        listening
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn watch(&mut self) {
        let mut places = Places::of(&[self.path("current/playbooks")]);
        // Others work above it meanwhile, and would be told of here.
        places.above.retain(|folder| folder.starts_with(self.folder.path()));
        self.hints.watch(places);
    }

    /// How many bytes the kernel has to tell. It has them as soon as what changes something returns.
    fn waiting(&self) -> u64 {
        rustix::io::ioctl_fionread(&self.hints.inotify).unwrap()
    }

    /// Whether anything was told that matters, up to now.
    fn hint(&self) -> bool {
        let mut hint = false;
        loop {
            match self.hints.read() {
                Ok(matters) => hint |= matters,
                Err(error) => {
                    assert_eq!(error, Errno::AGAIN);
                    return hint;
                }
            }
        }
    }
}

#[tokio::test]
async fn writing_on_and_reading_wake_nobody_and_a_file_that_is_done_is_a_hint() {
    let listening = Listening::new();
    let mut log = File::create(listening.path("current/playbooks/log")).unwrap();
    assert!(listening.hint());
    for _ in 0..100 {
        log.write_all(b"one line\n").unwrap();
    }
    log.sync_all().unwrap();
    assert_eq!(fs::read(listening.path("current/playbooks/log")).unwrap().len(), 900);
    assert_eq!(fs::read_dir(listening.path("current/playbooks")).unwrap().count(), 1);
    assert_eq!(listening.waiting(), 0);
    drop(log);
    assert!(listening.hint());
    assert!(!listening.hint());
}

#[tokio::test]
async fn names_permissions_and_links_on_the_way_are_hints_and_what_is_beside_is_none() {
    let listening = Listening::new();
    let [file, beside] = ["one/playbooks/a.yaml", "one/playbooks/.a"].map(|name| listening.path(name));
    let changes: [(&str, &dyn Fn()); 6] = [
        ("written", &|| fs::write(&beside, "").unwrap()),
        ("moved", &|| fs::rename(&beside, &file).unwrap()),
        ("to be read", &|| fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap()),
        ("deleted", &|| fs::remove_file(&file).unwrap()),
        ("a folder", &|| fs::create_dir(listening.path("one/playbooks/more")).unwrap()),
        ("a link on the way", &|| fs::remove_file(listening.path("current")).unwrap()),
    ];
    for (name, change) in changes {
        change();
        assert!(listening.hint(), "{name}");
    }
    fs::write(listening.path("other"), "").unwrap();
    assert_ne!(listening.waiting(), 0);
    assert!(!listening.hint());
}

#[tokio::test]
async fn the_folder_that_is_there_now_is_watched_and_the_one_before_no_more() {
    let mut listening = Listening::new();
    fs::rename(listening.path("one"), listening.path("old")).unwrap();
    fs::create_dir_all(listening.path("one/playbooks")).unwrap();
    assert!(listening.hint());
    listening.watch();
    assert!(!listening.hint());
    fs::write(listening.path("old/playbooks/a.yaml"), "").unwrap();
    assert_eq!(listening.waiting(), 0);
    fs::write(listening.path("one/playbooks/a.yaml"), "").unwrap();
    assert!(listening.hint());
    fs::remove_dir_all(listening.path("one")).unwrap();
    assert!(listening.hint());
}

#[tokio::test]
async fn what_was_not_told_is_a_hint() {
    let listening = Listening::new();
    let most: usize =
        fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    // Two that are alike, one after the other, are told once.
    let [one, other] = ["one-beside", "other-beside"].map(|name| listening.path(name));
    fs::write(&one, "").unwrap();
    for _ in 0..=most / 4 {
        fs::rename(&one, &other).unwrap();
        fs::rename(&other, &one).unwrap();
    }
    assert!(listening.hint());
}

#[tokio::test]
async fn a_hint_is_waited_for() {
    let listening = Listening::new();
    let change = async {
        tokio::task::yield_now().await;
        fs::write(listening.path("other"), "").unwrap();
        tokio::task::yield_now().await;
        fs::write(listening.path("one/playbooks/a.yaml"), "").unwrap();
    };
    tokio::join!(listening.hints.next(), change);
    assert!(!listening.hint());
}
