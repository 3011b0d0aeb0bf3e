"""Makes unrolled.json beside it: what a generator of points lowers against a critic that is some steps ahead, and the gradients of it,
in plain PyTorch, for the tests of djinn.tasks.points.

Written for Djinn, run once with torch 2.14: python make_point_records.py. Weights and points come from the formula of
djinn.golden.Formula, so that the records hold results alone.
"""
import json, math, os
import torch, torch.nn as nn, torch.nn.functional as F
from torch.func import functional_call

MASK = (1 << 64) - 1
LR, PENALTY, N = .3, 10, 6


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
    else: values = [.2 * (unit(name, i) - .5) for i in range(size)]
    return torch.tensor(values).reshape(shape)


def signal(name, shape): return torch.tensor([2 * unit(name, i) - 1 for i in range(math.prod(shape))]).reshape(shape)
def stored(x): return dict(shape=list(x.shape), values=[float('%.7g' % v) for v in x.detach().flatten().tolist()])


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)])

    def forward(self, x):
        x = self.layers[0](x / 4)
        for layer in self.layers[1:]: x = layer(F.relu(x))
        return x[:, 0]


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, z): return self.main(z)


def critic_loss(game, judge, real, drawn, epsilon):
    if game == 'non_saturating': return F.softplus(-judge(real)).mean() + F.softplus(judge(drawn)).mean()
    between = (epsilon * real + (1 - epsilon) * drawn).detach().requires_grad_()
    slopes, = torch.autograd.grad(judge(between).sum(), between, create_graph=True)
    return judge(drawn).mean() - judge(real).mean() + PENALTY * ((slopes.norm(dim=1) - 1) ** 2).mean()


records = []
for game in ('non_saturating', 'wgan_gp'):
    for steps in (0, 1, 2):
        generator, critic = Generator(), Critic()
        with torch.no_grad():
            for prefix, net in (('generator.', generator), ('critic.', critic)):
                for key, p in net.named_parameters(): p.copy_(weight(prefix + key, p.shape))
        real, drawn, epsilon = 2 * signal('real', (N, 2)), generator(signal('noise', (N, 3))), (signal('epsilon', (N, 1)) + 1) / 2
        ahead = {key: p.detach().requires_grad_() for key, p in critic.named_parameters()}
        for _ in range(steps):
            loss = critic_loss(game, lambda x: functional_call(critic, ahead, (x,)), real, drawn, epsilon)
            slopes = torch.autograd.grad(loss, list(ahead.values()), create_graph=True)
            ahead = {key: p - LR * g for (key, p), g in zip(ahead.items(), slopes)}
        scores = functional_call(critic, ahead, (drawn,))
        loss = F.softplus(-scores).mean() if game == 'non_saturating' else -scores.mean()
        loss.backward()
        records.append(dict(name='%s %d' % (game, steps), scores=stored(scores), loss=stored(loss),
            weights={k: stored(v) for k, v in ahead.items()}, gradients={k: stored(p.grad) for k, p in generator.named_parameters()}))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'unrolled.json'), 'w') as out:
    json.dump(records, out, separators=(',', ':'))
