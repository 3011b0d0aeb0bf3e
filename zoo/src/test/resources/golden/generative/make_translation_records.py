"""Makes image_translation.json beside it: outputs and gradients of networks that translate images, in plain PyTorch, for the tests of
djinn.zoo.generative and of djinn.zoo.nn.SpectralNorm.

Written for Djinn, run once with torch 2.14: python make_translation_records.py. Weights, images and the probe, of which each output's
product is summed up to the loss, come from the formula of djinn.golden.Formula, so that the records hold results alone. The names are
those of the networks' authors, whose papers the blocks cite; of the papers' own sizes the names and shapes alone are recorded.
"""
import json, math, os
import torch, torch.nn as nn

MASK = (1 << 64) - 1


def unit(name, index):
    z = 0xcbf29ce484222325
    for byte in name.encode(): z = (z ^ byte) * 0x100000001b3 & MASK
    z = z + (index + 1) * 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return ((z ^ z >> 31) >> 40) / (1 << 24)


def weight(name, shape):
    size = math.prod(shape)
    if len(shape) > 1: values = [(2 * unit(name, i) - 1) * math.sqrt(6 / (size / shape[0])) for i in range(size)]
    elif name.endswith('weight'): values = [.5 + unit(name, i) for i in range(size)]
    else: values = [.2 * (unit(name, i) - .5) for i in range(size)]
    return torch.tensor(values).reshape(shape)


def signal(name, shape): return torch.tensor([2 * unit(name, i) - 1 for i in range(math.prod(shape))]).reshape(shape)


def stored(x):
    """Every value, or of a large array every second, third ... one, from the first on, so that the file stays small."""
    every = -(-x.numel() // 400)
    return dict(shape=list(x.shape), every=every, values=[float('%.7g' % v) for v in x.detach().flatten().tolist()[::every]])


def keys(net): return [[k, list(p.shape)] for k, p in net.state_dict().items()]


def record(name, net, shape):
    """What a pass in training gives, and the gradients of the input and of all parameters."""
    with torch.no_grad():
        for key, p in net.named_parameters(): p.copy_(weight(key, p.shape))
    x = signal('x', shape).requires_grad_()
    y = net(x)
    (y * signal('probe', y.shape)).sum().backward()
    gradients = dict(x=stored(x.grad), **{k: stored(p.grad) for k, p in net.named_parameters()})
    return dict(name=name, keys=keys(net), input=list(shape), output=stored(y), gradients=gradients)


def norm(batch, channels): return nn.BatchNorm2d(channels) if batch else nn.InstanceNorm2d(channels)


class Skip(nn.Module):
    """Two padded convolutions around which the input goes."""

    def __init__(self, c):
        super().__init__()
        half = lambda: [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3), nn.InstanceNorm2d(c)]
        self.conv_block = nn.Sequential(*half(), nn.ReLU(), *half())

    def forward(self, x): return x + self.conv_block(x)


class Resnet(nn.Module):
    """c7s1-w, d2w, d4w, R4w ..., u2w, uw, c7s1 (Zhu et al. 2017, appendix 7.2)."""

    def __init__(self, inner, outer, w, blocks):
        super().__init__()
        unit = lambda conv, c: [conv, nn.InstanceNorm2d(c), nn.ReLU()]
        down = lambda c: unit(nn.Conv2d(c, 2 * c, 3, 2, 1), 2 * c)
        up = lambda c: unit(nn.ConvTranspose2d(c, c // 2, 3, 2, 1, 1), c // 2)
        self.model = nn.Sequential(nn.ReflectionPad2d(3), *unit(nn.Conv2d(inner, w, 7), w), *down(w), *down(2 * w),
            *[Skip(4 * w) for _ in range(blocks)], *up(4 * w), *up(2 * w), nn.ReflectionPad2d(3), nn.Conv2d(w, outer, 7), nn.Tanh())

    def forward(self, x): return self.model(x)


class Patch(nn.Module):
    """Layers of kernel 4: some of stride 2, two of stride 1 (Isola et al. 2017, appendix 6.1.2)."""

    def __init__(self, c, w, layers, batch):
        super().__init__()
        widths = [w * min(2 ** i, 8) for i in range(layers + 1)]
        net = [nn.Conv2d(c, w, 4, 2, 1), nn.LeakyReLU(.2)]
        for i in range(1, layers + 1):
            net += [nn.Conv2d(widths[i - 1], widths[i], 4, 2 if i < layers else 1, 1, bias=not batch), norm(batch, widths[i]), nn.LeakyReLU(.2)]
        self.model = nn.Sequential(*net, nn.Conv2d(widths[-1], 1, 4, 1, 1))

    def forward(self, x): return self.model(x)


class Level(nn.Module):
    """One level of the U-Net and, inside of it, those below (Isola et al. 2017, appendix 6.1.1)."""

    def __init__(self, inner, outer, wide, below, batch, outermost=False, dropout=False):
        super().__init__()
        net = [] if outermost else [nn.LeakyReLU(.2)]
        net += [nn.Conv2d(inner, wide, 4, 2, 1, bias=not batch)]
        if below is not None: net += ([] if outermost else [norm(batch, wide)]) + [below]
        net += [nn.ReLU(), nn.ConvTranspose2d(wide if below is None else 2 * wide, outer, 4, 2, 1, bias=outermost or not batch)]
        net += [nn.Tanh() if outermost else norm(batch, outer)]
        self.outermost, self.model = outermost, nn.Sequential(*net, *([nn.Dropout(.5)] if dropout else []))

    def forward(self, x): return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class UNet(nn.Module):
    def __init__(self, inner, outer, w, levels, batch):
        super().__init__()
        level = Level(8 * w, 8 * w, 8 * w, None, batch)
        for _ in range(levels - 5): level = Level(8 * w, 8 * w, 8 * w, level, batch, dropout=True)
        for c in (4 * w, 2 * w, w): level = Level(c, c, 2 * c, level, batch)
        self.model = Level(inner, outer, w, level, batch, outermost=True)

    def forward(self, x): return self.model(x)


class Stretched(nn.Module):
    """A layer under spectral normalisation, three passes: the vectors take a step at each, the gradient is the sum of all."""

    def __init__(self, layer):
        super().__init__()
        for key, p in layer.named_parameters(): p.data = weight(key if key == 'bias' else key + '_orig', p.shape)
        self.layer = torch.nn.utils.spectral_norm(layer)
        with torch.no_grad():
            for name in ('weight_u', 'weight_v'):
                start = signal(name, getattr(layer, name).shape)
                getattr(layer, name).copy_(start / start.norm())

    def forward(self, x): return torch.stack([self.layer(x * factor) for factor in (1., .5, 2.)])


def spectral(name, layer, shape):
    net = Stretched(layer)
    x = signal('x', shape).requires_grad_()
    y = net(x)
    (y * signal('probe', y.shape)).sum().backward()
    gradients = dict(x=stored(x.grad), **{k: stored(p.grad) for k, p in net.layer.named_parameters()})
    net.eval()
    after = net.layer(x)
    state = {k: stored(v) for k, v in net.layer.state_dict().items() if k in ('weight_u', 'weight_v')}
    return dict(name=name, keys=keys(net.layer), input=list(shape), output=stored(y), gradients=gradients, state=state, inference=stored(after))


def listed(name, net): return dict(name=name, keys=keys(net))


records = [record('resnet', Resnet(2, 3, 2, 2), (2, 2, 8, 12)), record('patch_instance', Patch(3, 2, 2, False), (2, 3, 16, 12)),
    record('patch_batch', Patch(3, 2, 1, True), (2, 3, 9, 8)), record('unet_batch', UNet(2, 1, 1, 5, True), (2, 2, 32, 32)),
    spectral('spectral_conv', nn.Conv2d(2, 3, (3, 2), 2, 1), (2, 2, 5, 4)), spectral('spectral_linear', nn.Linear(4, 3), (2, 4)),
    listed('resnet_9blocks', Resnet(3, 3, 64, 9)), listed('patch_70', Patch(3, 64, 3, False)), listed('unet_256', UNet(3, 3, 64, 8, True)),
    listed('unet_instance', UNet(3, 1, 2, 6, False))]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'image_translation.json'), 'w') as out: json.dump(records, out, separators=(',', ':'))
