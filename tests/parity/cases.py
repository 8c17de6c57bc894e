"""The cases that `record.py` asks of InvokeAI: (category, name, graph, output nodes)."""

import graphs
from graphs import image_to_image, inpainting, text_to_image
from image_cases import image_cases
from pictograms import pictogram_cases
from schedulers import scheduler_names

SMALL = (64, 64)
PHOTO64 = dict(image="@in/photo64", size=(64, 48))
WIDE = (192, 128)
TWO_LORAS = [("tiny-lora-kohya", 0.75), ("tiny-lora-locon", -0.5)]


def scheduler_cases():
    """Every name from noise, and from the middle of an image: both ends of the sigma tables."""
    for name in scheduler_names():
        yield name, text_to_image(name, size=SMALL)
        yield f"img2img-{name}", image_to_image(name, **PHOTO64)
    for name in ("euler", "dpmpp_2m_k", "dpmpp_sde_k", "pndm", "unipc", "lcm"):
        if name != "pndm":  # InvokeAI itself fails there
            yield f"steps1-{name}", text_to_image(name, size=SMALL, steps=1)
        yield f"steps25-{name}", text_to_image(name, size=SMALL, steps=25)
    for name in ("ddpm", "heun", "kdpm_2_a", "dpmpp_2m_sde_k", "dpmpp_sde", "er_sde", "tcd"):
        yield f"inpaint-{name}", inpainting(name, mask="@in/maskbin", **PHOTO64)
    for name in ("euler_a", "dpmpp_3m_k", "deis"):
        yield f"end-0.6-{name}", text_to_image(name, size=SMALL, denoising_end=0.6)


def guidance_cases():
    """Forms of the guidance scale."""
    yield "cfg-rescale-0.7", text_to_image(cfg_rescale_multiplier=0.7, negative="a green pear")
    yield "cfg-rescale-0.7-heun", text_to_image("heun", cfg_rescale_multiplier=0.7)
    yield "cfg-per-step", text_to_image(cfg_scale=[9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0])
    yield "cfg-per-step-rescaled", text_to_image(cfg_scale=[8.0, 1.0, 6.0, 1.0, 4.0, 1.0, 2.0, 1.0], cfg_rescale_multiplier=0.4)


def mask_cases():
    """Inpainting with both kinds of mask."""
    yield "inpaint-mask-euler", inpainting()
    yield "inpaint-mask-soft", inpainting(mask="@in/softmask128")
    yield "inpaint-mask-euler_a", inpainting("euler_a")
    yield "inpaint-mask-dpmpp_2m_k", inpainting("dpmpp_2m_k")
    yield "inpaint-gradient-dpmpp_sde_k", inpainting("dpmpp_sde_k", gradient=True)
    yield "inpaint-mask-start0", inpainting(start=0.0)


def patch_cases():
    """LoRA forms and stacks, seamless axes, control."""
    for form in ("locon", "loha", "lokr"):
        yield f"lora-{form}", graphs.with_loras(text_to_image(), [(f"tiny-lora-{form}", 0.9)])
    yield "lora-stack", graphs.with_loras(text_to_image(), TWO_LORAS)
    yield "lora-stack-of-four", graphs.with_loras(
        text_to_image("dpmpp_2m_k"), [*TWO_LORAS, ("tiny-lora-loha", 0.6), ("tiny-lora-lokr", 1.2)]
    )
    yield "lora-collection-of-two", graphs.with_lora_collection(text_to_image(), TWO_LORAS)
    yield "seamless-y", graphs.with_seamless(text_to_image(), False, True)
    yield "seamless-xy", graphs.with_seamless(text_to_image(), True, True)
    yield "controlnet-more-prompt", graphs.with_control_net(text_to_image(), control_weight=1.0, control_mode="more_prompt")
    yield "controlnet-part", graphs.with_control_net(
        text_to_image("dpmpp_2m_k"), control_weight=0.6, begin_step_percent=0.2, end_step_percent=0.7
    )
    yield "t2i-adapter", graphs.with_image_adapter(text_to_image(), weight=0.8)


def shape_cases():
    """Sizes, and the VAE in tiles."""
    yield "t2i-192x128", text_to_image(size=WIDE)
    tiled = text_to_image(size=(256, 192), steps=3)
    tiled.nodes["i"].update(tiled=True, tile_size=128)
    yield "vae-tiled-decode", tiled
    tiled = image_to_image(image="@in/photo160", size=(160, 120), steps=3)
    tiled.nodes["e"].update(tiled=True, tile_size=128)
    tiled.nodes["i"].update(tiled=True, tile_size=128)
    yield "vae-tiled-both", tiled


def prompt_cases():
    """Prompts that the sample does not have."""
    for name, prompt in (
        ("down", "a (red)0.4 apple on a table--"),
        ("swap", 'a cat.swap("dog") on a table'),
        ("nested", "((a red)1.2 apple)0.8 ++and (blue sky)1.5"),
        ("unicode", "ein rötlicher Apfel, 林檎"),
    ):
        yield f"compel-{name}", text_to_image(prompt=prompt)
    skipped = text_to_image()
    skipped.nodes["cs"]["skipped_layers"] = 1
    yield "clip-skip-1-dpmpp", skipped


def single_file_cases():
    """A checkpoint in one file; see `hub.py` for what InvokeAI itself needs to load it."""
    prompt = "a photo of a (red)1.2 apple on a wooden table, 4k, café"
    for name in ("euler", "pndm", "dpmpp_2m_k", "dpmpp_sde"):
        yield f"single-file-{name}", text_to_image(name, model="@model/narrow-sd1", prompt=prompt, negative="blurry", size=SMALL)


def all_cases():
    """Everything, as (category, name, graph)."""
    for name, graph in scheduler_cases():
        yield "schedulers", name, graph
    for name, graph in pictogram_cases():
        yield "pictograms", name, graph
    for name, graph in image_cases():
        yield "images", name, graph
    for group in (guidance_cases, mask_cases, patch_cases, shape_cases, prompt_cases, single_file_cases):
        for name, graph in group():
            yield "generation", name, graph
