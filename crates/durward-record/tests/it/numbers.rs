//! Metrics.

use durward_core::{Denial, Reason};

use crate::entries::{Seen, allowed, metrics, refused};

#[test]
fn requests_are_counted_by_what_the_plan_calls_them() {
    let metrics = metrics();
    let entry = allowed(1);
    metrics.observe(&entry);
    metrics.observe(&entry);
    let seen = Seen { path: "/secret/CANARY".into(), subject: "CANARY".into(), ..Seen::default() };
    metrics.observe(&refused(&seen, Denial::new(Reason::ScopeMissing)));
    metrics.plan_in_force(3);
    metrics.reloaded(false, 1_795_608_000);
    let connection = metrics.connection();
    let text = metrics.encode();
    for part in [
        "durward_build_info{version=\"0.1.0\",commit=\"unknown\"} 1\n",
        "durward_requests_total{api=\"orders\",operation=\"createOrder\",decision=\"allowed\",reason=\"none\",status=\"2xx\"} 2\n",
        "durward_requests_total{api=\"orders\",operation=\"createOrder\",decision=\"denied\",reason=\"scope-missing\",status=\"4xx\"} 1\n",
        "durward_would_deny_total{api=\"orders\",stage=\"flood\",reason=\"address-flooding\"} 1\n",
        "durward_request_seconds_count{api=\"orders\",operation=\"createOrder\"} 3\n",
        "durward_admit_seconds_count{api=\"orders\"} 3\n",
        "durward_upstream_seconds_count{api=\"orders\"} 2\n",
        "durward_body_bytes_total{api=\"orders\",direction=\"in\"} 360\n",
        "durward_connections_open 1\n",
        "durward_plan_generation 3\n",
        "durward_last_reload_ok 0\n",
        "durward_reloads_total{result=\"failed\"} 1\n",
        "# EOF\n",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains("CANARY") && !text.contains("/orders"));
    drop(connection);
    assert!(metrics.encode().contains("durward_connections_open 0\n"));
}
