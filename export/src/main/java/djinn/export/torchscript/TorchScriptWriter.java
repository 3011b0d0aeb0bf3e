package djinn.export.torchscript;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import djinn.export.trace.Extent;
import djinn.export.trace.Graph;
import djinn.export.trace.TraceException;
import djinn.export.trace.Value;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a traced block as a TorchScript file, which DJL's own models, Python's {@code torch.jit.load} and LibTorch
 * open and run without the block's code.
 *
 * <p>The file's module is {@code __torch__.Djinn}. It has the block's whole state dict under the names it has there:
 * dots are modules within modules, and {@code module.state_dict()} in Python has the block's keys. What is trained is a
 * parameter that requires its gradient, a frozen weight one that does not, and all else, such as running statistics, is
 * a buffer. {@code forward} has an argument per input of the graph and answers a tensor, or a tuple of several. It
 * computes as in evaluation whatever mode the module is in, and follows its first input to another device.
 *
 * <p>What the block made of no input is in the archive's constants, which the state dict does not show.
 */
public final class TorchScriptWriter {

    private static final String TYPE = "Djinn";

    /** The newest the engine knows: older ones give some operations, such as {@code gelu}, an older meaning. */
    private static final String VERSION = "10\n";

    private static final String FOLDER = "model/";

    /** Parameters that are buffers if they are not trained; the others are frozen then. */
    private static final Set<Parameter.Type> BUFFERS =
            Set.of(Parameter.Type.RUNNING_MEAN, Parameter.Type.RUNNING_VAR, Parameter.Type.OTHER);

    private TorchScriptWriter() {}

    /**
     * Writes a graph with its parameters and constants.
     *
     * <p>The same graph gives the same bytes. The file appears, or replaces an older one, only when it is complete and
     * on disk. Of the weights, one tensor at a time is in memory a second time.
     *
     * @param graph the trace; numbers among its arguments hold for every input, sizes of the example too unless they
     *     are {@link Extent}s
     * @param file usually named {@code *.pt}; its directory must exist
     * @throws TraceException if an operation has an argument that TorchScript has no literal for, or a parameter a name
     *     or type that it cannot have there
     * @throws IllegalArgumentException if a tensor has more than 2^31 - 1 bytes
     * @throws DataException if writing fails; the file is then as before
     */
    public static void write(Graph graph, Path file) {
        write(graph, file, Map.of());
    }

    /**
     * Writes a graph as {@link #write(Graph, Path)} does, with texts beside it.
     *
     * @param graph the trace
     * @param file usually named {@code *.pt}
     * @param extras names and texts, which Python reads as {@code _extra_files} of {@code torch.jit.load}, and {@link
     *     TorchScriptFile#extra}
     * @throws TraceException as the other method
     * @throws IllegalArgumentException as the other method
     * @throws DataException if writing fails; the file is then as before
     */
    public static void write(Graph graph, Path file, Map<String, String> extras) {
        List<Value> constants = graph.stored().stream()
                .filter(value -> value.source() == Value.Source.CONSTANT)
                .toList();
        TorchModule module = module(graph);
        String code = module.classes(TYPE, TorchScriptForward.of(graph, "__torch__." + TYPE, constants));
        Pickle data = new Pickle();
        module.pickle(data);
        Pickle table = new Pickle().open();
        constants.forEach(value -> table.tensor(value.data(), false));
        table.tuple();
        data.storages().forEach(TorchScriptWriter::checkSize);
        table.storages().forEach(TorchScriptWriter::checkSize);
        byte[] state = data.bytes();
        byte[] fixed = table.bytes();
        AtomicFile.write(file, channel -> {
            StoredZip zip = new StoredZip(channel);
            zip.store(FOLDER + "data.pkl", state);
            zip.store(FOLDER + "code/__torch__.py", code.getBytes(UTF_8));
            store(zip, "data/", data.storages());
            store(zip, "constants/", table.storages());
            zip.store(FOLDER + "constants.pkl", fixed);
            zip.store(FOLDER + "version", VERSION.getBytes(US_ASCII));
            for (Map.Entry<String, String> extra : new TreeMap<>(extras).entrySet()) {
                zip.store(FOLDER + "extra/" + extra.getKey(), extra.getValue().getBytes(UTF_8));
            }
            zip.store(FOLDER + "byteorder", "little".getBytes(US_ASCII));
            zip.finish();
        });
    }

    private static TorchModule module(Graph graph) {
        TorchModule module = new TorchModule();
        graph.parameters().forEach((name, parameter) -> {
            if (parameter.isInitialized()) {
                module.add(name, tensor(parameter));
            }
        });
        // a block may use parameters that it does not list
        graph.stored().stream()
                .filter(value -> value.source() == Value.Source.PARAMETER)
                .filter(value -> !graph.parameters().containsKey(value.name()))
                .forEach(value -> module.add(value.name(), new TorchModule.Tensor(value.data(), true, false)));
        return module;
    }

    private static TorchModule.Tensor tensor(Parameter parameter) {
        boolean trained = parameter.requiresGradient()
                && parameter.getArray().getDataType().isFloating();
        return new TorchModule.Tensor(parameter.getArray(), !trained && BUFFERS.contains(parameter.getType()), trained);
    }

    private static void checkSize(NDArray array) {
        if (array.size() * array.getDataType().getNumOfBytes() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("cannot write a tensor of shape " + array.getShape()
                    + ": it has more than " + Integer.MAX_VALUE + " bytes; split it");
        }
    }

    private static void store(StoredZip zip, String folder, List<NDArray> arrays) throws IOException {
        for (int i = 0; i < arrays.size(); i++) {
            zip.store(FOLDER + folder + i, arrays.get(i).toByteBuffer());
        }
    }
}
