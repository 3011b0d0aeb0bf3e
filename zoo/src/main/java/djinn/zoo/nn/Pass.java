package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;

/**
 * One forward pass: where parameters are looked up, and whether the model trains.
 *
 * @param parameters hands out the arrays of parameters, per device
 * @param training whether dropout drops and batch norm learns its statistics
 * @param cumulative whether batch norm then gives every batch since its statistics were reset the same share in them,
 *     instead of the newest the most
 */
public record Pass(ParameterStore parameters, boolean training, boolean cumulative) {

    /** A pass in which batch norm learns as it is built to. */
    public Pass(ParameterStore parameters, boolean training) {
        this(parameters, training, false);
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
}
