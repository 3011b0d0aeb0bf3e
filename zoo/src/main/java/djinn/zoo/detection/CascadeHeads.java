package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.Autograd;
import djinn.ops.BoxCoder;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * Box heads one behind the other, each of which looks at the boxes that the one before has made of its regions (Cai and
 * Vasconcelos 2018, figure 3d): numbered box heads whose codes are for boxes of any class.
 */
final class CascadeHeads extends NamedBlock {

    /** The weights of the codes: the later a head, the smaller its steps. */
    static final List<BoxCoder> CODERS =
            List.of(new BoxCoder(10, 10, 5, 5), new BoxCoder(20, 20, 10, 10), new BoxCoder(30, 30, 15, 15));

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def moved(regions: Tensor, boxes: Tensor) -> Tensor:
              return torch.cat([torch.slice(regions, 1, 0, 1), torch.squeeze(boxes, 1)], 1)
            """);

    private final PyramidRegions cutting;
    private final List<BoxHead> heads = new ArrayList<>();

    CascadeHeads(PyramidRegions cutting, int width, int hidden, int classes) {
        this.cutting = cutting;
        for (int i = 0; i < CODERS.size(); i++) {
            heads.add(child(Integer.toString(i), BoxHead.ofAnyClass(width, cutting.side(), hidden, classes)));
        }
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        throw new UnsupportedOperationException("heads of a cascade are run by their detector");
    }

    /**
     * Looks at regions, at what has become of them, and once more.
     *
     * @param maps of the pyramid
     * @param chosen (R, 5), the regions of the first head
     * @param regions who chooses those of the later ones
     * @param height H of the images
     * @param width W of the images
     * @return of each head its regions (R_i, 5), logits (R_i, K + 1) and codes (R_i, 4); in use (R_2, K + 1), the mean of
     *     the probabilities that all heads give to the last head's regions
     */
    NDList look(NDList maps, NDArray chosen, Regions regions, int height, int width, Pass pass) {
        NDList looks = new NDList();
        NDArray cut = cutting.cut(maps, chosen); // (R_0, C, side, side)
        NDArray now = chosen;
        for (int i = 0; i < heads.size(); i++) {
            if (i > 0) {
                try (Autograd.Scope off = Autograd.withoutGradients()) {
                    now = regions.chosen(refined(now, looks.get(looks.size() - 1), i - 1, height, width), i);
                }
                cut = cutting.cut(maps, now);
            }
            looks.add(now);
            looks.addAll(heads.get(i).forward(cut, pass));
        }
        if (!pass.training()) {
            looks.add(mean(cut, pass));
        }
        return looks;
    }

    /** (R, 5) as the codes of a head move them, within the image. */
    private static NDArray refined(NDArray regions, NDArray codes, int head, int height, int width) {
        return SCRIPT.call("moved", regions, boxes(regions, codes, head, height, width));
    }

    /** (R, 5) and codes (R, 4) of a head to boxes (R, 1, 4) within the image. */
    static NDArray boxes(NDArray regions, NDArray codes, int head, int height, int width) {
        NDArray moved = CODERS.get(head).decode(codes.expandDims(1), Heads.corners(regions)); // (R, 1, 4)
        return Heads.clip(moved, height, width);
    }

    private NDArray mean(NDArray cut, Pass pass) {
        NDArray sum = null;
        for (BoxHead head : heads) {
            NDArray probabilities = head.forward(cut, pass).get(0).softmax(1);
            sum = sum == null ? probabilities : sum.add(probabilities);
        }
        return Scalars.div(sum, heads.size());
    }
}
