package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.ops.GradientCheckpointing;
import djinn.ops.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One forward pass: where parameters are looked up, whether the model trains, and how.
 *
 * @param parameters hands out the arrays of parameters, per device
 * @param training whether dropout drops and batch norm learns its statistics
 * @param cumulative whether batch norm then gives every batch since its statistics were reset the same share in them,
 *     instead of the newest the most
 * @param precision of 2-D convolutions and linear layers
 * @param checkpointing keeps the inputs of a {@link Checkpointed} model's layers alone; null where all is kept
 */
public record Pass(
        ParameterStore parameters,
        boolean training,
        boolean cumulative,
        Precision precision,
        GradientCheckpointing checkpointing) {

    /**
     * A pass that keeps all that its gradients want.
     *
     * @param parameters hands out the arrays of parameters, per device
     * @param training whether dropout drops and batch norm learns its statistics
     * @param cumulative whether batch norm then gives every batch since its statistics were reset the same share in them,
     *     instead of the newest the most
     * @param precision of 2-D convolutions and linear layers
     */
    public Pass(ParameterStore parameters, boolean training, boolean cumulative, Precision precision) {
        this(parameters, training, cumulative, precision, null);
    }

    /**
     * A pass in float32 in which batch norm learns as it is built to.
     *
     * @param parameters hands out the arrays of parameters, per device
     * @param training whether dropout drops and batch norm learns its statistics
     */
    public Pass(ParameterStore parameters, boolean training) {
        this(parameters, training, false, Precision.FP32);
    }

    /** One of a stack of layers, of one or several inputs. */
    @FunctionalInterface
    public interface Layer {

        /**
         * Computes the layer's output.
         *
         * @param inputs what it is given
         * @param pass the pass it runs in
         * @return its output, owned by the first input's manager
         */
        NDArray apply(NDList inputs, Pass pass);
    }

    /**
     * Runs one of a stack of layers, of which the input alone is kept where the pass is told so.
     *
     * @param layer the layer; has no running statistics
     * @param x its input
     * @return its output
     */
    public NDArray through(ArrayBlock layer, NDArray x) {
        return through((inputs, pass) -> layer.forward(inputs.head(), pass), x);
    }

    /**
     * Runs one of a stack of layers, of which the inputs alone are kept where the pass is told so.
     *
     * @param layer the layer; has no running statistics
     * @param inputs all that it is given and that depends on parameters, no array twice; a null is left out
     * @return its output
     */
    public NDArray through(Layer layer, NDArray... inputs) {
        NDList given = new NDList();
        Arrays.stream(inputs).filter(Objects::nonNull).forEach(given::add);
        if (checkpointing == null) {
            return layer.apply(given, this);
        }
        Pass inside = new Pass(parameters, training, cumulative, precision);
        return checkpointing.run(given, again -> layer.apply(again, inside));
    }

    /** Returns whether 2-D convolutions and linear layers are computed in bfloat16. */
    boolean inBfloat16() {
        return precision == Precision.BF16;
    }

    /**
     * Returns a parameter's array on the device of the data.
     *
     * @param parameter the parameter, or null
     * @param data the data it is going to meet
     * @return the array, or null if the parameter is null
     */
    public NDArray value(Parameter parameter, NDArray data) {
        return parameters.getValue(parameter, data.getDevice(), training);
    }

    /**
     * Returns the arrays of parameters on the device of the data.
     *
     * @param wanted the parameters
     * @param data the data they are going to meet
     * @return the arrays, in their order
     */
    public NDList values(List<Parameter> wanted, NDArray data) {
        NDList values = new NDList(wanted.size());
        wanted.forEach(parameter -> values.add(value(parameter, data)));
        return values;
    }

    /**
     * Hands over what was made of a parameter alone: an array is freed with the first it was made of, and parameters live as
     * long as the model.
     *
     * @param made of a parameter's array
     * @param data what it is freed with from now on
     * @return the same
     */
    public static NDArray freedWith(NDArray made, NDArray data) {
        made.attach(data.getManager());
        return made;
    }
}
