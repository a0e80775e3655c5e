//! What is read of an Argo Rollouts `Rollout`. Documented in Argo Rollouts' "Rollout Specification", and in
//! the descriptions of its custom resource definition.

use std::collections::BTreeMap;

use domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The annotation with the number of the revision, which the controller counts.
const REVISION: &str = "rollout.argoproj.io/revision";

#[derive(Deserialize)]
pub(super) struct Rollout {
    pub(super) kind: Option<String>,
    pub(super) metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    pub(super) status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) uid: Option<String>,
    generation: Option<u64>,
    annotations: Option<BTreeMap<String, Option<String>>>,
    pub(super) deletion_timestamp: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
struct Spec {
    strategy: Option<Strategy>,
    template: Option<Template>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strategy {
    canary: Option<Canary>,
    blue_green: Option<Value>,
}

#[derive(Deserialize)]
struct Canary {
    steps: Option<Vec<Value>>,
}

/// The template of the pods. It is absent where another object has it (`workloadRef`).
#[derive(Deserialize)]
struct Template {
    spec: Option<PodSpec>,
}

#[derive(Deserialize)]
struct PodSpec {
    containers: Option<Vec<Container>>,
}

#[derive(Deserialize)]
struct Container {
    name: Option<String>,
    image: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) phase: Option<Phase>,
    pub(super) message: Option<String>,
    pub(super) abort: Option<bool>,
    aborted_at: Option<Timestamp>,
    /// How many pods there are, and how many of what is deployed; zero is left out.
    replicas: Option<u32>,
    updated_replicas: Option<u32>,
    pub(super) current_step_index: Option<u32>,
    current_pod_hash: Option<String>,
    #[serde(rename = "stableRS")]
    stable_hash: Option<String>,
    /// A number, as text.
    observed_generation: Option<String>,
    pause_conditions: Option<Vec<Pause>>,
    conditions: Option<Vec<Condition>>,
    canary: Option<CanaryStatus>,
    blue_green: Option<BlueGreenStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Phase {
    Healthy,
    Progressing,
    Paused,
    Degraded,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pause {
    start_time: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    name: String,
    status: Option<String>,
    last_transition_time: Option<Timestamp>,
    last_update_time: Option<Timestamp>,
}

#[derive(Deserialize)]
struct CanaryStatus {
    weights: Option<Weights>,
}

/// Which share of the traffic each version gets, where a router divides it.
#[derive(Deserialize)]
struct Weights {
    canary: Option<Destination>,
    stable: Option<Destination>,
}

#[derive(Deserialize)]
struct Destination {
    weight: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlueGreenStatus {
    /// The hash of the version that gets the traffic.
    active_selector: Option<String>,
}

impl Rollout {
    /// Which of the rollout's deployments this is.
    pub(super) fn revision(&self) -> Option<&str> {
        let counted = self.metadata.annotations.as_ref().and_then(|all| all.get(REVISION)?.as_deref());
        let counted = counted.filter(|number| !number.is_empty());
        counted.or(self.status.current_pod_hash.as_deref()).filter(|revision| !revision.is_empty())
    }

    /// `canary` or `blueGreen`.
    pub(super) fn strategy(&self) -> Option<&'static str> {
        let strategy = self.spec.strategy.as_ref()?;
        let blue_green = strategy.blue_green.as_ref().map(|_| "blueGreen");
        strategy.canary.as_ref().map(|_| "canary").or(blue_green)
    }

    pub(super) fn steps(&self) -> &[Value] {
        let canary = self.spec.strategy.as_ref().and_then(|strategy| strategy.canary.as_ref());
        canary.and_then(|canary| canary.steps.as_deref()).unwrap_or_default()
    }

    /// The image: of the only container, else of the one that is named like the rollout, as others are
    /// sidecars. None of a template that the controller has not seen yet: the status is of an older one.
    pub(super) fn image(&self) -> Option<&str> {
        let seen = self.status.observed_generation.as_deref().and_then(|text| text.parse::<u64>().ok());
        if seen.zip(self.metadata.generation).is_some_and(|(seen, current)| seen < current) {
            return None;
        }
        let containers = self.spec.template.as_ref()?.spec.as_ref()?.containers.as_deref()?;
        let container = match containers {
            [only] => Some(only),
            several => several.iter().find(|one| one.name.as_deref() == Some(self.metadata.name.as_str())),
        };
        container?.image.as_deref().filter(|image| !image.is_empty())
    }

    /// Whether what it deploys is the stable version already.
    pub(super) fn was_promoted(&self) -> bool {
        let hash = |hash: &Option<String>| hash.clone().filter(|hash| !hash.is_empty());
        let current = hash(&self.status.current_pod_hash);
        current.is_some() && current == hash(&self.status.stable_hash)
    }

    /// Whether the status says that all traffic goes to the stable version: by weights, by the selector, or
    /// as there are no other pods. A status that is not whole does not say the latter.
    pub(super) fn is_back_at_stable(&self) -> bool {
        let no_others = self.status.replicas.is_some_and(|count| count > 0)
            && self.status.updated_replicas.unwrap_or(0) == 0
            && self.status.conditions.is_some();
        let weights = self.status.canary.as_ref().and_then(|canary| canary.weights.as_ref());
        let weight = |of: fn(&Weights) -> Option<&Destination>| weights.and_then(of).and_then(|to| to.weight);
        let routed_back =
            weight(|all| all.canary.as_ref()) == Some(0) && weight(|all| all.stable.as_ref()) == Some(100);
        let active = self.status.blue_green.as_ref().and_then(|status| status.active_selector.as_deref());
        let active = active.filter(|hash| !hash.is_empty());
        no_others || routed_back || active.is_some() && active == self.status.stable_hash.as_deref()
    }

    /// When it came to stand as it does, where it says so, and in which field.
    pub(super) fn came_to_stand_so(&self) -> Option<(&'static str, Timestamp)> {
        let status = &self.status;
        let in_conditions = |time| ("status.conditions", time);
        let aborted = || status.aborted_at.map(|time| ("status.abortedAt", time));
        let paused = || {
            let pause = status.pause_conditions.as_deref()?.first()?;
            pause.start_time.map(|time| ("status.pauseConditions", time))
        };
        let became = |name| self.condition(name, "True").and_then(|it| it.last_transition_time).map(in_conditions);
        let special = match status.phase {
            // It is back after it was aborted.
            _ if status.abort == Some(true) && self.is_back_at_stable() => {
                let changed = status.conditions.iter().flatten().filter_map(|condition| condition.last_update_time);
                changed.max().map(in_conditions).into_iter().chain(aborted()).max_by_key(|(_, time)| *time)
            }
            _ if status.abort == Some(true) => aborted(),
            // It becomes healthy again each time that its pods do, but is completed only once.
            Some(Phase::Healthy) => became("Completed").or_else(|| became("Healthy")),
            Some(Phase::Paused) => paused(),
            _ => None,
        };
        let progress = || {
            let progress = status.conditions.iter().flatten().find(|condition| condition.name == "Progressing")?;
            progress.last_update_time.or(progress.last_transition_time).map(in_conditions)
        };
        special.or_else(progress)
    }

    fn condition(&self, name: &str, status: &str) -> Option<&Condition> {
        let mut all = self.status.conditions.iter().flatten();
        all.find(|condition| condition.name == name && condition.status.as_deref() == Some(status))
    }
}
