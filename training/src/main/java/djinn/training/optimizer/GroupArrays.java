package djinn.training.optimizer;

import ai.djl.ndarray.NDList;
import java.util.Map;

/**
 * What a step over one group of parameters reads and writes: lists of equal length, in the parameters' order.
 *
 * @param parameters written to
 * @param gradients left as they are; an empty array of integers where a parameter has none
 * @param slots for the name of each slot, the state of these parameters, written to
 */
public record GroupArrays(NDList parameters, NDList gradients, Map<String, NDList> slots) {}
