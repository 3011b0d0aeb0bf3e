"""torchvision's input pipeline, to be timed beside Djinn's: JPEG files to normalised (N, 3, 224, 224) batches.

input.py FOLDER {train|val} [--workers 2] [--batch 32] [--epochs 3]; FOLDER has one folder of images per class.
train: RandomResizedCrop(224) and RandomHorizontalFlip; val: Resize(256) and CenterCrop(224). Prints a line of JSON.
"""
import argparse, json, time
import torch
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import torchvision.transforms as T
from torchvision.datasets import ImageFolder

a = argparse.ArgumentParser(); a.add_argument('folder'); a.add_argument('mode', choices=['train', 'val'])
a.add_argument('--workers', type=int, default=2); a.add_argument('--batch', type=int, default=32); a.add_argument('--epochs', type=int, default=3)
a = a.parse_args()
torch.set_num_threads(1)
first = [T.RandomResizedCrop(224), T.RandomHorizontalFlip()] if a.mode == 'train' else [T.Resize(256), T.CenterCrop(224)]
data = ImageFolder(a.folder, T.Compose(first + [T.ToTensor(), T.Normalize([.485, .456, .406], [.229, .224, .225])]))
loader = torch.utils.data.DataLoader(data, a.batch, shuffle=a.mode == 'train', num_workers=a.workers, persistent_workers=a.workers > 0)
ms = []
for epoch in range(a.epochs + 1):
    start = time.perf_counter(); n = 0
    for x, y in loader: n += len(y)
    ms.append((time.perf_counter() - start) * 1e3 * a.batch / n)
ms = sorted(ms[1:])
print(json.dumps(dict(peer='torchvision', mode=a.mode, workers=a.workers, median_ms=round(ms[len(ms) // 2], 2), images_per_s=round(a.batch / ms[len(ms) // 2] * 1e3, 1))))
