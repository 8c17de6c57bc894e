//! CLIP's text transformer. Source of the layout: transformers, models/clip.
use super::builder::{Dimension, Graph, Model, int};
use crate::inference::{InferenceError, SeamlessAxes, Target};
use crate::weights::WeightSet;
use crate::weights::config::TextEncoderConfig;

/// `token_ids [batch, tokens]` and what is added to the attention scores, `[1, 1, tokens, tokens]`, to one output a depth, `hidden.K`: the output of the first K layers
/// through the final layer norm, `[batch, tokens, width]`.
pub fn text_encoder(
    config: &TextEncoderConfig,
    set: &WeightSet,
    target: Target,
) -> Result<Model, InferenceError> {
    let mut graph = Graph::new("text_encoder", set, SeamlessAxes::default()).for_target(target);
    let tokens = config.max_position_embeddings;
    let ids = graph.id_input("token_ids", &[Dimension::Named("batch"), Dimension::Fixed(tokens)]);
    let table = graph.weight("text_model.embeddings.token_embedding.weight")?;
    let embedded = graph.op("Gather", &[&table, &ids], vec![int("axis", 0)]);
    let positions = graph.weight("text_model.embeddings.position_embedding.weight")?;
    let mut x = graph.add(&embedded, &positions);

    let bias = graph.score_input(
        "attention_bias",
        &[Dimension::Fixed(1), Dimension::Fixed(1), Dimension::Fixed(tokens), Dimension::Fixed(tokens)],
    );
    let norm = |graph: &mut Graph<'_>, x: &str| {
        graph.layer_norm("text_model.final_layer_norm", x, config.layer_norm_eps)
    };
    let first = norm(&mut graph, &x)?;
    graph.output("hidden.0", &first);
    for layer in 0..config.num_hidden_layers {
        let prefix = format!("text_model.encoder.layers.{layer}");
        let h = graph.layer_norm(&format!("{prefix}.layer_norm1"), &x, config.layer_norm_eps)?;
        let query = graph.linear(&format!("{prefix}.self_attn.q_proj"), &h)?;
        let key = graph.linear(&format!("{prefix}.self_attn.k_proj"), &h)?;
        let value = graph.linear(&format!("{prefix}.self_attn.v_proj"), &h)?;
        let mixed = graph.biased_attention(&query, &key, &value, config.num_attention_heads, &bias);
        let mixed = graph.linear(&format!("{prefix}.self_attn.out_proj"), &mixed)?;
        x = graph.add(&x, &mixed);

        let h = graph.layer_norm(&format!("{prefix}.layer_norm2"), &x, config.layer_norm_eps)?;
        let h = graph.linear(&format!("{prefix}.mlp.fc1"), &h)?;
        let h = match config.hidden_act.as_str() {
            "quick_gelu" => graph.quick_gelu(&h),
            "gelu" => graph.gelu(&h),
            other => {
                return Err(InferenceError::BadModel(format!(
                    "the text encoder's activation {other} is not known"
                )));
            }
        };
        let h = graph.linear(&format!("{prefix}.mlp.fc2"), &h)?;
        x = graph.add(&x, &h);
        let normed = norm(&mut graph, &x)?;
        graph.output(&format!("hidden.{}", layer + 1), &normed);
    }
    Ok(graph.finish())
}
