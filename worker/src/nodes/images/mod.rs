//! Nodes from pictures to pictures, and masks.
//!
//! - nodes: one file each, see [`nodes`]
//! - what they share: [`destination`], [`pillow`], [`resample`], [`blur`], [`morphology`], [`color_modes`], [`color_channel`], [`colors`],
//!   [`blend_modes`], [`fit`], [`canny`], [`telea`], [`opencv_resize`], [`mask_tensor`]
mod achromatic_lightness;
mod add_noise;
mod adjust_hue;
mod adjust_hue_oklch;
mod adjust_hue_plus;
mod alpha_mask_to_tensor;
mod apply_mask;
mod apply_tensor_mask;
mod blank_image;
mod blend_images;
mod blend_modes;
mod blur;
mod blur_image;
mod canny;
mod canny_edges;
mod canvas_mask_and_crop;
mod canvas_output;
mod canvas_paste_back;
mod color_channel;
mod color_map;
mod color_modes;
mod colors;
mod combine_masks;
mod composite_images;
mod content_shuffle;
mod convert_image;
mod correct_color;
mod crop_image;
mod crop_to_bounding_box;
mod cv_inpaint;
pub(crate) mod destination;
mod dilate_erode;
mod enhance_image;
mod expand_mask;
mod extract_channel;
mod fit;
mod heuristic_resize;
mod image_mask_to_tensor;
mod image_panel_layout;
mod infill_color;
mod infill_cv2;
mod infill_tile;
mod inverse_lerp_image;
mod invert_tensor_mask;
mod lerp_image;
mod mask_bounding_box;
mod mask_edge;
mod mask_from_alpha;
mod mask_from_color;
pub(crate) mod mask_tensor;
mod morphology;
mod multiply_channel;
mod multiply_images;
mod offset_channel;
pub(crate) mod opencv_resize;
mod pad_crop_image;
mod paste_image;
mod paste_into_bounding_box;
pub(crate) mod pillow;
#[cfg(test)]
mod recorded;
mod rectangle_mask;
pub(crate) mod resample;
mod resize_image;
mod save_image;
mod scale_image;
mod sharpening;
mod show_image;
mod telea;
mod tensor_mask_to_image;
mod unsharp_mask;
mod unsharp_mask_oklab;
mod value_range;
mod value_thresholds;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<resize_image::ResizeImage>(),
        register::<scale_image::ScaleImage>(),
        register::<blank_image::BlankImage>(),
        register::<save_image::SaveImage>(),
        register::<canvas_output::CanvasOutput>(),
        register::<show_image::ShowImage>(),
        register::<crop_image::CropImage>(),
        register::<pad_crop_image::PadCropImage>(),
        register::<paste_image::PasteImage>(),
        register::<mask_from_alpha::MaskFromAlpha>(),
        register::<multiply_images::MultiplyImages>(),
        register::<extract_channel::ExtractChannel>(),
        register::<lerp_image::LerpImage>(),
        register::<inverse_lerp_image::InverseLerpImage>(),
        register::<combine_masks::CombineMasks>(),
        register::<apply_mask::ApplyMask>(),
        register::<infill_color::InfillColor>(),
        register::<alpha_mask_to_tensor::AlphaMaskToTensor>(),
        register::<image_mask_to_tensor::ImageMaskToTensor>(),
        register::<invert_tensor_mask::InvertTensorMask>(),
        register::<tensor_mask_to_image::TensorMaskToImage>(),
        register::<apply_tensor_mask::ApplyTensorMask>(),
        register::<blur_image::BlurImage>(),
        register::<unsharp_mask::UnsharpMask>(),
        register::<canvas_paste_back::CanvasPasteBack>(),
        register::<canvas_mask_and_crop::CanvasMaskAndCrop>(),
        register::<convert_image::ConvertImage>(),
        register::<expand_mask::ExpandMask>(),
        register::<rectangle_mask::RectangleMask>(),
        register::<offset_channel::OffsetChannel>(),
        register::<multiply_channel::MultiplyChannel>(),
        register::<adjust_hue::AdjustHue>(),
        register::<correct_color::CorrectColor>(),
        register::<enhance_image::EnhanceImage>(),
        register::<dilate_erode::DilateErode>(),
        register::<achromatic_lightness::AchromaticLightness>(),
        register::<add_noise::AddNoise>(),
        register::<adjust_hue_oklch::AdjustHueOklch>(),
        register::<adjust_hue_plus::AdjustHuePlus>(),
        register::<blend_images::BlendImages>(),
        register::<canny_edges::CannyEdges>(),
        register::<color_map::ColorMap>(),
        register::<composite_images::CompositeImages>(),
        register::<content_shuffle::ContentShuffle>(),
        register::<crop_to_bounding_box::CropToBoundingBox>(),
        register::<cv_inpaint::CvInpaint>(),
        register::<heuristic_resize::HeuristicResize>(),
        register::<image_panel_layout::ImagePanelLayout>(),
        register::<infill_cv2::InfillCv2>(),
        register::<infill_tile::InfillTile>(),
        register::<mask_bounding_box::MaskBoundingBox>(),
        register::<mask_edge::MaskEdge>(),
        register::<mask_from_color::MaskFromColor>(),
        register::<paste_into_bounding_box::PasteIntoBoundingBox>(),
        register::<unsharp_mask_oklab::UnsharpMaskOklab>(),
        register::<value_thresholds::ValueThresholds>(),
    ]
}
