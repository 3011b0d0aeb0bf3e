"""Training steps of a GPT and of a translating Transformer, to be timed beside 'djinn benchmark RECIPE'.

text_steps.py {gpt|translator} [--batch 8|64] [--length 128|13] [--precision fp32|bf16] [--steps 30] [--threads 2]
gpt: the network of shakespeare_gpt.yaml, 65 tokens, windows of --length. translator: torch.nn.Transformer in the size of
tatoeba_transformer.yaml, one embedding of 5,000 tokens, pairs of --length tokens each, label smoothing, dropout. A step is on
tokens that stay in memory, with fused AdamW and clipped gradients. Prints a line of JSON with median_ms. Needs torch.

Each of Djinn's in turns with it; PAIRS is a folder of pairs of 12 words each, so that every batch has the same lengths:
    djinn benchmark shakespeare_gpt --set "data.files=[input.txt]" --versus "python text_steps.py gpt"
    djinn benchmark tatoeba_transformer --set data.root=PAIRS --set "data.new_tokenizer={model: word, vocabulary: 5000}" \\
      --set train.ema_decay=null --versus "python text_steps.py translator"
"""
import argparse, json, math, statistics, time
import torch
from torch import nn
from torch.nn import functional as F

p = argparse.ArgumentParser(); p.add_argument('kind', choices=['gpt', 'translator'])
p.add_argument('--batch', type=int); p.add_argument('--length', type=int); p.add_argument('--precision', default='fp32')
p.add_argument('--steps', type=int, default=30); p.add_argument('--threads', type=int, default=2)
a = p.parse_args(); torch.manual_seed(0); torch.set_num_threads(a.threads)
gpt = a.kind == 'gpt'
batch, length = a.batch or (8 if gpt else 64), a.length or (128 if gpt else 13)


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.qkv, self.out = nn.LayerNorm(d), nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.norm2, self.mlp = nn.LayerNorm(d), nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, d))
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    def __init__(self, symbols=65, d=128, layers=4, heads=4):
        super().__init__()
        self.token, self.place = nn.Embedding(symbols, d), nn.Embedding(length, d)
        self.blocks, self.norm = nn.Sequential(*(Block(d, heads) for _ in range(layers))), nn.LayerNorm(d)

    def forward(self, x):
        return F.linear(self.norm(self.blocks(self.token(x) + self.place.weight[:x.shape[1]])), self.token.weight)


class Translator(nn.Module):
    def __init__(self, symbols=5000, d=256):
        super().__init__()
        self.net = nn.Transformer(d, 4, 3, 3, 1024, .15, batch_first=True, norm_first=True)
        self.embed, self.drop = nn.Embedding(symbols, d), nn.Dropout(.15)
        angle = torch.arange(64.)[:, None] * torch.exp(torch.arange(0, d, 2.) * -math.log(1e4) / d)
        self.register_buffer('place', torch.stack([angle.sin(), angle.cos()], -1).flatten(1))

    def start(self, x): return self.drop(self.embed(x) * self.embed.embedding_dim ** .5 + self.place[:x.shape[1]])

    def forward(self, s, t):
        hidden, later = s == 0, torch.ones(t.shape[1], t.shape[1], dtype=torch.bool).triu(1)
        memory = self.net.encoder(self.start(s), src_key_padding_mask=hidden)
        y = self.net.decoder(self.start(t), memory, tgt_mask=later, tgt_key_padding_mask=t == 0, memory_key_padding_mask=hidden)
        return F.linear(y, self.embed.weight)


net = Gpt() if gpt else Translator()
symbols = 65 if gpt else 5000
source, target = (torch.randint(1, symbols, (batch, length + 1)) for _ in range(2))
opt = torch.optim.AdamW(net.parameters(), lr=1e-4, fused=True)


def step():
    with torch.autocast('cpu', dtype=torch.bfloat16, enabled=a.precision == 'bf16'):
        z = net(target[:, :-1]) if gpt else net(source[:, :-1], target[:, :-1])
    loss = F.cross_entropy(z.float().flatten(0, 1), target[:, 1:].flatten(), label_smoothing=0 if gpt else .1)
    loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 1.); opt.step(); opt.zero_grad()
    return loss.item()


end = time.time() + 2
while time.time() < end: step()
times = []
for _ in range(a.steps):
    start = time.perf_counter(); step(); times.append(1e3 * (time.perf_counter() - start))
print(json.dumps(dict(model=a.kind, median_ms=round(statistics.median(times), 3))))
