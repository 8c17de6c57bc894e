"""Trains the bundled text-to-image model.

Module map, in the order in which the data flows:

  settings      sizes, budgets and folders; everything one may want to turn
  icons         subjects and their SVG drawings, from npm
  rasterise     SVG to pixels, once a subject
  colours       the named colours, and recolouring of a drawing
  scene         what a picture shows, as a value; draws it
  caption       says a scene in words, in many ways
  vocabulary    byte-pair vocabulary in CLIP's format
  checkpoint    atomic, resumable training state
  progress      log lines and loss curves
  patchcode     the linear code that latents are
  poses         every drawing in every colour, drawn once
  arithmetic    threads and precision
  autoencoder   the VAE and its training
  reader        the CLIP text encoder and its training
  captions      a pool of captioned scenes and their contexts
  muon          the optimizer
  training      what the training loops share: budget, average, checkpoints
  denoiser      the UNet and its training
  layout        writes the Stable Diffusion 1 folder
  sampling      pictures from the finished folder, sample grids
  polish        teaches the decoder what the denoiser paints
  judge         a classifier that sees only real renderings
  held_out      the combinations kept for the evaluation
  editing       whether image to image and inpainting keep what they should
  evaluation    the figures of the model card
  style         a LoRA that paints in greys
  edges         a ControlNet that keeps to given edges
  report        loss curves and wall times of a run
"""
