//! Bearer tokens: JSON Web Tokens signed with Ed25519, one pinned algorithm (decision A5). A token is only a pointer: its
//! `jti` names a session, and the session's row decides, so a token never outlives a logout.

use crate::{Error, Result};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::{Id, Time, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

const ISSUER: &str = "crossdock";

/// The longest text that is looked at as a token.
const LONGEST: usize = 2048;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: Uuid,
    iat: i64,
    exp: i64,
}

/// Makes and reads tokens.
pub struct Signer {
    sign: EncodingKey,
    verify: DecodingKey,
    rules: Validation,
}

impl Signer {
    /// A new signing key, as PKCS #8.
    pub fn new_key() -> Result<Zeroizing<Vec<u8>>> {
        let pair = Ed25519KeyPair::generate().map_err(Error::internal)?;
        let document = pair.to_pkcs8v1().map_err(Error::internal)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// A signer with a key as PKCS #8.
    pub fn new(pkcs8: &[u8]) -> Result<Self> {
        let pair =
            Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| Error::internal("the token signing key is damaged"))?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[ISSUER]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // When a token ends stands in its session's row, which is judged by the hub's own clock.
        rules.validate_exp = false;
        let verify = DecodingKey::from_ed_der(pair.public_key().as_ref());
        Ok(Self { sign: EncodingKey::from_ed_der(pkcs8), verify, rules })
    }

    /// The token of a session.
    pub fn sign(&self, user: UserId, token: &[u8; 16], now: Time, expires: Time) -> Result<Zeroizing<String>> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: ISSUER.into(),
            sub: user.get().to_string(),
            jti: Uuid::from_bytes(*token),
            iat: now.0 / 1000,
            exp: expires.0 / 1000,
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.sign);
        token.map(Zeroizing::new).map_err(|_| Error::internal("signing a token failed"))
    }

    /// The session number in a token of ours; none for any other text.
    pub fn read(&self, token: &str) -> Option<[u8; 16]> {
        if token.len() > LONGEST {
            return None;
        }
        let read = jsonwebtoken::decode::<Claims>(token, &self.verify, &self.rules).ok()?;
        Some(read.claims.jti.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};

    fn signer() -> Signer {
        Signer::new(&Signer::new_key().unwrap()).unwrap()
    }
    fn token(signer: &Signer) -> String {
        signer.sign(UserId::new(7).unwrap(), &[3; 16], Time(1000), Time(2000)).unwrap().to_string()
    }

    #[test]
    fn a_token_of_ours_reads_back_and_no_other_does() {
        let ours = signer();
        let good = token(&ours);
        assert_eq!(ours.read(&good), Some([3; 16]));
        assert_eq!(ours.read(&token(&signer())), None, "another key");
        for (at, _) in good.char_indices() {
            let mut bad = good.clone().into_bytes();
            bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
            let bad = String::from_utf8(bad).unwrap();
            assert!(bad == good || ours.read(&bad) != Some([3; 16]) || at >= good.len() - 2, "character {at}");
        }
    }

    #[test]
    fn the_algorithm_is_pinned() {
        let ours = signer();
        let good = token(&ours);
        let payload = good.split('.').nth(1).unwrap();
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"EdDSA","jwk":{}}"#, r#"{"alg":"ES256"}"#] {
            for signature in ["", "AAAA", good.split('.').nth(2).unwrap()] {
                assert_eq!(ours.read(&format!("{}.{payload}.{signature}", B64.encode(header))), None, "{header}");
            }
        }
        assert_eq!(ours.read(&"a".repeat(1 << 20)), None);
        assert_eq!(ours.read(""), None);
    }
}
