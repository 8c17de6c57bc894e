"""Node graphs of the SD1 family as plain values, one function a graph.

`@model/NAME` and `@in/NAME` stand for an installed model and an uploaded image, as in the recorded cases.
"""

TINY = "@model/tiny-sd1s"
VAE = "@model/tiny-vae"
PROMPT = "a red apple"


class Graph:
    """Nodes by name, and edges written as "node.field -> node.field"."""

    def __init__(self):
        self.nodes = {}
        self.edges = []

    def node(self, name, kind, **fields):
        self.nodes[name] = dict(fields, id=name, type=kind)
        return self

    def edge(self, text):
        source, destination = (end.strip().split(".") for end in text.split("->"))
        end = lambda pair: {"node_id": pair[0], "field": pair[1]}
        # A field takes one edge: the later one stands, so that a part can be put between two others.
        self.edges = [edge for edge in self.edges if edge["destination"] != end(destination)]
        self.edges.append({"source": end(source), "destination": end(destination)})
        return self

    def value(self):
        return {"id": "g", "nodes": self.nodes, "edges": self.edges}


def text_to_image(scheduler="euler", *, model=TINY, prompt=PROMPT, negative="", size=(128, 128), seed=1, **denoise):
    """What the Generate tab asks for, with a clip skip of none. `denoise` are further fields of denoise_latents."""
    fields = {"steps": 8, "cfg_scale": 7.5, "cfg_rescale_multiplier": 0.0, "denoising_start": 0.0, "denoising_end": 1.0}
    graph = Graph()
    graph.node("ml", "main_model_loader", model=model)
    graph.node("cs", "clip_skip", skipped_layers=0).edge("ml.clip -> cs.clip")
    for name, text, field in (("p", prompt, "positive"), ("n", negative, "negative")):
        graph.node(name, "compel", prompt=text).edge(f"cs.clip -> {name}.clip")
        graph.edge(f"{name}.conditioning -> d.{field}_conditioning")
    graph.node("noise", "noise", seed=seed, width=size[0], height=size[1], use_cpu=True)
    graph.node("d", "denoise_latents", scheduler=scheduler, **{**fields, **denoise})
    graph.edge("ml.unet -> d.unet").edge("noise.noise -> d.noise")
    graph.node("i", "l2i", fp32=True).edge("ml.vae -> i.vae").edge("d.latents -> i.latents")
    return graph


def image_to_image(scheduler="euler", *, image="@in/photo128", start=0.4, **more):
    """As the img2img mode: encoded, noised to `start`, denoised from there."""
    graph = text_to_image(scheduler, denoising_start=start, **more)
    graph.node("v", "vae_loader", vae_model=VAE).node("e", "i2l", image={"image_name": image}, fp32=True)
    return graph.edge("v.vae -> e.vae").edge("e.latents -> d.latents")


def inpainting(scheduler="euler", *, mask="@in/inmask128", start=0.3, gradient=False, **more):
    """img2img where only the mask's part changes."""
    graph = image_to_image(scheduler, start=start, **more)
    picture = {"image_name": mask}
    if gradient:
        graph.node("m", "create_gradient_mask", mask=picture, edge_radius=16, coherence_mode="Gaussian Blur", minimum_denoise=0.0, fp32=True)
    else:
        graph.node("m", "create_denoise_mask", mask=picture, fp32=True).edge("v.vae -> m.vae")
    return graph.edge("m.denoise_mask -> d.denoise_mask")


def with_loras(graph, loras):
    """A chain of `lora_loader` nodes, (name, weight) each, between the model and what it feeds."""
    before = "ml"
    for number, (name, weight) in enumerate(loras):
        graph.node(f"l{number}", "lora_loader", lora=f"@model/{name}", weight=weight)
        graph.edge(f"{before}.unet -> l{number}.unet").edge(f"{before}.clip -> l{number}.clip")
        before = f"l{number}"
    return graph.edge(f"{before}.unet -> d.unet").edge(f"{before}.clip -> cs.clip")


def with_lora_collection(graph, loras):
    """As the UI does it: selectors, collected, into one collection loader."""
    graph.node("lc", "lora_collection_loader").node("all", "collect").edge("all.collection -> lc.loras")
    for number, (name, weight) in enumerate(loras):
        graph.node(f"s{number}", "lora_selector", lora=f"@model/{name}", weight=weight)
        # `item` takes many edges.
        graph.edges.append({"source": {"node_id": f"s{number}", "field": "lora"}, "destination": {"node_id": "all", "field": "item"}})
    graph.edge("ml.unet -> lc.unet").edge("ml.clip -> lc.clip")
    return graph.edge("lc.unet -> d.unet").edge("lc.clip -> cs.clip")


def with_seamless(graph, x, y):
    """The seamless node between the model and both its users."""
    graph.node("sm", "seamless", seamless_x=x, seamless_y=y).edge("ml.unet -> sm.unet").edge("ml.vae -> sm.vae")
    return graph.edge("sm.unet -> d.unet").edge("sm.vae -> i.vae")


def with_control_net(graph, model="@model/tiny-controlnet", image="@in/control128", **fields):
    """A ControlNet on a drawing of edges."""
    graph.node("c", "controlnet", control_model=model, image={"image_name": image}, **fields)
    return graph.edge("c.control -> d.control")


def with_image_adapter(graph, **fields):
    """A T2I adapter on a drawing of edges."""
    graph.node("t", "t2i_adapter", t2i_adapter_model="@model/tiny-t2i-adapter", image={"image_name": "@in/control128"}, **fields)
    return graph.edge("t.t2i_adapter -> d.t2i_adapter")
