//! Upstream's scheduler names.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Scheduler, SchedulerError, ddim, ddpm, deis, dpm_multistep, dpm_sde, dpm_singlestep, er_sde, euler, heun,
    kdpm2, lcm, lms, pndm, tcd, unipc,
};

/// The names that the wire contract has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(missing_docs, reason = "each variant is the name of a published method")]
pub enum SchedulerName {
    Ddim,
    Ddpm,
    Deis,
    DeisK,
    Lms,
    LmsK,
    Pndm,
    Heun,
    HeunK,
    #[default]
    Euler,
    EulerK,
    EulerA,
    #[serde(rename = "kdpm_2")]
    Kdpm2,
    #[serde(rename = "kdpm_2_k")]
    Kdpm2K,
    #[serde(rename = "kdpm_2_a")]
    Kdpm2A,
    #[serde(rename = "kdpm_2_a_k")]
    Kdpm2AK,
    #[serde(rename = "dpmpp_2s")]
    Dpmpp2s,
    #[serde(rename = "dpmpp_2s_k")]
    Dpmpp2sK,
    #[serde(rename = "dpmpp_2m")]
    Dpmpp2m,
    #[serde(rename = "dpmpp_2m_k")]
    Dpmpp2mK,
    #[serde(rename = "dpmpp_2m_sde")]
    Dpmpp2mSde,
    #[serde(rename = "dpmpp_2m_sde_k")]
    Dpmpp2mSdeK,
    #[serde(rename = "dpmpp_3m")]
    Dpmpp3m,
    #[serde(rename = "dpmpp_3m_k")]
    Dpmpp3mK,
    DpmppSde,
    DpmppSdeK,
    ErSde,
    Unipc,
    UnipcK,
    Lcm,
    Tcd,
}

/// The names that [`create`] makes a sampler for.
pub const SUPPORTED_SCHEDULERS: &[&str] = &[
    "ddim",
    "ddpm",
    "deis",
    "deis_k",
    "lms",
    "lms_k",
    "pndm",
    "heun",
    "heun_k",
    "euler",
    "euler_k",
    "euler_a",
    "kdpm_2",
    "kdpm_2_k",
    "kdpm_2_a",
    "kdpm_2_a_k",
    "dpmpp_2s",
    "dpmpp_2s_k",
    "dpmpp_2m",
    "dpmpp_2m_k",
    "dpmpp_2m_sde",
    "dpmpp_2m_sde_k",
    "dpmpp_3m",
    "dpmpp_3m_k",
    "dpmpp_sde",
    "dpmpp_sde_k",
    "er_sde",
    "unipc",
    "unipc_k",
    "lcm",
    "tcd",
];

/// A sampler by upstream's name, for a number of steps. `config` is the model's `scheduler_config.json`; the seed
/// is for samplers that bring their own noise.
pub fn create(
    name: &str,
    config: &Value,
    steps: usize,
    seed: u64,
) -> Result<Box<dyn Scheduler>, SchedulerError> {
    let karras = name.ends_with("_k");
    let stochastic = name.contains("_sde");
    Ok(match name {
        "euler" | "euler_k" => Box::new(euler::Euler::new(config, steps, karras)?),
        "euler_a" => Box::new(euler::EulerAncestral::new(config, steps)?),
        "lms" | "lms_k" => Box::new(lms::Lms::new(config, steps, karras)?),
        "heun" | "heun_k" => Box::new(heun::Heun::new(config, steps, karras)?),
        "kdpm_2" | "kdpm_2_k" => Box::new(kdpm2::Kdpm2::new(config, steps, karras, false)?),
        "kdpm_2_a" | "kdpm_2_a_k" => Box::new(kdpm2::Kdpm2::new(config, steps, karras, true)?),
        "ddim" => Box::new(ddim::Ddim::new(config, steps)?),
        "ddpm" => Box::new(ddpm::Ddpm::new(config, steps)?),
        "pndm" => Box::new(pndm::Pndm::new(config, steps)?),
        "lcm" => Box::new(lcm::Lcm::new(config, steps)?),
        "tcd" => Box::new(tcd::Tcd::new(config, steps)?),
        "dpmpp_2m" | "dpmpp_2m_k" | "dpmpp_2m_sde" | "dpmpp_2m_sde_k" => {
            Box::new(dpm_multistep::DpmMultistep::new(config, steps, karras, 2, stochastic)?)
        }
        "dpmpp_3m" | "dpmpp_3m_k" => {
            Box::new(dpm_multistep::DpmMultistep::new(config, steps, karras, 3, false)?)
        }
        "dpmpp_2s" | "dpmpp_2s_k" => Box::new(dpm_singlestep::DpmSinglestep::new(config, steps, karras)?),
        "deis" | "deis_k" => Box::new(deis::Deis::new(config, steps, karras)?),
        "unipc" | "unipc_k" => Box::new(unipc::UniPc::new(config, steps, karras)?),
        "dpmpp_sde" | "dpmpp_sde_k" => Box::new(dpm_sde::DpmSde::new(config, steps, karras, seed)?),
        "er_sde" => Box::new(er_sde::ErSde::new(config, steps)?),
        _ => return Err(SchedulerError::Unknown { name: name.to_owned() }),
    })
}

impl SchedulerName {
    /// The name as the contract has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ddim => "ddim",
            Self::Ddpm => "ddpm",
            Self::Deis => "deis",
            Self::DeisK => "deis_k",
            Self::Lms => "lms",
            Self::LmsK => "lms_k",
            Self::Pndm => "pndm",
            Self::Heun => "heun",
            Self::HeunK => "heun_k",
            Self::Euler => "euler",
            Self::EulerK => "euler_k",
            Self::EulerA => "euler_a",
            Self::Kdpm2 => "kdpm_2",
            Self::Kdpm2K => "kdpm_2_k",
            Self::Kdpm2A => "kdpm_2_a",
            Self::Kdpm2AK => "kdpm_2_a_k",
            Self::Dpmpp2s => "dpmpp_2s",
            Self::Dpmpp2sK => "dpmpp_2s_k",
            Self::Dpmpp2m => "dpmpp_2m",
            Self::Dpmpp2mK => "dpmpp_2m_k",
            Self::Dpmpp2mSde => "dpmpp_2m_sde",
            Self::Dpmpp2mSdeK => "dpmpp_2m_sde_k",
            Self::Dpmpp3m => "dpmpp_3m",
            Self::Dpmpp3mK => "dpmpp_3m_k",
            Self::DpmppSde => "dpmpp_sde",
            Self::DpmppSdeK => "dpmpp_sde_k",
            Self::ErSde => "er_sde",
            Self::Unipc => "unipc",
            Self::UnipcK => "unipc_k",
            Self::Lcm => "lcm",
            Self::Tcd => "tcd",
        }
    }
}
