package djinn.tasks.translation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.Transformer;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.nn.Pass;

/** A translator that reads all targets anew at each step. */
final class RereadingTranslator extends SequenceToSequence {

    private final Transformer.Translator translator;

    RereadingTranslator(Transformer.Translator translator) {
        this.translator = child("translator", translator);
    }

    @Override
    public int vocabulary() {
        return (int) getParameters().valueAt(0).getShape().get(0);
    }

    @Override
    public NDArray forward(NDArray source, NDArray target, NDArray padding, Pass pass) {
        return translator.forward(source, target, padding, pass);
    }

    /** The memory, its padding, and a column before the targets. */
    @Override
    public NDList begin(NDArray source, NDArray padding, Pass pass) {
        NDArray unseen = padding == null ? source.zerosLike().toType(DataType.BOOLEAN, false) : padding;
        NDArray column = source.getManager().zeros(new Shape(source.getShape().get(0), 1), DataType.INT64);
        return new NDList(translator.encode(source, padding, pass), unseen, column);
    }

    @Override
    public Step step(NDArray tokens, NDList state, Pass pass) {
        NDArray all = state.get(2).concat(tokens, 1);
        NDArray logits = translator.decode(all.get(":, 1:"), state.get(0), state.get(1), pass);
        return new Step(logits.get(":, -1"), new NDList(state.get(0), state.get(1), all));
    }
}
