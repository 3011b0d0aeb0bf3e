package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;

/**
 * One forward pass: where parameters are looked up, and whether the model trains.
 *
 * @param parameters hands out the arrays of parameters, per device
 * @param training whether dropout drops and batch norm learns its statistics
 */
public record Pass(ParameterStore parameters, boolean training) {

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
