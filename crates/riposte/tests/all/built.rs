//! What `.cargo/config.toml` sets is in force where this is compiled. Flags of one's own (`RUSTFLAGS`, say) replace it without a word,
//! and what comes of it works and is slower. What the builds in C have made of theirs is not seen here.

#[test]
fn tasks_can_be_told_to_keep_their_order() {
    let told = cfg!(tokio_unstable);
    assert!(told, "built without `--cfg tokio_unstable`: docs/decisions/0049-tasks-in-their-order.md");
}

#[test]
fn sqlite_is_told_of_fdatasync() {
    let flags = option_env!("LIBSQLITE3_FLAGS").unwrap_or_default();
    assert!(flags.contains("-DHAVE_FDATASYNC"), "built with `{flags}`: docs/decisions/0048-fdatasync.md");
}

#[test]
fn the_allocator_is_set_for_two_cores() {
    let settings = option_env!("JEMALLOC_SYS_WITH_MALLOC_CONF").unwrap_or_default();
    assert!(settings.contains("narenas:2"), "built with `{settings}`: docs/decisions/0042-the-allocator.md");
}
