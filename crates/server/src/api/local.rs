//! Who may ask at the socket, as the kernel knows them.
//!
//! The socket's file lets its owner and its group write, and nobody else; so the kernel has turned away everybody else before
//! a connection comes here. It tells one group of each peer, and not those that a person was added to, so that a peer of
//! another group may still have been let in by its group. That holds as long as the file keeps others out: it is looked at for
//! each connection that owner and group do not explain.

use super::access::Caller;
use crate::http::Peer;
use crate::problem::{Kind, Problem};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the kernel calls users and groups that have no number in this namespace (`/proc/sys/kernel/overflowuid`), like those of a
/// unit with `PrivateUsers=`. They are different people.
const NOBODY: u32 = 65534;

/// The bits of a file's mode for everybody else.
const OTHERS: u32 = 0o007;

/// Where the names of users are.
const USERS: &str = "/etc/passwd";

/// Whose socket it is.
#[derive(Clone, Debug)]
pub struct Local {
    path: PathBuf,
    uid: u32,
    gid: u32,
}

impl Local {
    /// The socket at this path, which must be there.
    pub fn at(path: &Path) -> std::io::Result<Local> {
        let file = std::fs::metadata(path)?;
        Ok(Local { path: path.to_owned(), uid: file.uid(), gid: file.gid() })
    }

    fn admits(&self, uid: u32, gid: u32) -> bool {
        let known = uid == 0 || (uid == self.uid && uid != NOBODY) || (gid == self.gid && gid != NOBODY);
        known || std::fs::metadata(&self.path).is_ok_and(|file| file.mode() & OTHERS == 0)
    }
}

/// Admits whoever the kernel says may act here.
pub(super) async fn admit(
    State(local): State<Arc<Local>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(Peer::Local { uid, gid }) = request.extensions().get::<Peer>().copied() else {
        return Err(Problem::with(Kind::Forbidden, "the system does not say who asks"));
    };
    if !local.admits(uid, gid) {
        tracing::warn!(uid, gid, "somebody else asked at the socket");
        let detail = format!(
            "this socket is for root, the user {} and the group {}; the user {uid} of the group {gid} is neither, and the mode of \
             {} lets everybody in",
            local.uid,
            local.gid,
            local.path.display()
        );
        return Err(Problem::with(Kind::Forbidden, detail));
    }
    request.extensions_mut().insert(Caller::local(name(uid)));
    Ok(next.run(request).await)
}

/// The user's name, as far as this machine's own file knows it.
fn name(uid: u32) -> String {
    if uid == NOBODY {
        return "a local user".to_owned();
    }
    let users = std::fs::read_to_string(USERS).unwrap_or_default();
    name_in(&users, uid).unwrap_or_else(|| format!("uid {uid}"))
}

fn name_in(users: &str, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn owner_group_and_root_may_ask_and_others_only_behind_a_file_that_keeps_them_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        std::fs::write(&path, "").unwrap();
        let set = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let local = Local { path: path.clone(), uid: 990, gid: 991 };
        for mode in [0o660, 0o666] {
            set(mode);
            assert!(local.admits(0, 0) && local.admits(990, 1) && local.admits(1000, 991), "{mode:o}");
            // The kernel has let it in by a group that it does not tell of, or because everybody may.
            assert_eq!(local.admits(1000, 1000), mode == 0o660, "{mode:o}");
        }
        let unmapped = Local { uid: NOBODY, gid: NOBODY, ..local.clone() };
        assert!(!unmapped.admits(NOBODY, NOBODY), "two who are nobody here are not the same");
        std::fs::remove_file(&path).unwrap();
        assert!(!local.admits(1000, 1000));
    }

    #[test]
    fn users_are_called_by_their_names() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\nbroken\n:x:7:7::/:\nada:x:1000:1000:Ada:/home/ada:/bin/sh\n";
        assert_eq!(name_in(users, 1000).as_deref(), Some("ada"));
        assert_eq!(name_in(users, 100), None);
        assert_eq!(name_in(users, 7), None);
        assert_eq!(name(NOBODY), "a local user");
    }
}
