package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;

/**
 * A region proposal network: a convolution on every map of a pyramid, and for each anchor whether there is an object and
 * where (Ren et al. 2015, section 3.1): (N, C, H, W) to (N, each, H, W) and (N, 4 each, H, W). Names are those of
 * torchvision's.
 */
final class RegionProposals extends NamedBlock {

    private final Head head;

    RegionProposals(int width, int each) {
        head = child("head", new Head(width, each));
    }

    @Override
    protected NDList forward(NDList maps, Pass pass) {
        return head.forward(maps, pass);
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
