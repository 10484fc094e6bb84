//! An admin side that serves in the background.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use durward_admin::{AdminParts, AdminSocket, serve};
use durward_core::{Denial, Moment, Reason, RequestIds, Secret, StageId, SystemClock, Trail};
use durward_keys::ApiKeys;
use durward_record::{Build, Entry, Exchange, Metrics, RecordConfig, Recorder};
use durward_store::Store;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Side {
    pub path: PathBuf,
    pub good_policy: Arc<AtomicBool>,
    pub keys: Option<Arc<ApiKeys>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Side {
    pub fn start(dir: &Path, with_keys: bool) -> Self {
        let path = dir.join("run/admin.sock");
        let good_policy = Arc::new(AtomicBool::new(true));
        let keys = with_keys.then(|| ApiKeys::open(Store::memory(), Secret::new(vec![7; 32])).unwrap());
        let metrics = Metrics::new(&Build { version: "0.1.0", commit: None });
        metrics.plan_in_force(5);
        let policy = Arc::clone(&good_policy);
        let parts = AdminParts {
            metrics,
            reload: Arc::new(move || {
                let good = policy.load(Ordering::Relaxed);
                Box::pin(async move {
                    if good {
                        Ok("plan 6 is in force".into())
                    } else {
                        Err("error: unknown key `lisen`\n --> durward.toml:2".into())
                    }
                })
            }),
            keys: keys.clone(),
            record_dir: dir.join("audit"),
            status: Arc::new(|| serde_json::json!({ "plan": 5 })),
            clock: Arc::new(SystemClock::new()),
        };
        let socket = AdminSocket::bind(&path).unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            serve(socket, parts, async { drop(stopped.await) }).await.unwrap();
        });
        Self { path, good_policy, keys, stop, task }
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// Records one refused request and gives its id.
pub fn record_one(dir: &Path) -> String {
    let (recorder, writer) = Recorder::open(&RecordConfig::default(), &dir.join("audit")).unwrap();
    let running = writer.start(Metrics::new(&Build { version: "0", commit: None }), |text| panic!("{text}")).unwrap();
    let received = Moment::new(1_795_608_000_000_000_000, 0);
    let mut trail = Trail::new(RequestIds::new(1).next(received));
    trail.require::<()>(StageId::Edge, Err(Denial::new(Reason::PathAmbiguous))).unwrap_err();
    let id = trail.id().to_string();
    let exchange = Exchange {
        received,
        status: 400,
        upstream_status: None,
        request_bytes: 0,
        response_bytes: 100,
        admit: Duration::from_micros(3),
        upstream: None,
        total: Duration::from_micros(9),
        http: "HTTP/1.1",
        tls: None,
        aborted: false,
        upgraded: false,
    };
    recorder.record(Entry { trail, exchange });
    running.close().unwrap();
    id
}
