package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * What tells the class of a region, and for each class where its box is: two linear layers and two more (Girshick 2015,
 * figure 1): (R, C, side, side) to (R, K + 1), the background's first, and (R, 4 (K + 1)). Names are those of
 * torchvision's {@code roi_heads}.
 */
final class BoxHead extends NamedBlock {

    private final Hidden hidden;
    private final Predictor predictor;

    BoxHead(int width, int side, int hidden, int classes) {
        this(width * side * side, hidden, new Predictor(hidden, classes + 1, classes + 1));
    }

    /** With one box for all classes: the codes are (R, 4). */
    static BoxHead ofAnyClass(int width, int side, int hidden, int classes) {
        return new BoxHead(width * side * side, hidden, new Predictor(hidden, classes + 1, 1));
    }

    private BoxHead(int in, int hidden, Predictor predictor) {
        this.hidden = child("box_head", new Hidden(in, hidden));
        this.predictor = child("box_predictor", predictor);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return forward(inputs.get(0), pass);
    }

    NDList forward(NDArray cut, Pass pass) {
        return predict(hidden(cut, pass), pass);
    }

    /** (R, C, side, side) to (R, hidden). */
    NDArray hidden(NDArray cut, Pass pass) {
        Shape shape = cut.getShape();
        NDArray flat = cut.reshape(shape.get(0), shape.size() == 0 ? hidden.in : shape.size() / shape.get(0));
        return hidden.forward(flat, pass);
    }

    /** (R, hidden) to (R, K + 1) and (R, 4 (K + 1)). */
    NDList predict(NDArray x, Pass pass) {
        return predictor.forward(x, pass);
    }

    /** (R, in) to (R, out). */
    private static final class Hidden extends NamedBlock {

        private final int in;
        private final Linear fc6;
        private final Linear fc7;

        Hidden(int in, int out) {
            this.in = in;
            fc6 = child("fc6", new Linear(in, out));
            fc7 = child("fc7", new Linear(out, out));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), pass));
        }

        NDArray forward(NDArray x, Pass pass) {
            x = Activation.relu(fc6.forward(x, pass));
            return Activation.relu(fc7.forward(x, pass));
        }
    }

    /** (R, in) to (R, all) and (R, 4 boxes). */
    static final class Predictor extends NamedBlock {

        private final Linear logits;
        private final Linear codes;

        Predictor(int in, int all, int boxes) {
            logits = child("cls_score", new Linear(in, all));
            codes = child("bbox_pred", new Linear(in, 4 * boxes));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return forward(inputs.get(0), pass);
        }

        NDList forward(NDArray x, Pass pass) {
            return new NDList(logits.forward(x, pass), codes.forward(x, pass));
        }
    }
}
