//! Turns the contracts under `proto/loyalty` into Rust, with protox in the place of protoc.

#![forbid(unsafe_code)]

mod validators;

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

const PROTO_DIR: &str = "../../proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed={PROTO_DIR}");
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);

    let mut contracts = Vec::new();
    find_contracts(&Path::new(PROTO_DIR).join("loyalty"), &mut contracts)?;
    contracts.sort();

    let mut compiler = protox::Compiler::new([PROTO_DIR])?;
    compiler.include_imports(true).open_files(&contracts)?;

    // Encoded by protox, because prost would drop the options that carry validation and authorisation rules.
    fs::write(out_dir.join("loyalty.binpb"), compiler.encode_file_descriptor_set())?;
    fs::write(
        out_dir.join("validators.rs"),
        validators::generate(&compiler.descriptor_pool())?,
    )?;

    // The generated code keeps the comments of the contracts, so here the source is included. Of what they import, the
    // rules are left out: nothing at run time reads them as messages.
    let mut files = compiler.include_source_info(true).file_descriptor_set();
    files.file.retain(|file| file.package() != "buf.validate");

    let mut config = prost_build::Config::new();
    config.btree_map(["."]).enable_type_names().include_file("modules.rs");
    tonic_prost_build::configure()
        .codec_path("crate::codec::ProtoCodec")
        .compile_fds_with_config(files, config)?;
    Ok(())
}

fn find_contracts(dir: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            find_contracts(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    Ok(())
}
