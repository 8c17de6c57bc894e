//! Pools of workers.
use super::scheduling::Scheduling;
use k8s_openapi::api::core::v1::ResourceRequirements;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pool of workers that are alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.replicas) && has(self.autoscale))")
    .message("give replicas or autoscale, not both: autoscale decides the number of workers itself"))]
pub struct WorkerPool {
    /// How many workers run. 1 by default, unless `autoscale` is given. `kubectl scale` sets the default pool's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000))]
    pub replicas: Option<i32>,
    /// Lets the length of the queue decide how many workers run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoscale: Option<Autoscale>,
    /// The accelerator of each worker. One `nvidia.com/gpu` by default with the `cuda` provider, none with `cpu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<Accelerator>,
    /// What computes: `cuda` (the default) or `cpu`. A worker that cannot have it fails, it never falls back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_provider: Option<ExecutionProvider>,
    /// The precision of models: `auto` (the default: `float16` with `cuda`, `float32` with `cpu`), `float16` or `float32`.
    /// VAEs compute in `float32` whatever it is. Workers refuse `bfloat16` at their start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Memory for loaded models, in GiB. Half of the node's by default, so give it when memory is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4096))]
    pub model_cache_gib: Option<u32>,
    /// CPU and memory. By default 500m and 2Gi are requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Where the pods may run.
    #[serde(default)]
    pub scheduling: Scheduling,
    /// How long a worker may finish its item when it is asked to stop, in seconds. 300 by default. What is not
    /// finished then goes back into the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 10, max = 86_400))]
    pub termination_grace_seconds: Option<i64>,
    /// The whole reference of an image of its own, for instance for another vendor's accelerators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub image: Option<String>,
}

/// A pool with a name, beside the default one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.name != 'default'")
    .message("the pool named default is spec.workers; give this one another name"))]
#[x_kube(validation = Rule::new("!(has(self.replicas) && has(self.autoscale))")
    .message("give replicas or autoscale, not both: autoscale decides the number of workers itself"))]
pub struct NamedWorkerPool {
    /// The name of the pool.
    #[schemars(length(min = 1, max = 20), regex(pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub name: String,
    /// The pool.
    #[serde(flatten)]
    pub pool: WorkerPool,
}

/// How the length of the queue decides the number of workers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.min <= self.max").message("autoscale.min must not be above autoscale.max"))]
pub struct Autoscale {
    /// The fewest workers. 0 by default: an idle pool holds no accelerator.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000))]
    pub min: i32,
    /// The most workers.
    #[schemars(range(min = 1, max = 1000))]
    pub max: i32,
    /// How many items may wait for each worker before another one is started. 2 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub items_per_worker: Option<u32>,
    /// For how long fewer workers must be enough before one goes, in seconds. 300 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400))]
    pub cool_down_seconds: Option<u32>,
}

/// The accelerator of a worker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accelerator {
    /// The resource's name, `nvidia.com/gpu` by default; `nvidia.com/mig-1g.10gb` asks for a slice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 253), regex(pattern = "^[a-z0-9.-]+/[A-Za-z0-9._-]+$"))]
    pub resource_name: Option<String>,
    /// How many of them. 1 by default; 0 asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 16))]
    pub count: Option<u32>,
    /// The runtime class of the pods, for instance `nvidia`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_class_name: Option<String>,
}

/// What computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are ONNX Runtime's")]
pub enum ExecutionProvider {
    #[default]
    Cuda,
    Cpu,
}

impl ExecutionProvider {
    /// The name as the worker's settings write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Cpu => "cpu",
        }
    }
}

/// The precision of models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are InvokeAI's")]
pub enum Precision {
    #[default]
    Auto,
    Float16,
    Bfloat16,
    Float32,
}

impl Precision {
    /// The name as InvokeAI writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::Float32 => "float32",
        }
    }
}

impl WorkerPool {
    /// What computes.
    pub fn provider(&self) -> ExecutionProvider {
        self.execution_provider.unwrap_or_default()
    }

    /// The accelerators that each worker asks for: the resource and how many.
    pub fn accelerators(&self) -> Option<(&str, u32)> {
        let by_default = u32::from(self.accelerator.is_some() || self.provider() == ExecutionProvider::Cuda);
        let accelerator = self.accelerator.as_ref();
        let count = accelerator.and_then(|accelerator| accelerator.count).unwrap_or(by_default);
        let name = accelerator.and_then(|accelerator| accelerator.resource_name.as_deref());
        (count > 0).then_some((name.unwrap_or("nvidia.com/gpu"), count))
    }
}
