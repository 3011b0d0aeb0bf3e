"""A loader of PIL and NumPy, to be timed beside Mosaics.java: JPEG files with boxes to letterboxes of 640x640 in
normalised batches of 16, float32 (N, 3, 640, 640), and, as "mosaic", those put together by fours. As Djinn's, the arrays
have the channels of a pixel side by side in memory.

taskset -c 0 python mosaics.py IMAGES COCO_JSON {letterbox|mosaic} [--epochs 5]; one thread, nothing kept.
A mosaic as Djinn has it: around a point of the middle half, the image itself in one quarter and three others of the batch,
each letterbox resized by 0.5 to 1, cut at random where it is larger than its quarter, against the point where smaller.
"""
import argparse, json, os, random, time
import numpy as np
from PIL import Image

SIDE, BATCH = 640, 16
MEAN = np.array([.485, .456, .406], np.float32)
STD = np.array([.229, .224, .225], np.float32)
GROUND = np.round(255 * MEAN).astype(np.uint8)


def letterbox(path, boxes):
    """The image in the middle of the square, and x1, y1, x2, y2 moved with it."""
    image = Image.open(path).convert('RGB')
    scale = min(SIDE / image.width, SIDE / image.height)
    width, height = round(image.width * scale), round(image.height * scale)
    if (width, height) != image.size:
        image = image.resize((width, height), Image.BILINEAR)
    left, top = round((SIDE - width) / 2), round((SIDE - height) / 2)
    canvas = np.empty((SIDE, SIDE, 3), np.uint8)
    canvas[:] = GROUND
    canvas[top:top + height, left:left + width] = np.asarray(image)
    return canvas, boxes * scale + np.array([left, top, left, top], np.float32)


def mosaic(own, batch, draw):
    """own and three others of the batch, all (canvas, boxes, labels), around a point."""
    y, x = (draw.randrange(SIDE // 4, SIDE * 3 // 4) for _ in range(2))
    canvas = np.empty((SIDE, SIDE, 3), np.uint8)
    canvas[:] = GROUND
    place, all_boxes, all_labels = draw.randrange(4), [], []
    for quarter in range(4):
        image, boxes, labels = own if quarter == place else batch[draw.randrange(len(batch))]
        below, right = quarter >= 2, quarter % 2 == 1
        room_h, room_w = SIDE - y if below else y, SIDE - x if right else x
        side = round(SIDE * draw.uniform(.5, 1))
        h, w = min(side, room_h), min(side, room_w)
        top, left = draw.randrange(max(1, side - room_h + 1)), draw.randrange(max(1, side - room_w + 1))
        back = SIDE / side
        part = Image.fromarray(image).resize((w, h), Image.BILINEAR, box=(left * back, top * back, (left + w) * back, (top + h) * back))
        at_y, at_x = y if below else y - h, x if right else x - w
        canvas[at_y:at_y + h, at_x:at_x + w] = np.asarray(part)
        moved = boxes / back - np.array([left, top, left, top], np.float32)
        np.clip(moved[:, 0::2], 0, w, out=moved[:, 0::2])
        np.clip(moved[:, 1::2], 0, h, out=moved[:, 1::2])
        seen = (moved[:, 2] > moved[:, 0]) & (moved[:, 3] > moved[:, 1])
        all_boxes.append(moved[seen] + np.array([at_x, at_y, at_x, at_y], np.float32))
        all_labels.append(labels[seen])
    return canvas, np.concatenate(all_boxes), np.concatenate(all_labels)


def batches(examples, mixes, draw):
    order = list(range(len(examples)))
    draw.shuffle(order)
    for first in range(0, len(order), BATCH):
        scenes = []
        for i in order[first:first + BATCH]:
            path, boxes, labels = examples[i]
            scenes.append(letterbox(path, boxes) + (labels,))
        if mixes:
            scenes = [mosaic(scene, scenes, draw) for scene in scenes]
        # constants as long as a row: NumPy's loops over three channels alone are short
        x = np.stack([image for image, _, _ in scenes]).reshape(len(scenes), SIDE, 3 * SIDE).astype(np.float32)
        x /= 255
        x -= np.tile(MEAN, SIDE)
        x /= np.tile(STD, SIDE)
        x = x.reshape(len(scenes), SIDE, SIDE, 3).transpose(0, 3, 1, 2)
        yield x, [s[1] for s in scenes], [s[2] for s in scenes]


def main():
    a = argparse.ArgumentParser()
    a.add_argument('images')
    a.add_argument('coco')
    a.add_argument('mode', choices=['letterbox', 'mosaic'])
    a.add_argument('--epochs', type=int, default=5)
    a = a.parse_args()
    data = json.load(open(a.coco, encoding='utf-8'))
    labels = {c['id']: i for i, c in enumerate(sorted(data['categories'], key=lambda c: c['id']))}
    of = {image['id']: [] for image in data['images']}
    for o in data['annotations']:
        x, y, w, h = o['bbox']
        of[o['image_id']].append((labels[o['category_id']], x, y, x + w, y + h))
    examples = []
    for image in data['images']:
        rows = np.array(of[image['id']], np.float32).reshape(-1, 5)
        examples.append((os.path.join(a.images, image['file_name']), rows[:, 1:], rows[:, 0].astype(np.int64)))
    draw, rates = random.Random(1), []
    for epoch in range(a.epochs + 1):
        start, count, boxes = time.perf_counter(), 0, 0
        for x, b, l in batches(examples, a.mode == 'mosaic', draw):
            assert x.shape == (len(b), 3, SIDE, SIDE) and x.dtype == np.float32
            for corners, classes in zip(b, l):
                assert len(corners) == len(classes) and (corners > -.001).all() and (corners < SIDE + .001).all()
                boxes += len(corners)
            count += len(x)
        rates.append(count / (time.perf_counter() - start))
    rates = sorted(rates[1:])
    print(json.dumps(dict(peer='PIL and NumPy', mode=a.mode, boxes_per_image=round(boxes / len(examples), 2),
                          images_per_s=round(rates[len(rates) // 2], 1))))


main()
