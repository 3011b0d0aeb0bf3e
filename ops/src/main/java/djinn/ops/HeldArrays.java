package djinn.ops;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;

/**
 * Arrays that a {@link TorchScript} is given many times, such as a model's weights: the engine is handed them once, and keeps
 * them until this is freed. What is written to them is seen; an array that takes the place of one of them is not.
 */
public final class HeldArrays {

    private final IValue value;

    /**
     * Hands over arrays.
     *
     * @param owner the manager this is freed with
     * @param arrays the arrays, none of them traced
     */
    public HeldArrays(NDManager owner, NDList arrays) {
        value = IValue.listFrom(arrays.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
        ((PtNDManager) owner).attachInternal(value.getUid(), value);
    }

    /** The engine's list of them. */
    IValue value() {
        return value;
    }
}
