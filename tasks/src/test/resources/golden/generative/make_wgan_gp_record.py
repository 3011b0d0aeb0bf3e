"""Makes wgan_gp.json beside it: what both turns of a WGAN-GP lower and the gradients of it, the penalty's by a backward pass through a
backward pass, in plain PyTorch, for the tests of djinn.tasks.generative.

Written for Djinn, run once with torch 2.14: python make_wgan_gp_record.py. All is computed in float64, of weights and points that single
precision holds exactly: the record is free of rounding, so that what differs from it is the rounding of who is compared. An array is filled
with scale sin(1.3 i + 0.9 k + 0.4), where i counts its values and k the arrays: those of the generator, then those of the critic, and 100 to
103 for the vectors of the critic's turn, those of the generator's, real images and shares.
"""
import json, math, os
import torch, torch.nn as nn

N, PENALTY = 4, 10


def wave(k, shape, scale, shift=0.):
    values = [scale * math.sin(1.3 * i + .9 * k + .4) for i in range(math.prod(shape))]
    return (torch.tensor(values, dtype=torch.float32) + shift).reshape(shape).double()


def stored(x): return dict(shape=list(x.shape), values=[float('%.10g' % v) for v in x.detach().flatten().tolist()])


generator = nn.Sequential(nn.Linear(3, 16), nn.Unflatten(1, (4, 2, 2)), nn.BatchNorm2d(4), nn.ReLU(), nn.ConvTranspose2d(4, 2, 4, 2, 1),
    nn.BatchNorm2d(2), nn.ReLU(), nn.ConvTranspose2d(2, 1, 4, 2, 1), nn.Tanh()).double()
critic = nn.Sequential(nn.Conv2d(1, 2, 4, 2, 1), nn.LeakyReLU(.2), nn.Conv2d(2, 4, 4, 2, 1), nn.LeakyReLU(.2), nn.Flatten(),
    nn.Linear(16, 1)).double()
named = [('generator.main.' + k, p) for k, p in generator.named_parameters()] + [('critic.main.' + k, p) for k, p in critic.named_parameters()]
with torch.no_grad():
    for k, (name, p) in enumerate(named):
        p.copy_(wave(k, p.shape, .25, 1. if name in ('generator.main.2.weight', 'generator.main.5.weight') else 0.))


def judge(x): return critic(x)[:, 0]


def slopes(loss, part, leaf=''):
    own = [(name, p) for name, p in named if name.startswith(part) and name.endswith(leaf)]
    return {name: stored(g) for (name, _), g in zip(own, torch.autograd.grad(loss, [p for _, p in own], retain_graph=True))}


with torch.no_grad(): fake = generator(wave(100, (N, 3), 1.5))
real, epsilon = wave(102, (N, 1, 8, 8), 1.), wave(103, (N, 1, 1, 1), .5, .5)
between = (epsilon * real + (1 - epsilon) * fake).requires_grad_()
slope, = torch.autograd.grad(judge(between).sum(), between, create_graph=True)
norms = slope.flatten(1).norm(dim=1)
penalty = PENALTY * ((norms - 1) ** 2).mean()
value = judge(fake).mean() - judge(real).mean()
record = dict(fake=stored(fake), norms=stored(norms), wasserstein=stored(-value), penalty=stored(penalty))
# biases move signs alone, of which a penalty has no slope
record['penalty_gradients'] = slopes(penalty, 'critic.', 'weight')
record['critic_gradients'] = slopes(value + penalty, 'critic.')
loss = -judge(generator(wave(101, (N, 3), 1.5))).mean()
record.update(generator_loss=stored(loss), generator_gradients=slopes(loss, 'generator.'), running_mean=stored(generator[2].running_mean))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'wgan_gp.json'), 'w') as out: json.dump(record, out, separators=(',', ':'))
