package djinn.export.trace;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Finds out what a block does by running it once, in evaluation, on arrays that write down every operation.
 *
 * <p>Any DJL block will do, whoever wrote it. Arrays are {@code ai.djl.ndarray.NDArray} all along, so a block sees no
 * difference; in-place operations are written down as new values under the old name. What a trace cannot hold is
 * refused with the line of the block: reading an array that depends on the input into Java, random operations, and
 * in-place changes of memory that another array still shows.
 */
public final class Tracer {

    private Tracer() {}

    /**
     * Traces a block.
     *
     * @param block an initialised block
     * @param inputs example input, on the block's device; left as it is
     * @return the graph, to be closed by the caller; its shapes are those of the example
     * @throws TraceException if the block does what a trace cannot hold
     */
    public static Graph trace(Block block, NDList inputs) {
        return trace(block, inputs, OptionalInt.empty());
    }

    /**
     * Traces a block, where operations that choose answer other numbers of rows in each of several traces.
     *
     * @param variant which of the traces it is, from 0; empty for as many rows as are chosen
     */
    static Graph trace(Block block, NDList inputs, OptionalInt variant) {
        Map<Parameter, String> names = new HashMap<>();
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            parameters.put(entry.getKey(), entry.getValue());
            names.putIfAbsent(entry.getValue(), entry.getKey());
        }
        NDManager constants = PyTorch.newManager();
        try (NDManager running = constants.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Recorder recorder = new Recorder(running, constants, names, variant);
            NDList traced = new NDList();
            for (NDArray input : inputs) {
                traced.add(recorder.input(inputs.size() == 1 ? "input" : "input" + traced.size(), input));
            }
            List<Value> given = values(recorder, traced);
            List<Value> answered = values(recorder, block.forward(new Store(recorder), traced, false));
            return new Graph(given, recorder.nodesFor(answered), answered, parameters, constants);
        } catch (ClassCastException
                | IndexOutOfBoundsException
                | NullPointerException
                | UnsupportedOperationException e) {
            constants.close();
            throw new TraceException(
                    "cannot trace " + Recorder.where(e) + ": " + e + "; compute with the operations of NDArray");
        } catch (TraceException e) {
            constants.close();
            throw e;
        } catch (IllegalArgumentException e) {
            constants.close();
            throw new TraceException("cannot trace " + Recorder.where(e) + ": " + e.getMessage());
        } catch (RuntimeException e) {
            constants.close();
            throw e;
        }
    }

    private static List<Value> values(Recorder recorder, NDList arrays) {
        List<Value> values = new ArrayList<>();
        arrays.forEach(array -> values.add(recorder.of(array).value()));
        return values;
    }

    /** Hands out parameters as parts of the trace. */
    private static final class Store extends ParameterStore {

        private final Recorder recorder;

        Store(Recorder recorder) {
            super(recorder.manager(), false);
            this.recorder = recorder;
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            return parameter == null ? null : recorder.parameter(parameter);
        }
    }
}
