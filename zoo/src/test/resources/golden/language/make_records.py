"""Makes the records beside it: outputs and gradients of small models of text in plain PyTorch, for the tests of djinn.zoo.language.

Written for Djinn, run once with torch 2.14: python make_records.py. Weights, tokens and the probe, of which each output's product is
summed up to the loss, come from the formula of djinn.golden.Formula, so that the records hold results alone.
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


def signal(name, shape): return torch.tensor([2 * unit(name, i) - 1 for i in range(math.prod(shape))]).reshape(shape)
def tokens(name, n, t, k): return torch.tensor([[int(unit(name, i * t + j) * k) for j in range(t)] for i in range(n)])
def stored(x): return dict(shape=list(x.shape), values=[float('%.7g' % v) for v in x.detach().flatten().tolist()])


def record(name, net, inputs, outputs):
    """outputs: a function of the model with its weights; the first of its results meets the probe."""
    with torch.no_grad():
        for key, p in net.named_parameters(): p.copy_(weight(key, p.shape))
    results = outputs(net)
    (results[0] * signal('probe', results[0].shape)).sum().backward()
    return dict(name=name, keys=[[k, list(p.shape)] for k, p in net.named_parameters()], inputs={k: v.tolist() for k, v in inputs.items()},
        outputs=[stored(r) for r in results], gradients={k: stored(p.grad) for k, p in net.named_parameters() if p.grad is not None})


def write(file, records):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), file), 'w') as out: json.dump(records, out, separators=(',', ':'))


# ---- texts to classes

K, D, CLASSES = 11, 6, 3
TEXT, LENGTHS = tokens('text', 3, 7, K), [7, 4, 2]
PADDING = torch.tensor([[int(t >= n) for t in range(7)] for n in LENGTHS])


class BagOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(K, D), nn.Linear(D, CLASSES)

    def forward(self, words): return self.head(self.embedding(words).mean(0))


def scored(name, net): # each text by itself, without its padding
    return record(name, net, dict(tokens=TEXT, padding=PADDING), lambda net: [torch.stack([net(TEXT[i, :n]) for i, n in enumerate(LENGTHS)])])


write('text_scorers.json', [scored('bag_of_words', BagOfWords())])
