"""Training steps of DCGAN and WGAN-GP, to be timed beside 'djinn benchmark RECIPE'.

gan_steps.py {dcgan|wgan_gp} [--batch 64] [--size 32] [--width 64] [--latent 64] [--steps 30] [--threads 2]
A step is a turn of the critic and one of the generator on a batch that stays in memory; both networks are those of PyTorch's
DCGAN example for grey images, the critic of WGAN-GP without batch norms; its penalty goes back through a gradient. Adam.
Prints a line of JSON with median_ms. Needs torch.

    djinn benchmark dcgan_mnist --set data.root=FOLDER --set model.width=64 --set model.conditional=false --set train.ema_decay=null \\
      --versus "python gan_steps.py dcgan"
    djinn benchmark dcgan_mnist --set data.root=FOLDER --set model.width=64 --set model.conditional=false --set train.ema_decay=null \\
      --set model.name=wgan --set loss.name=wgan_gp --versus "python gan_steps.py wgan_gp"
"""
import argparse, json, statistics, time
import torch
from torch import nn
from torch.nn import functional as F

p = argparse.ArgumentParser(); p.add_argument('kind', choices=['dcgan', 'wgan_gp'])
p.add_argument('--batch', type=int, default=64); p.add_argument('--size', type=int, default=32); p.add_argument('--width', type=int, default=64)
p.add_argument('--latent', type=int, default=64); p.add_argument('--steps', type=int, default=30); p.add_argument('--threads', type=int, default=2)
a = p.parse_args(); torch.manual_seed(0); torch.set_num_threads(a.threads)
halvings = a.size.bit_length() - 3
wide = a.width << (halvings - 1)


def generator():
    layers, c = [nn.ConvTranspose2d(a.latent, wide, 4, bias=False), nn.BatchNorm2d(wide), nn.ReLU(True)], wide
    for _ in range(halvings - 1):
        layers += [nn.ConvTranspose2d(c, c // 2, 4, 2, 1, bias=False), nn.BatchNorm2d(c // 2), nn.ReLU(True)]; c //= 2
    return nn.Sequential(*layers, nn.ConvTranspose2d(c, 1, 4, 2, 1, bias=False), nn.Tanh())


def critic(norms):
    layers, c = [nn.Conv2d(1, a.width, 4, 2, 1, bias=not norms), nn.LeakyReLU(.2, True)], a.width
    for _ in range(halvings - 1):
        layers += [nn.Conv2d(c, 2 * c, 4, 2, 1, bias=not norms)] + ([nn.BatchNorm2d(2 * c)] if norms else []) + [nn.LeakyReLU(.2, True)]; c *= 2
    return nn.Sequential(*layers, nn.Conv2d(c, 1, 4, bias=not norms), nn.Flatten(0))


wgan = a.kind == 'wgan_gp'
g, d = generator(), critic(not wgan)
og, od = (torch.optim.Adam(n.parameters(), lr=2e-4, betas=(.5, .999)) for n in (g, d))
real = torch.rand(a.batch, 1, a.size, a.size) * 2 - 1


def noise(): return torch.randn(a.batch, a.latent, 1, 1)


def step():
    with torch.no_grad(): fake = g(noise())
    if wgan:
        e = torch.rand(a.batch, 1, 1, 1); mid = (e * real + (1 - e) * fake).requires_grad_()
        slope = torch.autograd.grad(d(mid).sum(), mid, create_graph=True)[0].flatten(1).norm(dim=1)
        loss = d(fake).mean() - d(real).mean() + 10 * ((slope - 1) ** 2).mean()
    else:
        loss = F.softplus(-d(real)).mean() + F.softplus(d(fake)).mean()
    od.zero_grad(); loss.backward(); od.step()
    z = d(g(noise())); loss = -z.mean() if wgan else F.softplus(-z).mean()
    og.zero_grad(); loss.backward(); og.step()
    return loss.item()


end = time.time() + 2
while time.time() < end: step()
times = []
for _ in range(a.steps):
    start = time.perf_counter(); step(); times.append(1e3 * (time.perf_counter() - start))
print(json.dumps(dict(model=a.kind, median_ms=round(statistics.median(times), 3))))
