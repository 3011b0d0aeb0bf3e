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


class TextCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.convolutions = nn.Embedding(K, D), nn.ModuleList(nn.Conv1d(D, 4, w, padding=w - 1) for w in (3, 2))
        self.head = nn.Linear(8, CLASSES)

    def forward(self, words):
        x = self.embedding(words).T[None]
        return self.head(torch.cat([conv(x).relu().amax(2)[0] for conv in self.convolutions]))


class RecurrentScorer(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.embedding, self.layers, self.head = nn.Embedding(K, D), cell(D, 4, 2, batch_first=True, bidirectional=True), nn.Linear(8, CLASSES)

    def forward(self, words):
        last = self.layers(self.embedding(words)[None])[1]
        last = last[0] if isinstance(last, tuple) else last
        return self.head(torch.cat([last[2, 0], last[3, 0]]))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(K, 8), nn.Embedding(9, 8)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, 0., batch_first=True), 1)

    def forward(self, words): return self.encoder((self.embedding(words) + self.positions(torch.arange(len(words))))[None])[0]


class TransformerScorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.head = Encoder(), nn.Linear(8, CLASSES)

    def forward(self, words): return self.head(self.encoder(words).mean(0))


def scored(name, net): # each text by itself, without its padding
    return record(name, net, dict(tokens=TEXT, padding=PADDING), lambda net: [torch.stack([net(TEXT[i, :n]) for i, n in enumerate(LENGTHS)])])


write('text_scorers.json', [scored('bag_of_words', BagOfWords()), scored('text_cnn', TextCnn()), scored('lstm', RecurrentScorer(nn.LSTM)),
    scored('gru', RecurrentScorer(nn.GRU)), scored('transformer', TransformerScorer())])


# ---- sources to targets

H, LAYERS = 6, 2
SOURCE, TARGET, SOURCES = tokens('source', 3, 5, K), tokens('target', 3, 4, K), [5, 2, 4]
HIDDEN = torch.tensor([[int(t >= n) for t in range(5)] for n in SOURCES])


class Attention(nn.Module):
    def __init__(self, kind):
        super().__init__()
        if kind != 'dot': self.query = nn.Linear(H, H, bias=False)
        if kind == 'additive': self.key, self.score = nn.Linear(H, H, bias=False), nn.Linear(H, 1, bias=False)
        self.kind = kind

    def forward(self, h, m): # (L, H), (S, H)
        if self.kind == 'additive': scores = torch.stack([self.score(torch.tanh(self.query(x) + self.key(m))).squeeze(1) for x in h])
        else: scores = (h if self.kind == 'dot' else self.query(h)) @ m.T
        return scores.softmax(1)


class RecurrentTranslator(nn.Module):
    def __init__(self, cell, kind, shared, tied):
        super().__init__()
        self.cell, states = cell, 2 if cell is nn.LSTM else 1
        if not shared: self.source_embedding = nn.Embedding(K, D)
        self.embedding = nn.Embedding(K, D)
        self.encoder = cell(D, H // 2, LAYERS, batch_first=True, bidirectional=True)
        self.bridge, self.decoder = nn.Linear(H, states * LAYERS * H), cell(D, H, LAYERS, batch_first=True)
        self.attention, self.combine = Attention(kind), nn.Linear(2 * H, D, bias=False)
        if not tied: self.head = nn.Linear(D, K)
        self.shared, self.tied = shared, tied

    def forward(self, source, target, lengths):
        x = (self.embedding if self.shared else self.source_embedding)(source)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        memory, _ = nn.utils.rnn.pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        known = torch.stack([torch.cat([m[n - 1, :H // 2], m[0, H // 2:]]) for m, n in zip(memory, lengths)])
        first = self.bridge(known).tanh().reshape(len(source), -1, LAYERS, H)
        first = [first[:, i].transpose(0, 1).contiguous() for i in range(first.shape[1])]
        h, _ = self.decoder(self.embedding(target), tuple(first) if len(first) == 2 else first[0])
        context = torch.stack([self.attention(h[i], memory[i, :n]) @ memory[i, :n] for i, n in enumerate(lengths)])
        y = self.combine(torch.cat([context, h], 2)).tanh()
        return y @ self.embedding.weight.T if self.tied else self.head(y)


def translated(name, *form):
    return record(name, RecurrentTranslator(*form), dict(source=SOURCE, target=TARGET, padding=HIDDEN), lambda net: [net(SOURCE, TARGET, SOURCES)])


write('translators.json', [translated('additive', nn.GRU, 'additive', False, False), translated('dot', nn.LSTM, 'dot', True, True),
    translated('general', nn.LSTM, 'general', True, False)])


# ---- the next token


class RecurrentLanguageModel(nn.Module):
    def __init__(self, cell, width, tied):
        super().__init__()
        self.embedding, self.layers, self.tied = nn.Embedding(K, width), cell(width, H, LAYERS, batch_first=True), tied
        if tied and width != H: self.projection = nn.Linear(H, width)
        if not tied: self.head = nn.Linear(H, K)

    def forward(self, words):
        x, _ = self.layers(self.embedding(words))
        if not self.tied: return self.head(x)
        return (self.projection(x) if hasattr(self, 'projection') else x) @ self.embedding.weight.T


def told(name, *form): return record(name, RecurrentLanguageModel(*form), dict(tokens=TEXT), lambda net: [net(TEXT)])


write('language_models.json', [told('lstm', nn.LSTM, 4, True), told('gru', nn.GRU, H, True), told('rnn', nn.RNN, 4, False)])

# ---- vectors of words

WORDS, CANDIDATES = tokens('words', 3, 4, K), tokens('candidates', 3, 3, K)
AROUND = torch.tensor([[int(c >= n) for c in range(4)] for n in (4, 1, 3)])


class WordVectors(nn.Module):
    def __init__(self):
        super().__init__()
        self.input, self.output = nn.Embedding(K, D), nn.Embedding(K, D)


def cbow(net):
    mean = torch.stack([net.input(WORDS[i, AROUND[i] == 0]).mean(0) for i in range(3)])
    return [torch.stack([torch.stack([mean[i] @ net.output.weight[c] for c in CANDIDATES[i]]) for i in range(3)])]


def skip_gram(net): return [torch.stack([torch.stack([net.input.weight[WORDS[i, 0]] @ net.output.weight[c] for c in CANDIDATES[i]]) for i in range(3)])]


given = dict(words=WORDS, candidates=CANDIDATES, padding=AROUND)
write('word_vectors.json', [record('cbow', WordVectors(), given, cbow), record('skip_gram', WordVectors(), given, skip_gram)])


# ---- GPT-2 as Hugging Face publishes it: linear weights (in, out), applied from the right

CONTEXT, HEADS, WIDE = 6, 2, 8


class Conv1D(nn.Module):
    def __init__(self, inner, outer):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(inner, outer)), nn.Parameter(torch.empty(outer))

    def forward(self, x): return x @ self.weight + self.bias


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDE), nn.LayerNorm(WIDE)
        self.attn = nn.ModuleDict(dict(c_attn=Conv1D(WIDE, 3 * WIDE), c_proj=Conv1D(WIDE, WIDE)))
        self.mlp = nn.ModuleDict(dict(c_fc=Conv1D(WIDE, 4 * WIDE), c_proj=Conv1D(4 * WIDE, WIDE)))

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = (y.reshape(n, t, HEADS, -1).transpose(1, 2) for y in self.attn.c_attn(self.ln_1(x)).split(WIDE, 2))
        scores = (q @ k.transpose(2, 3) / math.sqrt(WIDE // HEADS)).masked_fill(torch.ones(t, t).triu(1).bool(), -math.inf)
        x = x + self.attn.c_proj((scores.softmax(3) @ v).transpose(1, 2).reshape(n, t, WIDE))
        h = self.mlp.c_fc(self.ln_2(x))
        return x + self.mlp.c_proj(.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + .044715 * h ** 3))))


class Gpt2(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe, self.h, self.ln_f = nn.Embedding(K, WIDE), nn.Embedding(CONTEXT, WIDE), nn.ModuleList(Block() for _ in range(2)), nn.LayerNorm(WIDE)

    def forward(self, words):
        x = self.wte(words) + self.wpe(torch.arange(words.shape[1]))
        for block in self.h: x = block(x)
        return self.ln_f(x) @ self.wte.weight.T


published = record('gpt2', Gpt2(), dict(tokens=TEXT[:, :CONTEXT]), lambda net: [net(TEXT[:, :CONTEXT])])
del published['gradients']
write('gpt2.json', [published])


# ---- BERT for masked words as Hugging Face publishes it: the predictions are told of all words but padding


class Sum(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.dense, self.LayerNorm = nn.Linear(inner, WIDE), nn.LayerNorm(WIDE, 1e-12)

    def forward(self, x, before): return self.LayerNorm(self.dense(x) + before)


class BertLayer(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.attention = nn.ModuleDict(dict(self=nn.ModuleDict({k: nn.Linear(WIDE, WIDE) for k in ('query', 'key', 'value')}), output=Sum(WIDE)))
        self.intermediate, self.output = nn.ModuleDict(dict(dense=nn.Linear(WIDE, hidden))), Sum(hidden)

    def forward(self, x): # (T, D)
        q, k, v = (self.attention['self'][name](x).reshape(len(x), HEADS, -1).transpose(0, 1) for name in ('query', 'key', 'value'))
        seen = ((q @ k.transpose(1, 2) / math.sqrt(WIDE // HEADS)).softmax(2) @ v).transpose(0, 1).reshape(len(x), WIDE)
        x = self.attention['output'](seen, x)
        h = self.intermediate['dense'](x)
        return self.output(.5 * h * (1 + torch.erf(h / math.sqrt(2))), x)


class BertEmbeddings(nn.Module):
    def __init__(self, context):
        super().__init__()
        self.word_embeddings, self.position_embeddings, self.token_type_embeddings = nn.Embedding(K, WIDE), nn.Embedding(context, WIDE), nn.Embedding(2, WIDE)
        self.LayerNorm = nn.LayerNorm(WIDE, 1e-12)

    def forward(self, words):
        return self.LayerNorm(self.word_embeddings(words) + self.token_type_embeddings.weight[0] + self.position_embeddings(torch.arange(len(words))))


class Transform(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense, self.LayerNorm = nn.Linear(WIDE, WIDE), nn.LayerNorm(WIDE, 1e-12)

    def forward(self, x):
        h = self.dense(x)
        return self.LayerNorm(.5 * h * (1 + torch.erf(h / math.sqrt(2))))


class Predictions(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias, self.transform = nn.Parameter(torch.empty(K)), Transform()


class BertForMaskedLM(nn.Module):
    def __init__(self, context, hidden):
        super().__init__()
        self.bert = nn.ModuleDict(dict(embeddings=BertEmbeddings(context), encoder=nn.ModuleDict(dict(layer=nn.ModuleList(BertLayer(hidden) for _ in range(2))))))
        self.cls = nn.ModuleDict(dict(predictions=Predictions()))

    def forward(self, words): # a text by itself, without its padding
        x = self.bert['embeddings'](words)
        for layer in self.bert['encoder']['layer']: x = layer(x)
        return self.cls['predictions'].transform(x) @ self.bert['embeddings'].word_embeddings.weight.T + self.cls['predictions'].bias


def without_noise(record): # what is added to all keys alike changes no weight of attention: its gradient is zero, and what comes out is rounding
    record['gradients'] = {k: g for k, g in record['gradients'].items() if not k.endswith('self.key.bias')}
    return record


write('bert.json', [without_noise(record('bert', BertForMaskedLM(9, 12), dict(tokens=TEXT, padding=PADDING),
    lambda net: [torch.cat([net(TEXT[i, :n]) for i, n in enumerate(LENGTHS)])]))])


class BertScorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.bert, self.head = BertForMaskedLM(9, 12).bert, nn.Linear(WIDE, CLASSES)

    def forward(self, words):
        x = self.bert['embeddings'](words)
        for layer in self.bert['encoder']['layer']: x = layer(x)
        return self.head(x.mean(0))


write('bert_scorer.json', [without_noise(scored('bert', BertScorer()))])
