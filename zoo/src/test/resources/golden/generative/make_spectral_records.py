"""Makes sngan.json beside it: the discriminator of SNGAN, every layer under spectral normalisation, in plain PyTorch, for the tests of
djinn.zoo.generative.

Written for Djinn, run once with torch 2.14: python make_spectral_records.py. Weights, images and starting vectors come from the formula of
djinn.golden.Formula, all else is computed in float64. PyTorch has the normalisation twice, each with one step of the power iteration a pass
in training. torch.nn.utils.spectral_norm takes it in the order of Miyato et al. 2018, algorithm 1, v and then u; it is recorded over two steps
of gradient descent. torch.nn.utils.parametrizations.spectral_norm takes u first, and so is half a step of the iteration elsewhere, until both
are at the singular vectors: it is recorded from there.
"""
import json, math, os
import torch, torch.nn as nn
from torch.nn.utils import parametrizations, spectral_norm

MASK = (1 << 64) - 1
C, W, SIZE, N, LR = 2, 1, 8, 3, .02


def unit(name, index):
    z = 0xcbf29ce484222325
    for byte in name.encode(): z = (z ^ byte) * 0x100000001b3 & MASK
    z = z + (index + 1) * 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return ((z ^ z >> 31) >> 40) / (1 << 24)


def single(values, shape): return torch.tensor(values, dtype=torch.float32).double().reshape(shape)


def weight(name, shape):
    size = math.prod(shape)
    if len(shape) > 1: return single([(2 * unit(name, i) - 1) * math.sqrt(6 / (size / shape[0])) for i in range(size)], shape)
    return single([.2 * (unit(name, i) - .5) for i in range(size)], shape)


def signal(name, shape): return single([2 * unit(name, i) - 1 for i in range(math.prod(shape))], shape)
def stored(x): return dict(shape=list(x.shape), values=[float('%.10g' % v) for v in x.detach().flatten().tolist()])


def discriminator(normalise):
    """Miyato et al. 2018, table 3: three times 3x3 of stride 1 and 4x4 of stride 2, 3x3, and all to one."""
    net, widths = [], [C, W, 2 * W, 4 * W]
    for i in range(3):
        net += [normalise(nn.Conv2d(widths[i], W << i, 3, 1, 1)), nn.LeakyReLU(.1), normalise(nn.Conv2d(W << i, W << i, 4, 2, 1)), nn.LeakyReLU(.1)]
    net += [normalise(nn.Conv2d(4 * W, 8 * W, 3, 1, 1)), nn.LeakyReLU(.1), nn.Flatten(), normalise(nn.Linear(8 * W * (SIZE // 8) ** 2, 1))]
    return nn.Sequential(*net).double()


def layers(net): return [(key, layer) for key, layer in net.named_children() if hasattr(layer, 'bias')]


def passed(net, x):
    x = x.clone().requires_grad_()
    scores = net(x)[:, 0]
    own = dict(net.named_parameters())
    (scores * signal('probe', (N,))).sum().backward()
    return scores, x.grad, {key: p.grad for key, p in own.items()}


def steps():
    net = discriminator(spectral_norm)
    with torch.no_grad():
        for key, p in net.named_parameters(): p.copy_(weight('main.' + key, p.shape))
        for key, layer in layers(net):
            for name in ('weight_u', 'weight_v'):
                start = signal('main.%s.%s' % (key, name), getattr(layer, name).shape)
                getattr(layer, name).copy_(start / start.norm())
    told = []
    for step in range(2):
        net.zero_grad()
        scores, slope, slopes = passed(net, signal('x%d' % step, (N, C, SIZE, SIZE)))
        told.append(dict(scores=stored(scores), x=stored(slope), gradients={'main.' + k: stored(g) for k, g in slopes.items()}))
        with torch.no_grad():
            for key, p in net.named_parameters(): p -= LR * slopes[key]
    state = {'main.' + k: stored(v) for k, v in net.state_dict().items()}
    net.eval()
    return dict(steps=told, state=state, inference=stored(net(signal('x2', (N, C, SIZE, SIZE)))[:, 0]))


def settled():
    net = discriminator(lambda layer: parametrizations.spectral_norm(layer, n_power_iterations=1))
    vectors = {}
    with torch.no_grad():
        for key, layer in layers(net):
            layer.bias.copy_(weight('main.%s.bias' % key, layer.bias.shape))
            whole = layer.parametrizations.weight.original
            whole.copy_(weight('main.%s.weight_orig' % key, whole.shape))
            u, _, v = torch.linalg.svd(whole.flatten(1))
            layer.parametrizations.weight[0]._u.copy_(u[:, 0])
            layer.parametrizations.weight[0]._v.copy_(v[0])
            vectors['main.%s.weight_u' % key], vectors['main.%s.weight_v' % key] = stored(u[:, 0]), stored(v[0])
    scores, slope, slopes = passed(net, signal('x0', (N, C, SIZE, SIZE)))
    named = {'main.' + k.replace('parametrizations.weight.original', 'weight_orig'): stored(g) for k, g in slopes.items()}
    return dict(vectors=vectors, scores=stored(scores), x=stored(slope), gradients=named)


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sngan.json'), 'w') as out:
    json.dump(dict(steps(), settled=settled()), out, separators=(',', ':'))
