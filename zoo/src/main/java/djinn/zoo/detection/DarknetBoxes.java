package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Boxes as Darknet decodes them (Redmon and Farhadi 2017, figure 3): the centre is a sigmoid from its cell's corner, an
 * extent the anchor's times an exponential, objectness a sigmoid. YOLOv4 stretches the first sigmoid, so that centres reach
 * the cell's edges.
 *
 * <p>Deviation: exponents above 8, which is about 3000 times an anchor, count as 8, so that all boxes are finite.
 *
 * @param classes K
 * @param shapes what boxes start from, of L maps
 * @param stretches times which the first sigmoid is stretched around the cell's middle, of each map
 * @param exclusive whether classes are a softmax, as YOLOv2 has it, or a sigmoid each
 */
record DarknetBoxes(int classes, YoloAnchors shapes, List<Double> stretches, boolean exclusive) implements YoloBoxes {

    private static final int BOX = 4;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def decode(head: Tensor, corners: Tensor, anchors: Tensor, level: int, stride: float, stretch: float) -> Tensor:
              sizes = torch.mul(torch.reshape(torch.select(anchors, 0, level), [1, -1, 1, 1, 2]), stride)
              centre = torch.mul(torch.sigmoid(torch.slice(head, 4, 0, 2)), stretch)
              xy = torch.mul(torch.add(centre, corners), stride)
              wh = torch.mul(torch.exp(torch.clamp_max(torch.slice(head, 4, 2, 4), 8.)), sizes)
              return torch.cat([xy, wh, torch.sigmoid(torch.slice(head, 4, 4, 5))], 4)

            def exclusive(head: Tensor, corners: Tensor, anchors: Tensor, level: int, stride: float, stretch: float) -> Tensor:
              classes = torch.softmax(torch.slice(head, 4, 5, torch.size(head, 4)), 4)
              return torch.flatten(torch.cat([self.decode(head, corners, anchors, level, stride, stretch), classes], 4), 1, 3)

            def independent(head: Tensor, corners: Tensor, anchors: Tensor, level: int, stride: float, stretch: float) -> Tensor:
              classes = torch.sigmoid(torch.slice(head, 4, 5, torch.size(head, 4)))
              return torch.flatten(torch.cat([self.decode(head, corners, anchors, level, stride, stretch), classes], 4), 1, 3)
            """);

    DarknetBoxes {
        stretches = List.copyOf(stretches);
    }

    /** Returns how many terms there are of a cell: a (5 + K). */
    int terms() {
        return shapes.perCell() * (BOX + 1 + classes);
    }

    /** (N, a (5 + K), H, W) to (N, a, H, W, 5 + K). */
    NDArray head(NDArray map) {
        Shape shape = map.getShape();
        return map.reshape(-1, shapes.perCell(), BOX + 1 + classes, shape.get(2), shape.get(3))
                .transpose(0, 1, 3, 4, 2);
    }

    @Override
    public NDArray anchors(NDManager manager) {
        return shapes.inCells(manager);
    }

    @Override
    public NDArray decoded(NDList heads) {
        NDList levels = new NDList();
        NDArray anchors = anchors(heads.getManager()).toDevice(heads.get(0).getDevice(), false);
        for (NDArray head : heads) {
            int level = levels.size();
            double stretch = stretches.get(level);
            levels.add(SCRIPT.call(
                    exclusive ? "exclusive" : "independent",
                    head,
                    Grid.of(head).corners(head.getManager(), (float) ((1 - stretch) / 2)),
                    anchors,
                    level,
                    (double) shapes.levels().get(level).stride(),
                    stretch));
        }
        return levels.size() == 1 ? levels.get(0) : NDArrays.concat(levels, 1); // (N, the sum of a H W, 5 + K)
    }

    /** The state has none. */
    @Override
    public void restoreAnchors() {}
}
