"""torchvision's NMS and pycocotools' COCOeval, to be timed beside BoxFigures.java.

box_figures.py make FOLDER [--boxes 10000] [--images 5000] [--detections 100]   writes what both are given
box_figures.py nms FOLDER [--steps 30]                                          torchvision.ops.nms at an IoU of 0.5
box_figures.py coco FOLDER [--steps 3]                                          evaluate, accumulate and summarize
Each prints lines of JSON; nms one for each kind of boxes: apart (most stay), crowded (few stay). make needs NumPy, nms torch and
torchvision with its own kernels, coco pycocotools.
"""
import argparse, contextlib, io, json, pathlib, statistics, time
import numpy as np

p = argparse.ArgumentParser(); p.add_argument('mode', choices=['make', 'nms', 'coco']); p.add_argument('folder', type=pathlib.Path)
p.add_argument('--boxes', type=int, default=10_000); p.add_argument('--images', type=int, default=5_000)
p.add_argument('--detections', type=int, default=100); p.add_argument('--steps', type=int); p.add_argument('--threads', type=int, default=2)
a = p.parse_args()
KINDS = ['apart', 'crowded']
TRUTHS = ['image', 'category', 'x', 'y', 'width', 'height', 'area', 'crowd']
FOUND = ['image', 'category', 'x', 'y', 'width', 'height', 'score']


def corners(random, n, places):
    """(n, 4): boxes anywhere, or around some places."""
    centres = random.uniform(0, 1000, (n if places is None else places, 2))
    if places is not None:
        centres = centres[random.integers(0, places, n)] + random.normal(0, 4, (n, 2))
    sides = random.uniform(10, 60, (n, 2)) if places is None else random.uniform(50, 70, (n, 2))
    return np.concatenate([centres - sides / 2, centres + sides / 2], 1)


def make():
    random = np.random.default_rng(0)
    a.folder.mkdir(parents=True, exist_ok=True)
    for kind, places in zip(KINDS, [None, 100]):
        boxes = corners(random, a.boxes, places)
        scores = random.permutation(a.boxes)[:, None] / a.boxes
        np.concatenate([boxes, scores], 1).astype('<f4').tofile(a.folder / f'{kind}.bin')
    truths, found = [], []
    often = 1 / np.arange(1, 81); often /= often.sum()
    for image in range(1, a.images + 1):
        n = 1 + random.poisson(6)
        kinds = random.choice(80, n, p=often)
        sides = np.exp(random.uniform(np.log(8), np.log(300), (n, 2)))
        places = random.uniform(0, 640 - sides)
        for kind, place, side in zip(kinds, places, sides):
            truths.append([image, kind, *place, *side, side.prod() * .7, random.random() < .02])
        of = random.integers(0, n, a.detections)
        near = random.random(a.detections) < .3
        spread = np.where(near, .08, 1)[:, None] * sides[of]
        at = places[of] + random.normal(0, 1, (a.detections, 2)) * spread
        extent = sides[of] * np.exp(random.normal(0, 1, (a.detections, 2)) * np.where(near, .08, .5)[:, None])
        classes = np.where(near | (random.random(a.detections) < .5), kinds[of], random.choice(80, a.detections, p=often))
        scores = np.round(random.random(a.detections) * np.where(near, 1, .5), 3)
        for i in range(a.detections):
            found.append([image, classes[i], *at[i], *extent[i], scores[i]])
    np.array(truths, '<f8').tofile(a.folder / 'truths.bin')
    np.array(found, '<f8').tofile(a.folder / 'found.bin')
    print(json.dumps(dict(boxes=a.boxes, images=a.images, truths=len(truths), found=len(found))))


def timed(step, warm_up, steps):
    times = []
    for i in range(-warm_up, steps):
        begun = time.perf_counter(); answer = step()
        if i >= 0:
            times.append((time.perf_counter() - begun) * 1000)
    return answer, statistics.median(times)


def nms():
    import torch, torchvision
    torch.set_num_threads(a.threads)
    for kind in KINDS:
        rows = torch.from_numpy(np.fromfile(a.folder / f'{kind}.bin', '<f4').reshape(-1, 5))
        boxes, scores = rows[:, :4].contiguous(), rows[:, 4].contiguous()
        kept, ms = timed(lambda: torchvision.ops.nms(boxes, scores, .5), 10, a.steps or 30)
        print(json.dumps(dict(kind=kind, boxes=len(rows), kept=len(kept), sum=int(kept.sum()), median_ms=round(ms, 3))))


def coco():
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    truths = np.fromfile(a.folder / 'truths.bin', '<f8').reshape(-1, len(TRUTHS))
    found = np.fromfile(a.folder / 'found.bin', '<f8').reshape(-1, len(FOUND))
    images = int(truths[:, 0].max())
    data = COCO()
    data.dataset = dict(
        images=[dict(id=i + 1) for i in range(images)], categories=[dict(id=i) for i in range(80)],
        annotations=[
            dict(id=i + 1, image_id=int(t[0]), category_id=int(t[1]), bbox=t[2:6].tolist(), area=t[6], iscrowd=int(t[7]))
            for i, t in enumerate(truths)])
    with contextlib.redirect_stdout(io.StringIO()):
        data.createIndex()
        results = data.loadRes([
            dict(image_id=int(f[0]), category_id=int(f[1]), bbox=f[2:6].tolist(), score=f[6]) for f in found])

    def step():
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = COCOeval(data, results, 'bbox')
            evaluation.evaluate(); evaluation.accumulate(); evaluation.summarize()
        return evaluation.stats

    stats, ms = timed(step, 0, a.steps or 3)
    print(json.dumps(dict(images=images, detections=len(found), median_ms=round(ms, 1), figures=[round(float(s), 9) for s in stats])))


dict(make=make, nms=nms, coco=coco)[a.mode]()
