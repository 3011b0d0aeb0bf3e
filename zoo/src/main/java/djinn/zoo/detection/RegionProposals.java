package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;

/**
 * A region proposal network: a convolution on every map of a pyramid, and for each anchor whether there is an object and
 * where (Ren et al. 2015, section 3.1): (N, C, H, W) to (N, each, H, W) and (N, 4 each, H, W); the best of these become
 * regions. Names are those of torchvision's.
 */
final class RegionProposals extends NamedBlock {

    /** Names of detectors of two stages before torchvision 0.13, which the files of its weights have. */
    static final KeyMap EARLIER = new KeyMap(
            "torchvision before 0.13",
            List.of(
                    KeyMap.rename("^(backbone\\.fpn\\.(?:inner|layer)_blocks\\.\\d+)\\.(weight|bias)$", "$1.0.$2"),
                    KeyMap.rename("^rpn\\.head\\.conv\\.(weight|bias)$", "rpn.head.conv.0.0.$1"),
                    KeyMap.rename("\\.mask_fcn1\\.", ".0.0."),
                    KeyMap.rename("\\.mask_fcn2\\.", ".1.0."),
                    KeyMap.rename("\\.mask_fcn3\\.", ".2.0."),
                    KeyMap.rename("\\.mask_fcn4\\.", ".3.0.")));

    /**
     * How proposals are made.
     *
     * @param anchors of each map
     * @param training which are proposed in training
     * @param use which are proposed in use
     */
    record Rule(AnchorGenerator anchors, ProposalSelection training, ProposalSelection use) {}

    private final Rule rule;
    private final List<Integer> strides;
    private final Head head;

    /**
     * A network with weights of its own for all maps.
     *
     * @param width C of the maps
     * @param strides of the maps, the finest first
     * @param rule how proposals are made
     */
    RegionProposals(int width, List<Integer> strides, Rule rule) {
        this.rule = rule;
        this.strides = List.copyOf(strides);
        head = child("head", new Head(width, rule.anchors().each()));
    }

    @Override
    protected NDList forward(NDList maps, Pass pass) {
        return head.forward(maps, pass);
    }

    /** What {@link #proposed} adds to the heads: their names, the anchors' last. */
    List<String> headNames() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < strides.size(); i++) {
            names.add("rpn.objectness." + i);
            names.add("rpn.deltas." + i);
        }
        names.add("rpn.anchors");
        return names;
    }

    /**
     * Proposes regions.
     *
     * @param own of each map, what {@link #forward} gave: (N, each, H / stride, W / stride) and (N, 4 each, H / stride, W /
     *     stride)
     * @param images (N, 3, H, W)
     * @param heads to these own is added, and the anchors (A, 4) at last
     * @return (R, 5) without gradients, image by image, the best first
     */
    NDArray proposed(NDList own, NDArray images, NDList heads, Pass pass) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            Shape shape = images.getShape();
            int height = Math.toIntExact(shape.get(2));
            int width = Math.toIntExact(shape.get(3));
            NDArray anchors = rule.anchors()
                    .anchors(images.getManager(), PyramidTrunk.grids(strides, height, width), height, width)
                    .toDevice(images.getDevice(), false)
                    .toType(images.getDataType(), false);
            heads.addAll(own);
            heads.add(anchors);
            ProposalSelection selection = pass.training() ? rule.training() : rule.use();
            return selection.select(rows(own, 0), rows(own, 1), anchors, height, width);
        }
    }

    /**
     * What this network gave, as losses want it.
     *
     * @param heads all heads of the detector; this network's are the first
     */
    FasterRcnn.Proposals proposals(NDList heads) {
        NDList own = new NDList(heads.subList(0, 2 * strides.size()));
        return new FasterRcnn.Proposals(
                NDArrays.concat(rows(own, 0), 1), NDArrays.concat(rows(own, 1), 1), heads.get(own.size()));
    }

    /** (N, each D, H, W) of every second head to (N, A, D). */
    private NDList rows(NDList heads, int first) {
        NDList rows = new NDList();
        for (int i = first; i < heads.size(); i += 2) {
            rows.add(Heads.rows(heads.get(i), rule.anchors().each()));
        }
        return rows;
    }

    /** Both of each map, the finest map's first. */
    private static final class Head extends NamedBlock {

        private final Sequential conv;
        private final Conv2d objectness;
        private final Conv2d codes;

        Head(int width, int each) {
            conv = child(
                    "conv",
                    Sequential.of(Sequential.of(Heads.convolution(width, width, true, 0), Nonlinearity.RELU.layer())));
            objectness = child("cls_logits", pointwise(width, each));
            codes = child("bbox_pred", pointwise(width, 4 * each));
        }

        private static Conv2d pointwise(int in, int out) {
            return new Conv2d(in, out, Window.of(1), 1, true, Initializers.normal(.01f));
        }

        @Override
        protected NDList forward(NDList maps, Pass pass) {
            NDList outputs = new NDList();
            for (NDArray map : maps) {
                NDArray x = conv.forward(map, pass); // (N, C, H, W)
                outputs.add(objectness.forward(x, pass)); // (N, each, H, W)
                outputs.add(codes.forward(x, pass)); // (N, 4 each, H, W)
            }
            return outputs;
        }
    }
}
