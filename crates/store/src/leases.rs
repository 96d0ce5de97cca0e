//! Leases: what only one node may do at a time, and the numbers only one node may give out.

use crate::{db::Tx, error::Result};
use model::Time;

pub(crate) const STATEMENTS: &[&str] = &[FLOOR, TAKE, GIVE_BACK];

const FLOOR: &str = "SELECT floor FROM leases WHERE name = $1";
const TAKE: &str = "INSERT INTO leases (name, holder, until, floor) VALUES ($1, $2, $3, $5)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
      floor = CASE WHEN leases.floor > excluded.floor THEN leases.floor ELSE excluded.floor END
    WHERE leases.holder = excluded.holder OR leases.until < $4
    RETURNING floor";
const GIVE_BACK: &str = "UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2";

/// The highest `floor` that any holder of a lease has ever written.
pub fn floor(tx: &mut Tx<'_>, name: &str) -> Result<Option<i64>> {
    tx.one(FLOOR, &[&name])
}

/// Takes or renews a lease until `until`. `None`: somebody else holds it. The answer is the lease's floor: the highest
/// `floor` that any holder has ever written, this one's included.
pub fn take(tx: &mut Tx<'_>, name: &str, holder: &str, now: Time, until: Time, floor: i64) -> Result<Option<i64>> {
    tx.one(TAKE, &[&name, &holder, &until.0, &now.0, &floor])
}

/// Lets a lease go.
pub fn give_back(tx: &mut Tx<'_>, name: &str, holder: &str) -> Result<()> {
    tx.run(GIVE_BACK, &[&name, &holder]).map(drop)
}
