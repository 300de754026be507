//! Compiles the contract without a system protoc, and refuses to build it
//! where a field that can leave the network has no section.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;
use prost_reflect::DescriptorPool;

#[path = "src/coverage.rs"]
mod coverage;
#[allow(dead_code)]
#[path = "src/http.rs"]
mod http;
#[path = "src/http_rules.rs"]
mod http_rules;

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    for folder in ["casenet/v1", "casenet/internal/v1"] {
        println!("cargo:rerun-if-changed={folder}");
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            println!("cargo:rerun-if-changed={}", path.display());
            if path.extension().is_some_and(|ending| ending == "proto") {
                files.push(path);
            }
        }
    }
    files.sort();

    // Through the compiler, not protox::compile: prost-types drops the options
    // that the gateway's tables are made of.
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true);
    for file in &files {
        compiler.open_file(file)?;
    }
    let encoded = compiler.encode_file_descriptor_set();

    let pool = DescriptorPool::decode(encoded.as_slice())?;
    let mut gaps = coverage::gaps(&pool);
    gaps.extend(http_rules::faults(&pool));
    if !gaps.is_empty() {
        return Err(format!(
            "the contract leaves these undecided:\n  {}",
            gaps.join("\n  ")
        )
        .into());
    }

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("contract.bin"), &encoded)?;
    let set = prost_types::FileDescriptorSet::decode(encoded.as_slice())?;
    tonic_prost_build::configure()
        .build_transport(false)
        .compile_well_known_types(false)
        .bytes(".casenet.internal")
        .compile_fds(set)?;
    Ok(())
}
