//! Writes generated parcels to start from into `corpus/<target>/`: `cargo run --release --bin seeds`.

use edi::Standard;
use edi::generate::{Plan, faults, parcel};

fn main() -> std::io::Result<()> {
    for (target, standard) in [
        ("x12", Standard::X12),
        ("edifact", Standard::Edifact),
        ("tradacoms", Standard::Tradacoms),
        ("vda", Standard::Vda),
        ("xml", Standard::Xml),
    ] {
        for folder in [target, "detection"] {
            std::fs::create_dir_all(format!("corpus/{folder}"))?;
        }
        for (seed, fault) in std::iter::once(None).chain(faults(standard).iter().copied().map(Some)).enumerate() {
            let bytes = parcel(&Plan { fault, lines: 1, ..Plan::new(standard) }, seed as u64);
            std::fs::write(format!("corpus/detection/{target}-{seed}"), &bytes)?;
            std::fs::write(format!("corpus/{target}/{seed}"), [&[0], &*bytes].concat())?;
        }
    }
    std::fs::create_dir_all("corpus/splits")?;
    std::fs::write("corpus/splits/0", [0; 64])
}
