"""What a latent is: the mean colour of each 8x8 patch and how its brightness falls from left to right.

A fixed linear code instead of a learned one. It costs nothing to train, the denoiser can start at once, and a scene's
latent is a sum: drawing plus what it leaves of the background. `wire_encoder` writes the code into the weights of a
Stable Diffusion 1 encoder exactly; `wire_decoder` writes its smooth inverse into a decoder, which training sharpens.
"""

import numpy as np
import torch

PATCH = 8
BRIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)
ANCHOR = 100.0
"""Constant channels of this size make the encoder's last normalisation a known scaling."""
DECODER_ANCHOR = 10.0


def raw_code(planes):
    """Code of float planes (..., H, W, 3): (..., H/8, W/8, 4), not yet standardised."""
    *lead, height, width, _ = planes.shape
    cells = planes.reshape(*lead, height // PATCH, PATCH, width // PATCH, PATCH, 3).mean(-4)
    ramp = (np.arange(PATCH, dtype=np.float32) - (PATCH - 1) / 2)[:, None]
    fall = (cells @ BRIGHTNESS * ramp[:, 0]).mean(-1)
    return np.concatenate([cells.mean(-2), fall[..., None]], -1)


class Standard:
    """The affine change that makes raw codes of scenes uncorrelated, with mean 0 and deviation 1."""

    def __init__(self, mean, matrix):
        self.mean, self.matrix = np.asarray(mean, np.float32), np.asarray(matrix, np.float32)

    @classmethod
    def of(cls, codes):
        """Fitted to raw codes (any, 4) of scenes."""
        mean = codes.mean(0)
        values, vectors = np.linalg.eigh(np.cov((codes - mean).T))
        # Symmetric whitening: each latent channel stays as close as it can to the colour it stands for.
        return cls(mean, vectors @ np.diag(values**-0.5) @ vectors.T)

    @classmethod
    def of_vae(cls, vae):
        """The change that `wire_encoder` wrote into a VAE."""
        size = vae.quant_conv.weight[:4, :4, 0, 0].detach().double().numpy() * vae.config.scaling_factor
        shift = vae.quant_conv.bias[:4].detach().double().numpy() * vae.config.scaling_factor
        return cls(-np.linalg.solve(size, shift), size)

    def __call__(self, codes):
        return (codes - self.mean) @ self.matrix.T


def _clear(*modules):
    for module in modules:
        module.weight.zero_()
        if module.bias is not None:
            module.bias.zero_()


def _still(block):
    """Makes a residual block pass its input on, at the start."""
    _clear(block.conv2 if hasattr(block, "conv2") else block.to_out[0])


@torch.no_grad()
def wire_encoder(vae, standard, scaling):
    """Writes the standardised code, divided by `scaling`, into the encoder and freezes it."""
    encoder = vae.encoder
    _clear(encoder.conv_in)
    for channel in range(3):
        encoder.conv_in.weight[channel, channel, 1, 1] = 1
    for level, block in enumerate(encoder.down_blocks):
        for resnet in block.resnets:
            _still(resnet)
            if resnet.conv_shortcut is not None:
                _clear(resnet.conv_shortcut)
                for channel in range(4):
                    resnet.conv_shortcut.weight[channel, channel] = 1
        for down in block.downsamplers or []:
            _clear(down.conv)
            for channel in range(4):
                down.conv.weight[channel, channel, :2, :2] = 0.25
            for channel, share in enumerate(BRIGHTNESS):
                down.conv.weight[3, channel, :2, 0] = -0.125 * float(share) * 2**level
                down.conv.weight[3, channel, :2, 1] = 0.125 * float(share) * 2**level
    for part in (*encoder.mid_block.resnets, *encoder.mid_block.attentions):
        _still(part)
    _spread(encoder, vae.config.norm_num_groups)
    size = torch.from_numpy(standard.matrix) / scaling
    _clear(vae.quant_conv)
    vae.quant_conv.weight[:4, :4, 0, 0] = size
    vae.quant_conv.bias[:4] = -size @ torch.from_numpy(standard.mean)
    vae.quant_conv.bias[4:] = -20.0
    for part in (encoder, vae.quant_conv):
        part.requires_grad_(False)


def _spread(encoder, groups):
    """Carries four values through the last normalisation and SiLU unharmed: silu(x) - silu(-x) = x."""
    last = encoder.down_blocks[-1].resnets[-1].conv_shortcut
    if last is None:
        raise ValueError("the encoder's last level must change the width")
    _clear(last)
    for channel in range(4):
        last.weight[2 * channel, channel] = 1
        last.weight[2 * channel + 1, channel] = -1
    last.bias[8], last.bias[9] = ANCHOR, -ANCHOR
    members = encoder.conv_norm_out.num_channels // groups
    encoder.conv_norm_out.bias.zero_()
    encoder.conv_norm_out.weight.fill_(ANCHOR * (2 / members) ** 0.5)
    _clear(encoder.conv_out)
    for channel in range(4):
        encoder.conv_out.weight[channel, 2 * channel, 1, 1] = 1
        encoder.conv_out.weight[channel, 2 * channel + 1, 1, 1] = -1


@torch.no_grad()
def wire_decoder(vae, standard, scaling):
    """Writes smooth interpolation of the mean colours into the decoder, as a start for its training."""
    decoder = vae.decoder
    inverse = torch.from_numpy(np.linalg.inv(standard.matrix))
    _clear(vae.post_quant_conv)
    vae.post_quant_conv.weight[:, :, 0, 0] = inverse * scaling
    vae.post_quant_conv.bias[:] = torch.from_numpy(standard.mean)
    decoder.conv_in.weight[:4].zero_()
    decoder.conv_in.bias[:4].zero_()
    for channel in range(4):
        decoder.conv_in.weight[channel, channel, 1, 1] = 1
    for part in (*decoder.mid_block.resnets, *decoder.mid_block.attentions):
        _still(part)
    smooth = torch.tensor([0.25, 0.5, 0.25])
    smooth = smooth[:, None] * smooth[None]
    top = len(decoder.up_blocks) - 1
    for level, block in enumerate(decoder.up_blocks):
        for resnet in block.resnets:
            _still(resnet)
            if level == top:
                resnet.norm1.weight[:6] = DECODER_ANCHOR / 2
            if resnet.conv_shortcut is not None:
                resnet.conv_shortcut.weight[:4].zero_()
                resnet.conv_shortcut.bias[:4].zero_()
                for channel in range(4):
                    resnet.conv_shortcut.weight[channel, channel] = 1
        for up in block.upsamplers or []:
            kept = 8 if level == top - 1 else 4
            up.conv.weight[:kept].zero_()
            up.conv.bias[:kept].zero_()
            for channel in range(3 if kept == 8 else 4):
                if kept == 8:
                    up.conv.weight[2 * channel, channel] = smooth
                    up.conv.weight[2 * channel + 1, channel] = -smooth
                else:
                    up.conv.weight[channel, channel] = smooth
            if kept == 8:
                up.conv.bias[6], up.conv.bias[7] = DECODER_ANCHOR, -DECODER_ANCHOR
    decoder.conv_norm_out.weight[:8] = DECODER_ANCHOR / 2
    decoder.conv_out.weight.mul_(0.1)
    decoder.conv_out.weight[:, :8].zero_()
    decoder.conv_out.bias.zero_()
    for channel in range(3):
        decoder.conv_out.weight[channel, 2 * channel, 1, 1] = 1
        decoder.conv_out.weight[channel, 2 * channel + 1, 1, 1] = -1
