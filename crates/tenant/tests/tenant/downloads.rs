//! Files behind links: whole, in parts, and broken.

use std::time::Duration;

use reqwest::Response;

use crate::helpers::{DESKTOP, World};

/// A package that is there, and a link to it.
async fn package(world: &World) -> (String, String) {
    let id = world.open(DESKTOP, "collectInvestigationPackage").await;
    let link = link(world, &id).await;
    (id, link)
}

async fn link(world: &World, id: &str) -> String {
    let link = world.get(&format!("/api/machineactions/{id}/getPackageUri")).await.field("value");
    link.trim_matches('"').to_owned()
}

async fn get(world: &World, link: &str, headers: &[(&'static str, &str)]) -> Response {
    let request =
        headers.iter().fold(world.client.get(link), |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap()
}

fn said(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_package_has_the_size_that_was_asked_for_and_bytes_of_its_own() {
    let world = World::with(|config| config.download_size = 1_000).await;
    let (id, link) = package(&world).await;
    let whole = get(&world, &link, &[]).await;
    assert_eq!((whole.status().as_u16(), said(&whole, "accept-ranges").as_str()), (200, "bytes"));
    let bytes = whole.bytes().await.unwrap();
    assert_eq!(Some(bytes.to_vec()), world.tenant.file(&id, None));
    assert!((1_000..1_200).contains(&bytes.len()) && bytes.starts_with(b"PK\x03\x04"), "{}", bytes.len());
    let (other, _) = package(&world).await;
    assert_ne!(world.tenant.file(&other, None), world.tenant.file(&id, None));
    let isolation = world.open(DESKTOP, "isolate").await;
    for nothing in [isolation.as_str(), "nothing"] {
        assert_eq!(world.tenant.file(nothing, None), None);
    }
}

#[tokio::test]
async fn a_part_is_given_of_the_file_that_it_was_a_part_of() {
    let world = World::with(|config| config.download_size = 1_000).await;
    let (id, link) = package(&world).await;
    let whole = world.tenant.file(&id, None).unwrap();
    let tag = said(&get(&world, &link, &[]).await, "etag");
    let last = whole.len() - 1;

    let rest = get(&world, &link, &[("range", "bytes=400-"), ("if-range", &tag)]).await;
    assert_eq!(rest.status().as_u16(), 206);
    assert_eq!(said(&rest, "content-range"), format!("bytes 400-{last}/{}", whole.len()));
    assert_eq!(
        (said(&rest, "etag"), said(&rest, "content-length")),
        (tag.clone(), (whole.len() - 400).to_string())
    );
    assert_eq!(rest.bytes().await.unwrap(), whole[400..]);

    let middle = get(&world, &link, &[("range", "bytes=400-409")]).await;
    assert_eq!(middle.bytes().await.unwrap(), whole[400..410]);
    let changed = get(&world, &link, &[("range", "bytes=400-"), ("if-range", "\"0x1\"")]).await;
    assert_eq!((changed.status().as_u16(), changed.bytes().await.unwrap().len()), (200, whole.len()));
    let behind = get(&world, &link, &[("range", &format!("bytes={}-", whole.len()))]).await;
    assert_eq!(behind.status().as_u16(), 416);
    assert_eq!(said(&behind, "content-range"), format!("bytes */{}", whole.len()));
}

#[tokio::test]
async fn a_link_ends_with_its_life_or_by_a_fault_and_a_new_one_does_not() {
    let world = World::with(|config| config.link_lifetime = Duration::from_secs(60)).await;
    let (id, old) = package(&world).await;
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(get(&world, &old, &[]).await.status().as_u16(), 403);
    let new = link(&world, &id).await;
    world.inject("safedownload=403");
    for _ in 0..2 {
        assert_eq!(get(&world, &new, &[]).await.status().as_u16(), 403);
    }
    assert_eq!(get(&world, &link(&world, &id).await, &[]).await.status().as_u16(), 200);
    world.inject("machines=403");
    assert_eq!(world.get("/api/machines").await.error(), (403, "Forbidden".into()));
    assert_eq!(world.get("/api/machines").await.status, 200);
}

#[tokio::test]
async fn a_download_breaks_in_its_middle() {
    let world = World::with(|config| config.download_size = 3_000_000).await;
    let (id, link) = package(&world).await;
    let whole = world.tenant.file(&id, None).unwrap();
    world.inject("safedownload=malformed:2");
    for (range, from) in [("bytes=0-", 0), ("bytes=2900000-", 2_900_000)] {
        let mut answer = get(&world, &link, &[("range", range)]).await;
        assert_eq!(said(&answer, "content-length"), (whole.len() - from).to_string());
        let mut came = Vec::new();
        let error = loop {
            match answer.chunk().await {
                Ok(chunk) => came.extend(chunk.expect("it ends with an error")),
                Err(error) => break error,
            }
        };
        assert!(error.is_body() || error.is_decode(), "{error:?}");
        assert!(
            !came.is_empty() && came.len() <= whole.len() / 2 && whole[from..].starts_with(&came),
            "{}",
            came.len()
        );
    }
}

#[tokio::test]
async fn another_part_than_was_asked_for_says_which_it_is() {
    let world = World::with(|config| config.download_size = 1_000).await;
    let (id, link) = package(&world).await;
    let whole = world.tenant.file(&id, None).unwrap();
    world.inject("safedownload=wrong-range:2");
    for (range, from) in [(&[][..], 1), (&[("range", "bytes=7-")][..], 8)] {
        let wrong = get(&world, &link, range).await;
        assert_eq!(wrong.status().as_u16(), 206);
        assert_eq!(
            said(&wrong, "content-range"),
            format!("bytes {from}-{}/{}", whole.len() - 1, whole.len())
        );
        assert_eq!(wrong.bytes().await.unwrap(), whole[from..]);
    }
    world.inject("machines=wrong-range");
    assert_eq!(world.get("/api/machines").await.status, 200);
}
