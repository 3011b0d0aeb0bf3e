"""Makes pixel_models.json beside it: logits and gradients of small models of pixels in plain PyTorch, for the tests of djinn.zoo.generative.

Written for Djinn, run once with torch 2.14: python make_pixel_records.py. Weights, images, classes and the probe come from the formula of
djinn.golden.Formula, so that the record holds results alone. Masks are written over whole kernels here, pixel by pixel and channel by channel.
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
def stored(x): return dict(shape=list(x.shape), values=[float('%.7g' % v) for v in x.detach().flatten().tolist()])


class Masked(nn.Module):
    """The weight holds the kernel's rows down to the centre (of one row: the columns up to it); a whole kernel is filled with it and masked."""
    def __init__(self, i, o, height, width, see_self, colours):
        super().__init__()
        rows = height // 2 + 1
        self.weight, self.bias = nn.Parameter(torch.empty(o, i, rows, width if rows > 1 else width // 2 + 1)), nn.Parameter(torch.empty(o))
        mask = torch.zeros(o, i, height, width)
        for a in range(o):
            for b in range(i):
                to, of = a * colours // o, b * colours // i
                for y in range(height):
                    for x in range(width):
                        before = y < height // 2 or y == height // 2 and x < width // 2
                        here = (y, x) == (height // 2, width // 2)
                        mask[a, b, y, x] = before or here and (of < to or of == to and see_self)
        self.mask, self.height, self.width = mask, height, width

    def forward(self, x):
        w = F.pad(self.weight, (0, self.width - self.weight.shape[3], 0, self.height - self.weight.shape[2]))
        return F.conv2d(x, w * self.mask, self.bias, padding=(self.height // 2, self.width // 2))


class Head(nn.Module):
    def __init__(self, width, hidden, levels, colours):
        super().__init__()
        self.hidden, self.out = Masked(width, hidden, 1, 1, True, colours), Masked(hidden, colours * levels, 1, 1, True, colours)
        self.levels, self.colours = levels, colours

    def forward(self, x):
        y = self.out(self.hidden(x.relu()).relu())
        return torch.stack([y[:, c * self.levels:(c + 1) * self.levels] for c in range(self.colours)], 2)


class Block(nn.Module):
    def __init__(self, h, colours):
        super().__init__()
        self.reduce, self.conv, self.expand = Masked(2 * h, h, 1, 1, True, colours), Masked(h, h, 3, 3, True, colours), Masked(h, 2 * h, 1, 1, True, colours)

    def forward(self, x): return x + self.expand(self.conv(self.reduce(x.relu()).relu()).relu())


class PixelCnn(nn.Module):
    def __init__(self, colours, levels, h, blocks, hidden):
        super().__init__()
        self.stem, self.blocks = Masked(colours, 2 * h, 7, 7, False, colours), nn.ModuleList(Block(h, colours) for _ in range(blocks))
        self.head = Head(2 * h, hidden, levels, colours)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks: x = block(x)
        return self.head(x)


class RowLstm(nn.Module):
    def __init__(self, h, colours):
        super().__init__()
        self.input, self.state = Masked(2 * h, 4 * h, 1, 3, True, colours), nn.Conv2d(h, 4 * h, (1, 3), padding=(0, 1), bias=False)
        self.expand, self.h, self.colours = Masked(h, 2 * h, 1, 1, True, colours), h, colours

    def gate(self, gates, which): # each colour's channels are its four gates
        part = self.h // self.colours
        return torch.cat([gates[:, (4 * c + which) * part:(4 * c + which + 1) * part] for c in range(self.colours)], 1)

    def forward(self, x):
        given, rows = self.input(x), []
        h = c = torch.zeros(len(x), self.h, 1, x.shape[3])
        for y in range(x.shape[2]):
            gates = given[:, :, y:y + 1] + self.state(h)
            o, f, i = (self.gate(gates, k).sigmoid() for k in range(3))
            c = f * c + i * self.gate(gates, 3).tanh()
            h = o * c.tanh()
            rows.append(h)
        return x + self.expand(torch.cat(rows, 2))


class PixelRnn(nn.Module):
    def __init__(self, colours, levels, h, layers, hidden):
        super().__init__()
        self.stem, self.layers = Masked(colours, 2 * h, 7, 7, False, colours), nn.ModuleList(RowLstm(h, colours) for _ in range(layers))
        self.head = Head(2 * h, hidden, levels, colours)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers: x = layer(x)
        return self.head(x)


class Vertical(nn.Module): # a whole kernel whose lower rows are zeros
    def __init__(self, i, o, kernel, first):
        super().__init__()
        self.conv, self.kernel = nn.Conv2d(i, o, (kernel // 2 + (not first), kernel)), kernel

    def forward(self, x):
        w = F.pad(self.conv.weight, (0, 0, 0, self.kernel - self.conv.weight.shape[2]))
        return F.conv2d(x, w, self.conv.bias, padding=self.kernel // 2)


class GatedLayer(nn.Module):
    def __init__(self, colours, p, kernel, classes, first, last):
        super().__init__()
        i = colours if first else p
        self.vertical, self.link = Vertical(i, 2 * p, kernel, first), nn.Conv2d(2 * p, 2 * p, 1)
        self.horizontal, self.out = Masked(i, 2 * p, 1, kernel, not first, colours), Masked(p, p, 1, 1, True, colours)
        if classes and not last: self.vertical_classes = nn.Embedding(classes, 2 * p)
        if classes: self.horizontal_classes = nn.Embedding(classes, 2 * p)
        self.colours, self.p, self.first, self.last = colours, p, first, last

    def gated(self, x, told):
        if told is not None: x = x + told[:, :, None, None]
        part = self.p // self.colours
        return torch.cat([x[:, 2 * c * part:(2 * c + 1) * part].tanh() * x[:, (2 * c + 1) * part:(2 * c + 2) * part].sigmoid() for c in range(self.colours)], 1)

    def forward(self, above, x, classes):
        v = self.vertical(above)
        y = self.out(self.gated(self.horizontal(x) + self.link(v), None if classes is None else self.horizontal_classes(classes)))
        below = None if self.last else self.gated(v, None if classes is None else self.vertical_classes(classes))
        return below, y if self.first else x + y


class GatedPixelCnn(nn.Module):
    def __init__(self, colours, levels, p, layers, stem, kernel, hidden, classes):
        super().__init__()
        self.layers = nn.ModuleList(GatedLayer(colours, p, kernel if i else stem, classes, i == 0, i == layers - 1) for i in range(layers))
        self.head = Head(p, hidden, levels, colours)

    def forward(self, x, classes=None):
        above = x
        for layer in self.layers: above, x = layer(above, x, classes)
        return self.head(x)


def record(name, net, *inputs):
    with torch.no_grad():
        for key, p in net.named_parameters(): p.copy_(weight(key, p.shape))
    result = net(*inputs)
    (result * signal('probe', result.shape)).sum().backward()
    return dict(name=name, keys=[[k, list(p.shape)] for k, p in net.named_parameters()], inputs={}, outputs=[stored(result)],
        gradients={k: stored(p.grad) for k, p in net.named_parameters()})


GREY, COLOUR, CLASSES = signal('images', (2, 1, 5, 4)), signal('images', (2, 3, 4, 3)), torch.tensor([2, 0])
records = [record('pixel_cnn grey', PixelCnn(1, 4, 3, 2, 4), GREY), record('pixel_cnn colour', PixelCnn(3, 2, 3, 1, 6), COLOUR),
    record('pixel_rnn grey', PixelRnn(1, 4, 3, 2, 4), GREY), record('pixel_rnn colour', PixelRnn(3, 2, 3, 1, 6), COLOUR),
    record('gated_pixel_cnn grey', GatedPixelCnn(1, 4, 3, 3, 5, 3, 4, 0), GREY),
    record('gated_pixel_cnn classes', GatedPixelCnn(3, 2, 3, 2, 3, 3, 6, 3), COLOUR, CLASSES)]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pixel_models.json'), 'w') as out: json.dump(records, out, separators=(',', ':'))
