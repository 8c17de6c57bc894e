"""Cases on the model that ships with the project, which draws what its prompt asks for."""

from graphs import image_to_image, inpainting, text_to_image, with_control_net, with_loras

MODEL = "@model/pictograms"
PICTURE = dict(image="@in/pictogram128", negative="blurry")
USUAL = dict(model=MODEL, steps=20, cfg_scale=5.0)


def with_own_vae(graph):
    """Takes the encoder of the model itself, not the tiny one."""
    del graph.nodes["v"]
    users = [edge["destination"] for edge in graph.edges if edge["source"]["node_id"] == "v"]
    graph.edges = [edge for edge in graph.edges if edge["source"]["node_id"] != "v"]
    for user in users:
        graph.edge(f"ml.vae -> {user['node_id']}.{user['field']}")
    return graph


def pictogram_cases():
    """Text to image with schedulers of five families, image to image, inpainting, the LoRA and the ControlNet."""
    yield "apple-euler", text_to_image("euler", prompt="a red apple on a blue background", **USUAL)
    yield "fish-dpmpp_2m_k", text_to_image("dpmpp_2m_k", prompt="a yellow fish on a pink background", seed=2, **USUAL)
    yield "heart-euler_a", text_to_image("euler_a", prompt="a green heart", seed=3, **USUAL)
    yield "frog-ddim", text_to_image("ddim", prompt="a frog on a purple background", seed=6, **USUAL)
    yield "stars-ddpm", text_to_image("ddpm", prompt="three stars on a black background", seed=7, **USUAL)
    yield "img2img-car-euler", with_own_vae(
        image_to_image("euler", prompt="a red car on a green background", start=0.5, **PICTURE, **USUAL)
    )
    yield "inpaint-car-euler", with_own_vae(
        inpainting("euler", prompt="a yellow car on a green background", gradient=True, **PICTURE, **USUAL)
    )
    yield "star-lora-greys", with_loras(
        text_to_image("euler", prompt="a yellow star on a blue background", seed=4, **USUAL), [("pictograms-greys", 1.0)]
    )
    yield "fish-edges", with_control_net(
        text_to_image("euler", prompt="a blue fish on a pink background", seed=5, **USUAL),
        model="@model/pictograms-edges", image="@in/pictogram-edges128", control_weight=1.0,
    )
