"""torchvision's RoIAlign of 512 boxes on four levels, forward and backward, to be timed in turns with Regions.java.

regions.py [--threads 2] [--steps 20] [--layout default|channels_last]
Two images of 320x320, 256 channels, maps of strides 4 to 32, 256 boxes in each of sides from 16 to 300 pixels, 7x7 cells of 2x2
samples; a box of side 112 is cut out of the map of stride 16. Prints a line of JSON: medians of the wall clock and of the process's CPU time, in ms. Needs torch and torchvision with
its own kernels.
"""
import argparse, json, statistics, time
import torch
from torchvision.ops import MultiScaleRoIAlign

p = argparse.ArgumentParser(); p.add_argument('--threads', type=int, default=2); p.add_argument('--steps', type=int, default=20)
p.add_argument('--layout', default='default')
a = p.parse_args(); torch.manual_seed(0); torch.set_num_threads(a.threads)
maps = {str(i): torch.rand(2, 256, 80 >> i, 80 >> i) for i in range(4)}
if a.layout == 'channels_last':
    maps = {k: v.to(memory_format=torch.channels_last) for k, v in maps.items()}
for x in maps.values():
    x.requires_grad_(True)
boxes = []
for n in range(2):
    i = torch.arange(256, dtype=torch.float64)
    side = 16 * (300 / 16) ** (i / 255)
    x = (i * 37 + n * 11) % 97 / 96 * (320 - side); y = (i * 53 + n * 7) % 89 / 88 * (320 - side)
    boxes.append(torch.stack([x, y, x + side, y + side], 1).float())
cutting = MultiScaleRoIAlign(list(maps), 7, 2, canonical_scale=112)
weight = torch.rand(512, 256, 7, 7)


def step():
    begun, cpu = time.perf_counter(), time.process_time()
    cut = cutting(maps, boxes, [(320, 320)] * 2)
    middle, half = time.perf_counter(), time.process_time()
    cut.backward(weight)
    for x in maps.values():
        x.grad = None
    end, done = time.perf_counter(), time.process_time()
    return [1000 * t for t in (middle - begun, end - middle, half - cpu, done - half)]


times = [step() for _ in range(5 + a.steps)][5:]
medians = [statistics.median(t) for t in zip(*times)]
print(json.dumps(dict(torch=torch.__version__, **vars(a), **dict(zip(
    ('forward_ms', 'backward_ms', 'forward_cpu_ms', 'backward_cpu_ms'), [round(m, 2) for m in medians])))))
