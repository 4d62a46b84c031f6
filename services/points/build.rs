//! Builds again when a migration was added: the migrations are compiled in.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
