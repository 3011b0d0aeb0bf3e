"""Detectors and segmenters of torchvision (and a U-Net), to be timed beside 'djinn benchmark RECIPE' and Detect.java.

boxes_and_masks.py MODEL {train|infer} [--batch 4] [--size 320] [--photo FILE] [--layout default|channels_last] [--steps 12]
                   [--classes 3] [--save FILE] [--weights FILE.safetensors]
MODEL: ssdlite320_mobilenet_v3_large, retinanet_resnet50_fpn, fasterrcnn_resnet50_fpn, fasterrcnn_mobilenet_v3_large_fpn,
maskrcnn_resnet50_fpn, unet, deeplabv3_mobilenet_v3_large. Random weights; --save writes them, and nothing is timed then.
--weights takes those of a run of Djinn's, RUN/best.safetensors: of two stages, random ones propose as many regions as
they may, trained ones fewer. --classes counts the background of torchvision's detectors.
train: a step with AdamW on a batch that stays in memory, two boxes in each image, and their masks. infer: a photo of batch 1,
from its file to boxes, with masks, or classes of pixels. Prints a line of JSON with median_ms. Needs torch, torchvision with its
own kernels, and pillow.

The step of two stages, in turns with 'djinn benchmark RECIPE' of the model, 320 and a batch of 2:
    python boxes_and_masks.py fasterrcnn_mobilenet_v3_large_fpn train --batch 2 --size 320
From a photo to boxes, in turns with 'java -cp ... Detect.java RUN PHOTO', and with RUN exported, 'Detect.java FILE.onnx PHOTO':
    python boxes_and_masks.py fasterrcnn_mobilenet_v3_large_fpn infer --photo PHOTO --weights RUN/best.safetensors
"""
import argparse, json, statistics, time
import torch
from torch import nn
import torchvision
from PIL import Image
from torchvision.transforms import functional as F

p = argparse.ArgumentParser(); p.add_argument('model'); p.add_argument('mode', choices=['train', 'infer'])
p.add_argument('--batch', type=int, default=4); p.add_argument('--size', type=int, default=320); p.add_argument('--photo')
p.add_argument('--layout', default='default'); p.add_argument('--steps', type=int, default=12); p.add_argument('--threads', type=int, default=2); p.add_argument('--classes', type=int, default=3)
p.add_argument('--save', help='write the weights there and stop'); p.add_argument('--weights', help='of a run of Djinn')
a = p.parse_args(); torch.manual_seed(0); torch.set_num_threads(a.threads)


def twice(i, o):
    layers = []
    for c in (i, o):
        layers += [nn.Conv2d(c, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self, classes, width=64):
        super().__init__()
        w = [width << i for i in range(5)]
        self.down = nn.ModuleList([twice(i, o) for i, o in zip([3] + w, w)])
        self.up = nn.ModuleList([nn.ConvTranspose2d(w[i + 1], w[i], 2, stride=2) for i in reversed(range(4))])
        self.join = nn.ModuleList([twice(w[i + 1], w[i]) for i in reversed(range(4))])
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        kept = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else nn.functional.max_pool2d(x, 2))
            kept.append(x)
        for up, join, left in zip(self.up, self.join, reversed(kept[:-1])):
            x = join(torch.cat([left, up(x)], 1))
        return self.head(x)


def read(file):
    """The arrays of a safetensors file, all of them float32."""
    with open(file, 'rb') as opened:
        head = json.loads(opened.read(int.from_bytes(opened.read(8), 'little')))
        data = bytearray(opened.read())
    head.pop('__metadata__', None)
    return {name: torch.frombuffer(data, dtype=torch.float32, count=(e['data_offsets'][1] - e['data_offsets'][0]) // 4,
                                   offset=e['data_offsets'][0]).reshape(e['shape'])
            for name, e in head.items() if e['dtype'] == 'F32'}


of_two_stages = a.model.startswith(('fasterrcnn', 'maskrcnn'))
detector = of_two_stages or a.model in ('ssdlite320_mobilenet_v3_large', 'retinanet_resnet50_fpn')
if a.model == 'ssdlite320_mobilenet_v3_large':
    net = torchvision.models.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=a.classes)
elif detector:
    net = getattr(torchvision.models.detection, a.model)(
        weights=None, weights_backbone=None, num_classes=a.classes, min_size=a.size, max_size=a.size)
elif a.model == 'deeplabv3_mobilenet_v3_large':
    net = torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=a.classes)
else:
    net = UNet(a.classes)
if a.weights:
    missing = net.load_state_dict(read(a.weights), strict=False)
    assert not [k for k in missing.missing_keys if not k.endswith('num_batches_tracked')] and not missing.unexpected_keys, missing
if a.save:
    torch.save(net.state_dict(), a.save); raise SystemExit
if a.layout == 'channels_last':
    net = net.to(memory_format=torch.channels_last)


def logits(x):
    y = net(x)
    return y['out'] if isinstance(y, dict) else y


if a.mode == 'train':
    images = torch.rand(a.batch, 3, a.size, a.size)
    if a.layout == 'channels_last':
        images = images.to(memory_format=torch.channels_last)
    boxes = torch.tensor([[.1, .1, .4, .5], [.5, .4, .8, .9]]) * a.size
    masks = torch.zeros(2, a.size, a.size, dtype=torch.uint8)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes.int().tolist()):
        mask[y1:y2, x1:x2] = 1
    targets = [dict(boxes=boxes.clone(), labels=torch.tensor([1, 2]), masks=masks) for _ in range(a.batch)]
    classes = torch.randint(0, 3, (a.batch, a.size, a.size))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4); net.train()

    def step():
        optimizer.zero_grad()
        if detector:
            loss = sum(net(list(images), targets).values())
        else:
            loss = nn.functional.cross_entropy(logits(images), classes)
        loss.backward(); optimizer.step(); loss.item()
else:
    net.eval()

    def step():
        with torch.inference_mode():
            image = Image.open(a.photo).convert('RGB')
            if detector:
                found = net([F.to_tensor(image)])[0]
                found.get('masks', found['boxes']).numpy()
            else:
                x = F.to_tensor(image.resize((a.size, a.size), Image.BILINEAR))
                x = F.normalize(x, [.485, .456, .406], [.229, .224, .225])[None]
                y = logits(x.to(memory_format=torch.channels_last) if a.layout == 'channels_last' else x)
                nn.functional.interpolate(y, (image.height, image.width), mode='bilinear').argmax(1).numpy()

for _ in range(3):
    step()
times = []
for _ in range(a.steps):
    begun = time.perf_counter(); step(); times.append((time.perf_counter() - begun) * 1000)
print(json.dumps(dict(torch=torch.__version__, **vars(a), median_ms=statistics.median(times))))
