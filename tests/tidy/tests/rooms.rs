//! Every service has the same rooms, and each room has one job.

use std::path::PathBuf;

use tidy::{SERVICES, Source, enforce, names_in, root};

/// The rooms of every service: a folder each, and a file of the same name that opens it.
const ROOMS: [&str; 5] = ["domain", "ops", "rpc", "store", "workers"];

/// The single files beside the rooms.
const FILES: [&str; 6] = ["config.rs", "context.rs", "error.rs", "lib.rs", "main.rs", "peers.rs"];

/// Rooms that one service alone has: the service, the room, and why the others do not need it.
const OWN_ROOMS: [(&str, &str, &str); 2] = [
    (
        "campaign",
        "messenger",
        "the way out of the suite: adapters of the outside world, through which addresses pass on their way and in which nothing can be shown",
    ),
    (
        "member",
        "vault",
        "personal data: the only place that sees keys and plain text, and it draws randomness, which domain/ must not",
    ),
];

/// What lies beside `src/`.
const BESIDE: [&str; 2] = ["migrations", "tests"];

const WHY_ROOMS: &str = "\
Why: someone who knows one service knows all five, and follows an RPC from contract to SQL without searching.
What to do: give the file its place in one of the rooms. If a new room is really needed, all services get it; if one
service alone needs it, it stands in OWN_ROOMS of tests/tidy/tests/rooms.rs with the reason.";

const WHY_PURE: &str = "\
Why: what decides about points must be a pure function, so that it can be tested by the million, replayed and explained.
What to do: pass in what is needed (the time, the state, an id that was drawn) as an argument. Reading and writing
belong to `store/`, the story of a change to `ops/`, protobuf to `rpc/`.";

#[test]
fn all_five_services_are_there_with_the_same_rooms() {
    let mut broken = Vec::new();
    for service in SERVICES {
        let own = OWN_ROOMS
            .iter()
            .filter(|(owner, ..)| *owner == service)
            .map(|(_, room, _)| *room);
        let rooms = ROOMS
            .into_iter()
            .chain(own)
            .flat_map(|room| [room.to_owned(), format!("{room}.rs")]);
        let expected: Vec<String> = rooms.chain(FILES.map(str::to_owned)).collect();
        let found = names_in(&service_dir(service).join("src"));
        let missing = expected.iter().filter(|name| !found.contains(name));
        broken.extend(missing.map(|name| format!("services/{service}/src/{name} is missing")));
        let extra = found.iter().filter(|name| !expected.contains(name));
        broken.extend(extra.map(|name| format!("services/{service}/src/{name} is not one of the rooms")));
        let beside = names_in(&service_dir(service));
        let missing = BESIDE
            .iter()
            .filter(|folder| !beside.iter().any(|found| found == *folder));
        broken.extend(missing.map(|folder| format!("services/{service}/{folder} is missing")));
    }
    enforce("Every service has the same rooms", WHY_ROOMS, broken);
}

#[test]
fn the_domain_is_pure() {
    let impure = [
        "sqlx",
        "tonic",
        "prost",
        "proto",
        "tokio",
        "redis",
        "async",
        "await",
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "Uuid::now_v7",
        "Uuid::new_v4",
        "std::fs",
        "std::net",
        "std::env",
    ];
    enforce(
        "domain/ does no I/O, reads no clock and speaks neither SQL nor protobuf",
        WHY_PURE,
        naming(&["domain"], &impure),
    );
}

#[test]
fn knowledge_flows_one_way_between_rooms() {
    let flows: [(&str, &[&str]); 3] = [
        (
            "domain",
            &["config", "context", "ops", "peers", "rpc", "store", "workers"],
        ),
        ("store", &["ops", "rpc", "workers"]),
        ("ops", &["rpc", "workers"]),
    ];
    let broken = flows.iter().flat_map(|(room, others)| {
        sources(&[*room])
            .into_iter()
            .flat_map(|source| source.places_of_modules(others))
            .collect::<Vec<_>>()
    });
    enforce(
        "A read goes rpc -> store, a change goes rpc -> ops -> domain + store, and never back",
        "Why: a room that knows its callers cannot be read, tested or changed without them.\n\
         What to do: let the caller pass in what is needed, or move the type to the room that owns it.",
        broken.collect(),
    );
}

#[test]
fn sql_lives_in_the_store() {
    let own = OWN_ROOMS.map(|(_, room, _)| room);
    let rooms: Vec<&str> = ROOMS
        .into_iter()
        .chain(own)
        .chain(FILES)
        .filter(|room| *room != "store")
        .collect();
    let macros = [
        "query!",
        "query_as!",
        "query_scalar!",
        "query_file!",
        "query_file_as!",
        "query_file_scalar!",
    ];
    let functions = ["sqlx::query", "sqlx::query_as", "sqlx::query_scalar", "sqlx::raw_sql"];
    let mut broken = naming(&rooms, &[&macros[..], &functions[..]].concat());
    broken.extend(
        sources(&rooms)
            .iter()
            .flat_map(|source| source.places_of_strings(is_sql)),
    );
    broken.sort();
    broken.dedup();
    enforce(
        "SQL lives in store/ (and, for the plumbing tables, in libs/common)",
        "Why: one place to look when a table, an index or a plan changes; what decides never waits for a database.\n\
         What to do: write a function in `store/` named after what it does (find, lock, list, insert), and call it.",
        broken,
    );
}

#[test]
fn rpc_never_touches_the_database_itself() {
    enforce(
        "rpc/ never names sqlx",
        "Why: the wire is three lines: parse, do, answer. A connection or transaction there is a story that belongs to `ops/`, \
         and a row is something `store/` has already turned into a type.\nWhat to do: call `ops/` or `store/` with the context.",
        naming(&["rpc"], &["sqlx"]),
    );
}

#[test]
fn redis_is_never_asked_when_deciding() {
    enforce(
        "ops/ and domain/ never name redis",
        "Why: Redis may be stale, empty or gone, so nothing is decided from it, and it is written only after the commit.\n\
         What to do: read Postgres under the lock of the shard's head; publish what changed in the writer's `committed`.",
        naming(&["ops", "domain"], &["redis"]),
    );
}

fn naming(rooms: &[&str], words: &[&str]) -> Vec<String> {
    let sources = sources(rooms);
    sources
        .iter()
        .flat_map(|source| words.iter().flat_map(|words| source.places_of(words)))
        .collect()
}

/// Returns the sources in these rooms of all services, the file that opens a room among them.
fn sources(rooms: &[&str]) -> Vec<Source> {
    let src = SERVICES.map(|service| service_dir(service).join("src"));
    let paths = src.iter().flat_map(|src| rooms.iter().map(|room| src.join(room)));
    paths
        .flat_map(|path| [path.clone(), path.with_extension("rs")])
        .flat_map(|path| Source::all_in(&path))
        .collect()
}

fn service_dir(service: &str) -> PathBuf {
    root().join("services").join(service)
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let starts_and_has = |start: &str, word: &str| text.starts_with(start) && text.contains(word);
    starts_and_has("select ", " from ")
        || starts_and_has("insert ", "into ")
        || starts_and_has("update ", " set ")
        || starts_and_has("delete ", "from ")
        || starts_and_has("with ", " as (")
}
