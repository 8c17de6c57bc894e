//! The outputs that nodes share.
use super::{InvocationOutput, fields::*};
use schemars::JsonSchema;
use serde::Serialize;

macro_rules! output {
    ($name:ident, $type:literal, $doc:literal { $($field:ident : $kind:ty),* $(,)? }) => {
        #[doc = $doc]
        #[derive(Debug, Serialize, JsonSchema)]
        pub struct $name { $(#[doc = "See the contract."] pub $field: $kind),* }
        impl InvocationOutput for $name {
            const TYPE: &'static str = $type;
            const SCHEMA_NAME: &'static str = stringify!($name);
        }
    };
}

output!(BooleanOutput, "boolean_output", "A truth value." { value: bool });
output!(BooleanCollectionOutput, "boolean_collection_output", "Truth values." { collection: Vec<bool> });
output!(IntegerOutput, "integer_output", "An integer." { value: i64 });
output!(IntegerCollectionOutput, "integer_collection_output", "Integers." { collection: Vec<i64> });
output!(FloatOutput, "float_output", "A number." { value: f64 });
output!(FloatCollectionOutput, "float_collection_output", "Numbers." { collection: Vec<f64> });
output!(StringOutput, "string_output", "A text." { value: String });
output!(StringCollectionOutput, "string_collection_output", "Texts." { collection: Vec<String> });
output!(String2Output, "string_2_output", "Two texts." { string_1: String, string_2: String });
output!(StringPosNegOutput, "string_pos_neg_output", "Text for and against." { positive_string: String, negative_string: String });
output!(ImageOutput, "image_output", "An image and its size in pixels." { image: ImageField, width: u32, height: u32 });
output!(ImageCollectionOutput, "image_collection_output", "Images." { collection: Vec<ImageField> });
output!(ColorOutput, "color_output", "A colour." { color: ColorField });
output!(LatentsOutput, "latents_output", "Latents and the size of their image in pixels." { latents: LatentsField, width: u32, height: u32 });
output!(NoiseOutput, "noise_output", "Noise and the size of its image in pixels." { noise: LatentsField, width: u32, height: u32 });
output!(ConditioningOutput, "conditioning_output", "Conditioning." { conditioning: ConditioningField });
output!(DenoiseMaskOutput, "denoise_mask_output", "Where latents change." { denoise_mask: DenoiseMaskField });
output!(GradientMaskOutput, "gradient_mask_output", "Where latents change, by step." { denoise_mask: DenoiseMaskField, expanded_mask_area: ImageField });
output!(UNetOutput, "unet_output", "A UNet." { unet: UNetField });
output!(CLIPOutput, "clip_output", "A text encoder." { clip: CLIPField });
output!(VAEOutput, "vae_output", "A VAE." { vae: VAEField });
output!(ModelLoaderOutput, "model_loader_output", "The parts of a main model." { vae: VAEField, clip: CLIPField, unet: UNetField });
output!(LoRALoaderOutput, "lora_loader_output", "UNet and text encoder with LoRAs." { unet: Option<UNetField>, clip: Option<CLIPField> });
output!(LoRASelectorOutput, "lora_selector_output", "A LoRA and its weight." { lora: LoRAField });
output!(CLIPSkipInvocationOutput, "clip_skip_output", "A text encoder with fewer layers." { clip: Option<CLIPField> });
output!(SeamlessModeOutput, "seamless_output", "UNet and VAE that tile." { unet: Option<UNetField>, vae: Option<VAEField> });
output!(MetadataOutput, "metadata_output", "Metadata of an image." { metadata: MetadataField });
output!(MetadataItemOutput, "metadata_item_output", "One entry of metadata." { item: MetadataItemField });
output!(MaskOutput, "mask_output", "A mask and its size in pixels." { mask: TensorField, width: u32, height: u32 });
output!(LatentsCollectionOutput, "latents_collection_output", "Several latents." { collection: Vec<LatentsField> });
output!(ConditioningCollectionOutput, "conditioning_collection_output", "Several conditionings." { collection: Vec<ConditioningField> });
output!(BoundingBoxOutput, "bounding_box_output", "A rectangle of pixels." { bounding_box: BoundingBoxField });
