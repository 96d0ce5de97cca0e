//! `crossdock audit verify`: reads the log and recomputes it. Changes nothing, and works beside a running server.

use crate::{Failed, config::Options, keys::store_is_there, out, serve};

/// Checks the log of a data folder's store.
pub async fn verify(options: &Options) -> Result<(), Failed> {
    // Opening the embedded store would make an empty one, whose log is spotless.
    let data = store_is_there(options)?;
    let db = serve::database(options, data)?;
    let report = hub::audit::verify(&db).await;
    db.close().await;
    let report = report?;
    out::line(format_args!(
        "{} records in {} chains, {} not chained yet",
        report.chained, report.chains, report.unchained
    ));
    for fault in &report.faults {
        out::line(format_args!("FAULT {fault}"));
    }
    match report.faults.len() {
        0 => {
            out::line("The log is whole.");
            Ok(())
        }
        faults => Err(Failed(format!(
            "the audit log has faults ({faults}): records were changed outside Crossdock. Keep this store as it is, and \
             compare it with a backup"
        ))),
    }
}
