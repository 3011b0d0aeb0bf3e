"""Makes gpt.json beside it: logits, loss and gradients of a small GPT-2 in plain PyTorch, for GptTest.

Written for Djinn, run once with torch 2.14: python make_record.py. Weights and tokens come from the formula of djinn.golden.Formula,
so that the record holds results alone.
"""
import json, math, os
import torch, torch.nn as nn, torch.nn.functional as F

K, T, LAYERS, HEADS, D = 7, 6, 2, 2, 8
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


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = (y.reshape(n, t, HEADS, D // HEADS).transpose(1, 2) for y in self.c_attn(x).split(D, 2))
        scores = q @ k.transpose(2, 3) / math.sqrt(D // HEADS)
        scores = scores.masked_fill(torch.ones(t, t).triu(1).bool(), -math.inf)
        return self.c_proj((scores.softmax(3) @ v).transpose(1, 2).reshape(n, t, D))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc, self.c_proj = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, x):
        x = self.c_fc(x)
        return self.c_proj(.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + .044715 * x ** 3))))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.attn, self.ln_2, self.mlp = nn.LayerNorm(D), Attention(), nn.LayerNorm(D), Mlp()

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    def __init__(self, tied):
        super().__init__()
        self.transformer = nn.ModuleDict(dict(wte=nn.Embedding(K, D), wpe=nn.Embedding(T, D), h=nn.ModuleList(Layer() for _ in range(LAYERS)), ln_f=nn.LayerNorm(D)))
        if not tied: self.lm_head = nn.Linear(D, K, bias=False)
        self.tied = tied

    def forward(self, tokens):
        part = self.transformer
        x = part.wte(tokens) + part.wpe(torch.arange(tokens.shape[1]))
        for layer in part.h: x = layer(x)
        x = part.ln_f(x)
        return x @ part.wte.weight.T if self.tied else self.lm_head(x)


def stored(tensor): return dict(shape=list(tensor.shape), values=tensor.flatten().tolist())


records = []
for tied in True, False:
    net = Gpt(tied)
    with torch.no_grad():
        for name, p in net.named_parameters(): p.copy_(weight(name, p.shape))
    text = torch.tensor([[int(unit('text', n * T + t + n) * K) for t in range(T + 1)] for n in range(2)])
    logits = net(text[:, :-1])
    loss = F.cross_entropy(logits.flatten(0, 1), text[:, 1:].flatten())
    loss.backward()
    shown = ['transformer.wte.weight', 'transformer.wpe.weight', 'transformer.h.0.attn.c_attn.weight', 'transformer.h.1.mlp.c_fc.bias']
    records.append(dict(name='gpt_tied' if tied else 'gpt', text=text.tolist(), keys=[[k, list(p.shape)] for k, p in net.named_parameters()],
        logits=stored(logits.detach()), loss=loss.item(), gradients={k: stored(p.grad) for k, p in net.named_parameters() if k in shown}))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gpt.json'), 'w') as file: json.dump(records, file, separators=(',', ':'))
