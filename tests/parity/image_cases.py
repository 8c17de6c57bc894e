"""Nodes from pictures to pictures, one a case: (name, graph)."""

from graphs import Graph

BLEND_MODES = {
    "normal": "Normal",
    "lighten": "Lighten Only",
    "darken": "Darken Only",
    "lighten-eal": "Lighten Only (EAL)",
    "saturation": "Saturation",
    "add": "Linear Dodge (Add)",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "divide": "Divide",
    "screen": "Screen",
    "overlay": "Overlay",
    "linear-burn": "Linear Burn",
    "difference": "Difference",
    "hard-light": "Hard Light",
    "soft-light": "Soft Light",
    "vivid-light": "Vivid Light",
    "linear-light": "Linear Light",
    "color-burn": "Color Burn",
    "color-dodge": "Color Dodge",
    "color": "Color",
}
BLEND_SPACES = {
    "linear": "Linear RGB",
    "hsl": "HSL (RGB)",
    "hsv": "HSV (RGB)",
    "okhsl": "Okhsl",
    "okhsv": "Okhsv",
    "oklch": "Oklch (Oklab)",
    "lch": "LCh (CIELab)",
}


def one(kind, **fields):
    """A graph of one node; `image="photo"` and the like stand for an uploaded picture."""
    pictures = ("image", "mask", "layer_upper", "layer_base", "image_subject", "image_background", "source_image", "target_image")
    for field in pictures:
        if isinstance(fields.get(field), str):
            fields[field] = {"image_name": f"@in/{fields[field]}"}
    return Graph().node("i", kind, **fields)


def blend(**fields):
    return one("invokeai_img_blend", **{"layer_base": "photo64", "layer_upper": "photo2", "opacity": 0.9, **fields})


def blend_cases():
    for name, mode in BLEND_MODES.items():
        yield f"blend-rgb-{name}", blend(blend_mode=mode)
    for number, (space, label) in enumerate(BLEND_SPACES.items()):
        for name in ("normal", "overlay", "multiply", "add", "darken", "soft-light", "saturation"):
            # Upstream prints and goes on; HSV of soft light is left out to keep the sample small.
            yield f"blend-{space}-{name}", blend(blend_mode=BLEND_MODES[name], color_space=label, high_precision=number % 2 == 0)
    yield "blend-gamut", blend(blend_mode="Linear Dodge (Add)", color_space="Linear RGB", adaptive_gamut=0.3)
    yield "blend-gamut-oklch", blend(blend_mode="Multiply", color_space="Oklch (Oklab)", adaptive_gamut=0.05)
    yield "blend-mask", blend(mask="maskbin", blend_mode="Screen")
    yield "blend-fit-both", blend(layer_upper="photo160", fit_to_width=True, fit_to_height=True)
    yield "blend-fit-width", blend(layer_upper="inmask128", fit_to_width=True, fit_to_height=False)
    yield "blend-fit-height", blend(layer_upper="inmask128", fit_to_width=False, fit_to_height=True)
    yield "blend-rgba", blend(layer_upper="rgba", layer_base="photo64", blend_mode="Hard Light")
    yield "blend-onto-rgba", blend(layer_upper="photo64", layer_base="rgba", opacity=0.5)


def hue_cases():
    for name, space in {
        "hsv": "HSV / HSL / RGB",
        "okhsl": "Okhsl",
        "okhsv": "Okhsv",
        "oklch": "*Oklch / Oklab",
        "lch": "*LCh / CIELab",
    }.items():
        yield f"hue-plus-{name}-100", one("invokeai_img_hue_adjust_plus", image="photo64", space=space, degrees=100)
    for name, space in {"hsv": "HSV / HSL / RGB", "okhsv": "Okhsv"}.items():
        yield f"hue-plus-{name}-keep", one(
            "invokeai_img_hue_adjust_plus", image="photo64", space=space, degrees=200, preserve_lightness=True, ok_high_precision=False
        )
    yield "hue-plus-rgba", one("invokeai_img_hue_adjust_plus", image="rgba", degrees=-60)
    yield "hue-oklch-rgba", one("img_hue_adjust_oklch", image="rgba", hue=77)
    for name, channel in {"l": "Luminosity (LAB)", "a": "A (LAB)", "b": "B (LAB)"}.items():
        yield f"offset-lab-{name}", one("img_channel_offset", image="photo64", channel=channel, offset=30)
    yield "multiply-lab-l", one("img_channel_multiply", image="photo64", channel="Luminosity (LAB)", scale=0.7)
    yield "achromatic-lightness", one("invokeai_ealightness", image="photo64")


def composite_cases():
    composite = "invokeai_img_composite"
    yield "composite-corners", one(composite, image_subject="chroma", image_background="photo160")
    yield "composite-tuple", one(composite, image_subject="chroma", image_background="photo160", chroma_key="(0, 200, 30)", fill_x=True)
    yield "composite-width", one(composite, image_subject="chroma", image_background="photo", fill_x=True, fill_y=False, y_offset=7)


def noise_cases():
    yield "noise-grey", one("img_noise", image="photo64", seed=3, amount=0.4, noise_color=False, size=3)
    yield "noise-salt", one("img_noise", image="photo64", seed=4, amount=0.3, noise_type="salt_and_pepper")
    yield "noise-salt-grey", one("img_noise", image="photo64", seed=5, amount=0.6, noise_type="salt_and_pepper", noise_color=False, size=2)
    yield "noise-mask", one("img_noise", image="photo", seed=6, amount=0.5, mask="softmask128")
    yield "noise-rgba", one("img_noise", image="rgba", seed=7, amount=0.2)


def mask_cases():
    yield "mask-edge", one("mask_edge", image="maskbin", edge_size=6, edge_blur=0, low_threshold=100, high_threshold=200)
    yield "mask-edge-soft", one("mask_edge", image="softmask128", edge_size=9, edge_blur=3, low_threshold=50, high_threshold=120)
    yield "mask-from-id", one("mask_from_id", image="chroma", color={"r": 0, "g": 200, "b": 30, "a": 255}, threshold=60)
    yield "mask-from-id-invert", one("mask_from_id", image="chroma", color={"r": 0, "g": 200, "b": 30, "a": 255}, invert=True)
    yield "canny", one("canny_edge_detection", image="photo160")
    yield "canny-sensitive", one("canny_edge_detection", image="photo", low_threshold=20, high_threshold=60)
    yield "thresholds", one("invokeai_img_val_thresholds", image="photo64", threshold_lower=0.3, threshold_upper=0.7)
    yield "thresholds-spread", one(
        "invokeai_img_val_thresholds", image="photo64", threshold_lower=0.2, threshold_upper=0.8, renormalize_values=True, invert_output=True
    )
    yield "thresholds-lightness", one("invokeai_img_val_thresholds", image="photo64", lightness_only=True)
    yield "dilate-lightness", one("invokeai_img_dilate_erode", image="photo64", lightness_only=True, radius_w=3, radius_h=2)
    yield "unsharp-oklab", one("unsharp_mask_oklab", image="photo64", radius=3, strength=120)
    yield "color-map", one("color_map", image="photo160", tile_size=24)
    yield "heuristic-larger", one("heuristic_resize", image="photo64", width=200, height=150)
    yield "heuristic-smaller", one("heuristic_resize", image="photo160", width=100, height=60)


def box_cases():
    box = {"x_min": 10, "y_min": 5, "x_max": 50, "y_max": 40}
    yield "crop-box", one("crop_image_to_bounding_box", image="photo64", bounding_box=box)
    yield "crop-filled", one("crop_image_to_bounding_box", image="maskbin")
    yield "crop-filled-rgba", one("crop_image_to_bounding_box", image="rgba")
    yield "crop-beyond", one("crop_image_to_bounding_box", image="photo64", bounding_box={"x_min": -8, "y_min": 20, "x_max": 90, "y_max": 70})
    place = {"x_min": 20, "y_min": 30, "x_max": 84, "y_max": 78}
    yield "paste-box", one("paste_image_into_bounding_box", source_image="photo64", target_image="photo160", bounding_box=place)
    yield "paste-box-beyond", one(
        "paste_image_into_bounding_box", source_image="photo64", target_image="rgba", bounding_box={"x_min": -9, "y_min": 4, "x_max": 55, "y_max": 52}
    )


def infill_cases():
    yield "infill-tile", one("infill_tile", image="hole", tile_size=16, seed=5)
    yield "infill-cv2", one("infill_cv2", image="hole")
    yield "infill-cv2-opaque", one("infill_cv2", image="photo64")
    yield "cv-inpaint", one("cv_inpaint", image="photo", mask="maskbin")
    yield "cv-inpaint-soft", one("cv_inpaint", image="photo128", mask="inmask128")


def tile_cases():
    for name, fields in {
        "linear": dict(blend_mode="Linear", blend_amount=10),
        "seam": dict(blend_mode="Seam", blend_amount=8),
        "seam-odd": dict(blend_mode="Seam", blend_amount=5),
        "seam-sharp": dict(blend_mode="Seam", blend_amount=0),
    }.items():
        # Four tiles of different pictures, so that the blends show.
        graph = Graph().node("all", "collect").node("i", "merge_tiles_to_image", **fields)
        tiles = graph.node("t", "calculate_image_tiles", image_width=104, image_height=80, tile_width=64, tile_height=48, overlap=20)
        graph.edge("all.collection -> i.tiles_with_images")
        overlaps = [(0, 0), (0, 1), (1, 0), (1, 1)]
        for number, (row, column) in enumerate(overlaps):
            top, left = row * 32, column * 40
            tile = {
                "coords": {"top": top, "bottom": top + 48, "left": left, "right": left + 64},
                "overlap": {
                    "top": 16 if row else 0,
                    "bottom": 0 if row else 16,
                    "left": 24 if column else 0,
                    "right": 0 if column else 24,
                },
            }
            source = "photo64" if number % 2 == 0 else "photo2"
            graph.node(f"r{number}", "img_resize", image={"image_name": f"@in/{source}"}, width=64, height=48)
            graph.node(f"p{number}", "pair_tile_image", tile=tile).edge(f"r{number}.image -> p{number}.image")
            graph.edges.append(
                {"source": {"node_id": f"p{number}", "field": "tile_with_image"}, "destination": {"node_id": "all", "field": "item"}}
            )
        del tiles.nodes["t"]
        yield f"merge-tiles-{name}", graph


def image_cases():
    """Everything of this file."""
    for group in (blend_cases, hue_cases, composite_cases, noise_cases, mask_cases, box_cases, infill_cases, tile_cases):
        yield from group()
