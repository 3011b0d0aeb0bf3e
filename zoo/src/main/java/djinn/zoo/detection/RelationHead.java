package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link BoxHead} whose regions look at each other behind each of the two hidden layers, those of an image among
 * themselves (Hu et al. 2018, section 4.2): x becomes the ReLU of x and what its relations tell it.
 */
final class RelationHead extends NamedBlock {

    /** The paper's number: of its 1024 values each has 64, to compare by as well as to add up. */
    private static final int RELATIONS = 16;

    private final Hidden hidden;
    private final BoxHead.Predictor predictor;

    RelationHead(int width, int side, int hidden, int classes) {
        this.hidden = child("box_head", new Hidden(width * side * side, hidden));
        predictor = child("box_predictor", new BoxHead.Predictor(hidden, classes + 1, classes + 1));
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        throw new UnsupportedOperationException("a head of relations is run by its detector");
    }

    /**
     * Looks at regions.
     *
     * @param cut (R, C, side, side)
     * @param regions (R, 5)
     * @param rows which regions are of which image
     * @return (R, hidden)
     */
    NDArray hidden(NDArray cut, NDArray regions, ImageRows rows, Pass pass) {
        Shape shape = cut.getShape();
        return hidden.forward(cut.reshape(shape.get(0), shape.slice(1).size()), regions, rows, pass);
    }

    /** (R, hidden) to (R, K + 1) and (R, 4 (K + 1)). */
    NDList predict(NDArray x, Pass pass) {
        return predictor.forward(x, pass);
    }

    /** (R, in) to (R, out). */
    private static final class Hidden extends NamedBlock {

        private final Linear fc6;
        private final Relation relation6;
        private final Linear fc7;
        private final Relation relation7;

        Hidden(int in, int out) {
            fc6 = child("fc6", new Linear(in, out));
            relation6 = child("relation6", new Relation(out, RELATIONS, out / RELATIONS));
            fc7 = child("fc7", new Linear(out, out));
            relation7 = child("relation7", new Relation(out, RELATIONS, out / RELATIONS));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            throw new UnsupportedOperationException("hidden layers with relations are run by their head");
        }

        NDArray forward(NDArray x, NDArray regions, ImageRows rows, Pass pass) {
            List<NDArray> geometry = new ArrayList<>();
            NDArray boxes = Heads.corners(regions).squeeze(1); // (R, 4)
            for (int i = 0; i < rows.images(); i++) {
                geometry.add(Relation.geometry(rows.of(boxes, i).expandDims(0))); // (1, R_i, R_i, 64)
            }
            x = related(fc6.forward(x, pass), relation6, geometry, rows, pass); // (R, out)
            return related(fc7.forward(x, pass), relation7, geometry, rows, pass);
        }

        private static NDArray related(
                NDArray x, Relation relation, List<NDArray> geometry, ImageRows rows, Pass pass) {
            NDList told = new NDList();
            for (int i = 0; i < rows.images(); i++) {
                if (rows.count(i) > 0) {
                    NDArray own = rows.of(x, i).expandDims(0); // (1, R_i, out)
                    told.add(relation.forward(own, geometry.get(i), pass).squeeze(0));
                }
            }
            return Activation.relu(told.isEmpty() ? x : x.add(rows.together(told)));
        }
    }
}
