"""What an untrained translator makes of one sentence, by PyTorch's eager loop with a cache: Translations.java's other half.

python docs/benchmarks/translations.py
"""

import json
import math
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

VOCABULARY, WIDTH, HEADS, HIDDEN, LAYERS = 5000, 256, 4, 1024, 3
SOURCE, TOKENS, WARM_UP, SENTENCES = 12, 30, 100, 61


def heads(x):
    return x.view(x.size(0), x.size(1), HEADS, WIDTH // HEADS).transpose(1, 2)


class Own(nn.Module):
    """Attention of a decoder to itself, which goes on with the keys and values of what is before."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x, cache):
        q, k, v = (heads(y) for y in self.qkv(x).split(WIDTH, dim=2))
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.out(y.transpose(1, 2).flatten(2)), (k, v)


class Recalled(nn.Module):
    """Attention to a memory, whose keys and values are made once."""

    def __init__(self):
        super().__init__()
        self.q = nn.Linear(WIDTH, WIDTH)
        self.kv = nn.Linear(WIDTH, 2 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def remember(self, memory):
        return tuple(heads(y) for y in self.kv(memory).split(WIDTH, dim=2))

    def forward(self, x, remembered, seen):
        y = F.scaled_dot_product_attention(heads(self.q(x)), *remembered, attn_mask=seen)
        return self.out(y.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.own, self.recalled = Own(), Recalled()
        self.linear1, self.linear2 = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(WIDTH) for _ in range(3))

    def forward(self, x, cache, remembered, seen):
        y, cache = self.own(self.norm1(x), cache)
        x = x + y
        x = x + self.recalled(self.norm2(x), remembered, seen)
        return x + self.linear2(F.relu(self.linear1(self.norm3(x)))), cache


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, 0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, LAYERS, nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        angle = torch.arange(64.0)[:, None] * torch.exp(torch.arange(0, WIDTH, 2.0) * -math.log(1e4) / WIDTH)
        self.register_buffer("positions", torch.stack([angle.sin(), angle.cos()], -1).flatten(1))
        nn.init.normal_(self.embedding.weight, 0, WIDTH**-0.5)

    def embed(self, tokens, before=0):
        return self.embedding(tokens) * WIDTH**0.5 + self.positions[before : before + tokens.size(1)]

    def begin(self, source):
        memory = self.encoder(self.embed(source))
        return [layer.recalled.remember(memory) for layer in self.layers]

    def step(self, tokens, caches, remembered, seen):
        x = self.embed(tokens, 0 if caches is None else caches[0][0].size(2))
        after = []
        for i, layer in enumerate(self.layers):
            x, cache = layer(x, None if caches is None else caches[i], remembered[i], seen)
            after.append(cache)
        return F.linear(self.norm(x[:, -1]), self.embedding.weight), after


@torch.inference_mode()
def translate(model):
    remembered = model.begin(torch.arange(3, 3 + SOURCE)[None])
    seen = torch.ones(1, 1, 1, SOURCE, dtype=torch.bool)
    tokens, caches, made = torch.ones(1, 1, dtype=torch.long), None, []
    for _ in range(TOKENS + 1):
        logits, caches = model.step(tokens, caches, remembered, seen)
        tokens = logits.argmax(-1, keepdim=True)
        made.append(tokens.item())
    return made


def main():
    torch.manual_seed(0)
    model = Translator().eval()
    times = []
    for i in range(-WARM_UP, SENTENCES):
        begun = time.perf_counter()
        translate(model)
        if i >= 0:
            times.append((time.perf_counter() - begun) * 1000 / TOKENS)
    print(json.dumps({"median_ms_per_token": round(statistics.median(times), 3), "least": round(min(times), 3)}))


if __name__ == "__main__":
    main()
