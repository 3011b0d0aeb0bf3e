"""Makes the records of autoencoders and diffusion beside it: outputs and gradients of small models of images in plain PyTorch.

Written for Djinn, run once with torch 2.14: python make_latent_records.py. Weights, images, noise and the probe, of which each first
output's product is summed up to the loss, come from the formula of djinn.golden.Formula, so that the records hold results alone.
"""
import json, math, os
import torch, torch.nn as nn, torch.nn.functional as F

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


def signal(name, *shape): return torch.tensor([2 * unit(name, i) - 1 for i in range(math.prod(shape))]).reshape(shape)
def stored(x): return dict(shape=list(x.shape), values=[float('%.7g' % v) for v in x.detach().flatten().tolist()])


def record(name, net, outputs):
    """outputs: a function of the model with its weights; the first of its results meets the probe."""
    with torch.no_grad():
        for key, p in net.named_parameters(): p.copy_(weight(key, p.shape))
    results = outputs(net)
    (results[0] * signal('probe', *results[0].shape)).sum().backward()
    return dict(name=name, keys=[[k, list(p.shape)] for k, p in net.named_parameters()], inputs={},
        outputs=[stored(r) for r in results], gradients={k: stored(p.grad) for k, p in net.named_parameters() if p.grad is not None})


def write(file, records):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), file), 'w') as out: json.dump(records, out, separators=(',', ':'))


# ---- images to vectors and back: 16x16, 2 channels, 3 values, channels of 2 and 4, 5 values between

L, HIDDEN, IMAGES = 3, 5, signal('images', 2, 2, 16, 16)


def halving(): return nn.Sequential(nn.Conv2d(2, 2, 4, 2, 1), nn.ReLU(), nn.Conv2d(2, 4, 4, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64, HIDDEN), nn.ReLU())


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Sequential(nn.Linear(L, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 64), nn.ReLU())
        self.main = nn.Sequential(nn.ConvTranspose2d(4, 2, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(2, 2, 4, 2, 1))

    def forward(self, z): return self.main(self.dense(z).reshape(-1, 4, 4, 4))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.main, self.vector = halving(), nn.Linear(HIDDEN, L)

    def forward(self, x): return self.vector(self.main(x))


class NormalEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.main, self.mean, self.log_variance = halving(), nn.Linear(HIDDEN, L), nn.Linear(HIDDEN, L)

    def forward(self, x): return self.mean(self.main(x)), self.log_variance(self.main(x))


class Autoencoder(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.decoder = encoder, Decoder()


def variational(net):
    mean, log_variance = net.encoder(IMAGES)
    logits = net.decoder(mean + torch.exp(log_variance) ** .5 * signal('noise', 2, L))
    return [logits, mean, log_variance, 2 * torch.sigmoid(net.decoder(mean)) - 1]


def plain(net):
    vectors = net.encoder(IMAGES)
    return [2 * net.decoder(vectors) - 1, vectors]


write('autoencoders.json', [record('vae', Autoencoder(NormalEncoder()), variational), record('autoencoder', Autoencoder(Encoder()), plain)])
