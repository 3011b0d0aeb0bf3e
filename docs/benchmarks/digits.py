"""The recipe configs/nin_digits.yaml as a PyTorch program, to be timed beside `./djinn train configs/nin_digits.yaml`.

digits.py DATA [--epochs 100]; DATA is data/src/main/resources/djinn/data
Same network, augmentation, loss, optimizer and schedule; a worker makes batches, every epoch is validated, and the last and
the best state are saved. Needs torch, torchvision, numpy and pillow.
"""
import argparse, csv, math, os, tempfile, time
import numpy as np
import torch
from torch import nn
# CPU builds of torch may lack torchvision's own kernels, which nothing here needs
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from PIL import Image
from torchvision.transforms import InterpolationMode, RandomAffine

start = time.perf_counter()
a = argparse.ArgumentParser(); a.add_argument('data'); a.add_argument('--epochs', type=int, default=100)
a = a.parse_args()
torch.manual_seed(1); torch.set_num_threads(2)
rows = list(csv.reader(open(os.path.join(a.data, 'digits.csv'))))[1:]
held = {int(l) for l in open(os.path.join(a.data, 'digits-val-rows.txt'))}
pixels = np.array([[int(v) for v in r[:64]] for r in rows], np.float32).reshape(-1, 8, 8)
images = np.clip(pixels * 255 / 16, 0, 255).astype(np.uint8)
labels = [int(r[64]) for r in rows]


class Digits(torch.utils.data.Dataset):
    def __init__(self, index, augment):
        self.index, self.augment = index, augment
        self.affine = RandomAffine(12, (.1, .1), (.85, 1.15), 10, InterpolationMode.BILINEAR)

    def __len__(self):
        return len(self.index)

    def __getitem__(self, i):
        image = Image.fromarray(images[self.index[i]])
        if self.augment:
            image = self.affine(image)
        x = torch.from_numpy(np.array(image, np.float32)).div(255).sub(.305).div(.375)
        return x[None], labels[self.index[i]]


def mlpconv(i, o):
    layers = []
    for j, (c, k) in enumerate([(i, 3), (o, 1), (o, 1)]):
        conv = nn.Conv2d(c, o, k, padding=k // 2, bias=False)
        nn.init.kaiming_normal_(conv.weight, mode='fan_out', nonlinearity='relu')
        layers += [conv, nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
    return layers


net = nn.Sequential(*mlpconv(1, 64), nn.MaxPool2d(2), *mlpconv(64, 96), nn.MaxPool2d(2), *mlpconv(96, 128),
                    nn.Dropout(.2), nn.Conv2d(128, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
train = [i for i in range(len(labels)) if i not in held]
loader = torch.utils.data.DataLoader(Digits(train, True), 64, shuffle=True, num_workers=1, persistent_workers=True)
val = torch.utils.data.DataLoader(Digits(sorted(held), False), 64, num_workers=1, persistent_workers=True)
optimizer = torch.optim.SGD(net.parameters(), .1, momentum=.9, nesterov=True, weight_decay=5e-4)
warm = lambda e: .1 + .9 * e / 5 if e < 5 else .5 * (1 + math.cos(math.pi * (e - 5) / (a.epochs - 5)))
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, warm)
lossf = nn.CrossEntropyLoss(label_smoothing=.05)
folder, best = tempfile.mkdtemp(), 0
for epoch in range(a.epochs):
    net.train()
    for x, y in loader:
        loss = lossf(net(x), y); loss.backward(); optimizer.step(); optimizer.zero_grad()
        if not math.isfinite(loss.item()):
            raise SystemExit('loss is not finite')
    schedule.step(); net.eval()
    with torch.inference_mode():
        right = sum((net(x).argmax(1) == y).sum().item() for x, y in val)
    state = dict(model=net.state_dict(), optimizer=optimizer.state_dict(), epoch=epoch)
    torch.save(state, os.path.join(folder, 'last.pt'))
    if right >= best:
        best = right; torch.save(net.state_dict(), os.path.join(folder, 'best.pt'))
print(f'accuracy {right / len(held):.4f}, {time.perf_counter() - start:.1f} s')
