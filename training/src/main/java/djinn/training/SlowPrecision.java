package djinn.training;

import djinn.ops.Precision;
import djinn.ops.ProductSpeed;
import djinn.training.recipe.Train;
import java.util.Optional;

/** A precision that is asked for to be quicker, and is not. */
public final class SlowPrecision {

    private SlowPrecision() {}

    /**
     * Returns what to tell of a training in bfloat16 where its first device, which is measured, computes products in float32
     * clearly faster.
     *
     * @param train what the recipe asks for
     * @param isNew whether the training begins: one that goes on keeps its precision
     * @return mostly empty; always for float32, of which nothing is measured
     * @throws IllegalArgumentException if a device is not there
     */
    public static Optional<String> note(Train train, boolean isNew) {
        return train.precision() == Precision.BF16
                ? note(ProductSpeed.on(train.devicesHere().get(0)), isNew)
                : Optional.empty();
    }

    static Optional<String> note(ProductSpeed speed, boolean isNew) {
        return speed.isBf16Slower()
                ? Optional.of("note: this recipe trains in bf16, which is the slower precision here: " + speed.words()
                        + "; " + (isNew ? "" : "a new run with ") + "--set train.precision=fp32 "
                        + (isNew ? "trains in the faster one" : "takes the faster one"))
                : Optional.empty();
    }
}
