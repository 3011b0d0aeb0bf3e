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


# ---- noise: 8x8, 2 channels, width 4 on two levels with one block each, 3 classes

W, T = 4, 16


def groups(c): return nn.GroupNorm({4: 1, 8: 2, 12: 1, 16: 4}[c], c, 1e-6)


class Residual(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.norm1, self.conv1, self.time = groups(a), nn.Conv2d(a, b, 3, 1, 1), nn.Linear(T, b)
        self.norm2, self.conv2 = groups(b), nn.Conv2d(b, b, 3, 1, 1)
        if a != b: self.skip = nn.Conv2d(a, b, 1)

    def forward(self, x, t):
        y = self.conv1(F.silu(self.norm1(x))) + self.time(F.silu(t))[:, :, None, None]
        return self.conv2(F.silu(self.norm2(y))) + (self.skip(x) if hasattr(self, 'skip') else x)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm, self.query, self.key, self.value, self.out = groups(c), *(nn.Conv2d(c, c, 1) for _ in range(4))

    def forward(self, x):
        y = self.norm(x)
        q, k, v = (f(y).flatten(2).mT for f in (self.query, self.key, self.value))
        return x + self.out(F.scaled_dot_product_attention(q, k, v).mT.reshape(x.shape))


class Place(nn.Module):
    def __init__(self, block=None, attention=None, resize=None, up=False):
        super().__init__()
        if block: self.block = block
        if attention: self.attention = attention
        if resize: self.resize = resize
        self.up = up

    def forward(self, x, t):
        if hasattr(self, 'block'): x = self.block(x, t)
        if hasattr(self, 'attention'): x = self.attention(x)
        if self.up: x = F.interpolate(x, scale_factor=2, mode='nearest')
        return self.resize(x) if hasattr(self, 'resize') else x


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.time, self.classes = nn.Sequential(nn.Linear(W, T), nn.SiLU(), nn.Linear(T, T)), nn.Embedding(3, T)
        self.first = nn.Conv2d(2, 4, 3, 1, 1)
        self.down = nn.ModuleList([Place(Residual(4, 4)), Place(resize=nn.Conv2d(4, 4, 3, 2, 1)), Place(Residual(4, 8), Attention(8))])
        self.middle = nn.ModuleList([Place(Residual(8, 8), Attention(8)), Place(Residual(8, 8))])
        self.up = nn.ModuleList([Place(Residual(16, 8), Attention(8)), Place(Residual(12, 8), Attention(8), nn.Conv2d(8, 8, 3, 1, 1), True),
            Place(Residual(12, 4)), Place(Residual(8, 4))])
        self.norm, self.last = groups(4), nn.Conv2d(4, 2, 3, 1, 1)

    def forward(self, x, t, labels):
        angles = t[:, None] * torch.exp(-math.log(10000) * torch.arange(2) / (2 - 1))
        told = self.time(torch.cat([angles.sin(), angles.cos()], 1)) + self.classes(labels)
        y0 = self.first(x)
        y1 = self.down[0](y0, told)
        y2 = self.down[1](y1, told)
        y3 = self.down[2](y2, told)
        y = self.middle[1](self.middle[0](y3, told), told)
        for place, kept in zip(self.up, (y3, y2, y1, y0)): y = place(torch.cat([y, kept], 1), told)
        return self.last(F.silu(self.norm(y)))


def small(record): # the gradients of the larger layers say nothing that those of others do not
    record['gradients'] = {k: v for k, v in record['gradients'].items() if len(v['values']) <= 300}
    return record


# ---- the schedule, and a step of each way back, in double precision, written from the papers' equations

STEPS, AT, TO = 50, 30, 17
f = torch.cos((torch.arange(STEPS + 1, dtype=torch.float64) / STEPS + .008) / 1.008 * math.pi / 2) ** 2
betas = (1 - f[1:] / f[:-1]).clamp(max=.999)
alphas = 1 - betas
bars = alphas.cumprod(0)
x, e, z = (signal(n, 1, 1, 4, 4).double() for n in ('noisy', 'predicted', 'drawn'))
x0 = ((x - (1 - bars[AT]).sqrt() * e) / bars[AT].sqrt()).clamp(-1, 1)
kept = (x - bars[AT].sqrt() * x0) / (1 - bars[AT]).sqrt()
mean = bars[AT - 1].sqrt() * betas[AT] / (1 - bars[AT]) * x0 + alphas[AT].sqrt() * (1 - bars[AT - 1]) / (1 - bars[AT]) * x
ddpm = mean + (betas[AT] * (1 - bars[AT - 1]) / (1 - bars[AT])).sqrt() * z
ddim = bars[TO].sqrt() * x0 + (1 - bars[TO]).sqrt() * kept
kept_all = dict(name='steps', steps=STEPS, at=AT, to=TO, betas=betas.tolist(), alphas=alphas.tolist(), remaining=bars.tolist(),
    ddpm=ddpm.flatten().tolist(), ddim=ddim.flatten().tolist(), image=x0.flatten().tolist())

write('diffusion.json', [kept_all, small(record('unet', UNet(), lambda net: [net(signal('images', 2, 2, 8, 8), torch.tensor([0, 37]), torch.tensor([2, 0]))]))])
