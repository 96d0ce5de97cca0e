use super::*;
use std::fmt;

fn wrong<T: fmt::Debug>(result: Result<T, Failed>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn each_source_yields_to_the_one_above() {
    let file = from_toml("listen = \"127.0.0.1:1\"\nrate_limit = 7\nshape = \"guide\"").unwrap();
    let environment = from_environment(|name| match name {
        "CROSSDOCK_LISTEN" => Some("127.0.0.1:2".into()),
        "CROSSDOCK_SHAPE" => Some("samples".into()),
        _ => None,
    });
    let flags = Options { listen: Some("127.0.0.1:3".parse().unwrap()), ..Options::default() };
    let all = flags.over(environment.unwrap()).over(file);
    assert_eq!(all.listen().port(), 3);
    assert_eq!(all.shape, Some(Shape::Samples));
    assert_eq!(all.settings().requests_per_credential, PerMinute(7));
    assert_eq!(all.settings().failures_per_address, PerMinute(20));
}

#[test]
fn the_file_knows_every_kind_of_value() {
    let text = "data = \"/d\"\nbehind_proxy = [\"10.0.0.0/8\", \"::1\"]\nopen_metrics = true\nbody_limit = 3";
    let options = from_toml(text).unwrap();
    assert_eq!(options.data().unwrap(), Path::new("/d"));
    assert_eq!(options.behind_proxy, Some("10.0.0.0/8,::1".parse().unwrap()));
    assert!(options.rest().open_metrics);
    assert_eq!(options.rest().limits.size, 3 * 1024 * 1024);
}

#[test]
fn an_unknown_key_is_named_beside_the_known_ones() {
    let message = wrong(from_toml("listen = \"127.0.0.1:1\"\nlisen = 1\nport = 2"));
    assert!(message.starts_with("unknown: lisen, port. Known: data, listen,"), "{message}");
}

#[test]
fn a_wrong_value_is_told_under_the_sources_own_name_and_never_repeated() {
    let message = wrong(from_environment(|name| (name == "CROSSDOCK_TOKEN_MINUTES").then(|| "hunter2".into())));
    assert!(message.starts_with("CROSSDOCK_TOKEN_MINUTES "), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
    let message = wrong(from_toml("x = 1\ndatabase_url = \"hunter2\nshape = 1"));
    assert!(message.starts_with("line 2 ") && !message.contains("hunter2"), "{message}");
    assert!(wrong(from_toml("shape = \"odd\"")).starts_with("shape "));
    assert!(wrong(from_toml("behind_proxy = [1]")).starts_with("behind_proxy"));
}

#[test]
fn no_limit_is_left_when_the_rate_limit_is_nothing() {
    let settings = from_toml("rate_limit = 0").unwrap().settings();
    for limit in [settings.requests_per_credential, settings.failures_per_address, settings.reveals_per_user] {
        assert_eq!(limit, PerMinute(0));
    }
}

#[test]
fn a_public_address_is_served_with_tls_or_behind_a_proxy_only() {
    let listening = |more: &str| from_toml(&format!("listen = \"0.0.0.0:80\"\n{more}")).unwrap();
    let message = wrong(listening("").tls());
    assert!(message.contains("--tls-cert") && message.contains("--behind-proxy"), "{message}");
    assert!(listening("behind_proxy = \"\"").tls().is_err());
    assert_eq!(listening("behind_proxy = \"10.0.0.0/8\"").tls(), Ok(None));
    assert!(listening("tls_cert = \"c\"\ntls_key = \"k\"").tls().unwrap().is_some());
    assert!(listening("tls_cert = \"c\"").tls().is_err());
    assert_eq!(Options::default().tls(), Ok(None));
}
