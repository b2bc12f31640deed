use super::*;
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
    for name in
        ["etc/..data", "srv/current", "srv", "etc", "etc/a.yaml", "etc/more/deep/b.yaml", "riposte.yaml"]
    {
        assert!(places.concern(&volume.path(name)), "{name}");
    }
    assert!(!places.concern(&volume.path("srv/other")));
    assert!(!places.concern(Path::new("/var/log")));
}

#[test]
fn no_more_folders_are_watched_than_may_be() {
    let volume = Volume::new();
    for number in 0..MOST_FOLDERS + 5 {
        std::fs::create_dir(volume.path(&format!("etc/{number}"))).unwrap();
    }
    assert!(volume.places().inside.len() <= MOST_FOLDERS + 2);
}
