"""Text of an untrained GPT by PyTorch's eager loop with a cache: Generate.java's other half.

python docs/benchmarks/generate.py [LAYERS HEADS WIDTH]
"""

import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

CHARACTERS, CONTEXT = 65, 128
LAYERS, HEADS, WIDTH = (int(size) for size in sys.argv[1:]) if len(sys.argv) > 1 else (4, 4, 128)
PROMPT, TOKENS, WARM_UP, TEXTS = 16, 100, 100, 31


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1 = nn.LayerNorm(WIDTH)
        self.c_attn = nn.Linear(WIDTH, 3 * WIDTH)
        self.attn_proj = nn.Linear(WIDTH, WIDTH)
        self.ln_2 = nn.LayerNorm(WIDTH)
        self.c_fc = nn.Linear(WIDTH, 4 * WIDTH)
        self.mlp_proj = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, cache):
        n, t, _ = x.shape
        q, k, v = self.c_attn(self.ln_1(x)).split(WIDTH, dim=2)
        q, k, v = (y.view(n, t, HEADS, WIDTH // HEADS).transpose(1, 2) for y in (q, k, v))
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=cache is None)
        x = x + self.attn_proj(y.transpose(1, 2).reshape(n, t, WIDTH))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x)))), (k, v)


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(CHARACTERS, WIDTH)
        self.wpe = nn.Embedding(CONTEXT, WIDTH)
        self.h = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(WIDTH)
        self.lm_head = nn.Linear(WIDTH, CHARACTERS, bias=False)
        self.apply(self.start)
        self.lm_head.weight = self.wte.weight

    def start(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, tokens, caches):
        before = 0 if caches is None else caches[0][0].size(2)
        positions = torch.arange(before, before + tokens.size(1))
        x = self.wte(tokens) + self.wpe(positions)
        after = []
        for i, block in enumerate(self.h):
            x, cache = block(x, None if caches is None else caches[i])
            after.append(cache)
        return self.lm_head(self.ln_f(x[:, -1])), after


@torch.inference_mode()
def generate(model):
    tokens = torch.arange(PROMPT)[None]
    text = tokens
    caches = None
    for _ in range(TOKENS):
        logits, caches = model(tokens, caches)
        tokens = torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)
        text = torch.cat([text, tokens], dim=1)
    return text


def main():
    torch.manual_seed(0)
    model = Gpt().eval()
    times = []
    for i in range(-WARM_UP, TEXTS):
        begun = time.perf_counter()
        generate(model)
        if i >= 0:
            times.append((time.perf_counter() - begun) * 1000 / TOKENS)
    print(json.dumps({"median_ms_per_token": round(statistics.median(times), 3), "least": round(min(times), 3)}))


if __name__ == "__main__":
    main()
