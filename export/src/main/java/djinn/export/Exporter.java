package djinn.export;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import djinn.export.onnx.ChoiceCheck;
import djinn.export.onnx.OnnxCheck;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.export.onnx.SelectionCheck;
import djinn.export.torchscript.TorchScriptFile;
import djinn.export.torchscript.TorchScriptWriter;
import djinn.export.trace.BatchNormFolding;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.export.trace.HalfWeights;
import djinn.export.trace.TraceException;
import djinn.ops.AtomicFile;
import djinn.ops.Autograd;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.ObjectMapper;

/**
 * Writes a block as a file that needs no Java: ONNX or TorchScript.
 *
 * <p>Any DJL block will do, one's own too. It is traced on an example; an ONNX file is run in ONNX Runtime, and has its
 * name only once it answered as the block does.
 */
public final class Exporter {

    /** The text beside a TorchScript module that holds the metadata, an object of strings. */
    public static final String METADATA = "djinn.json";

    private static final int SEED = 7;
    private static final String ONNX = ".onnx";
    private static final String TORCH_SCRIPT = ".pt";

    private final Block block;
    private final Path to;
    private final Settings settings;

    private Exporter(Block block, Path to, Settings settings) {
        this.block = block;
        this.to = to;
        this.settings = settings;
    }

    /** What an ONNX file is compared with its block on. */
    public enum Check {
        /** It is not compared. */
        NONE,
        /** The example, in other sizes too where they are open. */
        EXAMPLE,
        /** Random inputs besides, of normal numbers: for blocks to which such mean something, as to most. */
        RANDOM
    }

    /**
     * How a block is exported.
     *
     * @param options what the file holds; TorchScript heeds {@code halfWeights} and {@code metadata}
     * @param open the axes of the inputs that may have other sizes than the example; none for a file of fixed sizes
     * @param folded whether batch normalisation becomes part of the convolution before it
     * @param check what an ONNX file is compared on
     */
    public record Settings(OnnxOptions options, List<DynamicAxis> open, boolean folded, Check check) {

        /** Batches of any size, in single precision, compared. */
        public static final Settings DEFAULT =
                new Settings(OnnxOptions.DEFAULT, List.of(DynamicAxis.BATCH), false, Check.RANDOM);

        /** Copies the axes. */
        public Settings {
            open = List.copyOf(open);
        }

        /** Returns the same with other contents of the file. */
        public Settings withOptions(OnnxOptions other) {
            return new Settings(other, open, folded, check);
        }

        /** Returns the same with other open axes. */
        public Settings withOpen(DynamicAxis... axes) {
            return new Settings(options, List.of(axes), folded, check);
        }

        /** Returns the same with batch normalisation folded. */
        public Settings withFolding() {
            return new Settings(options, open, true, check);
        }

        /** Returns the same with another comparison. */
        public Settings withCheck(Check other) {
            return new Settings(options, open, folded, other);
        }
    }

    /**
     * What came of it.
     *
     * @param file the file; external weights lie beside it, in {@code FILE.data}
     * @param opset the version of ONNX's operations; empty for TorchScript
     * @param difference how far ONNX Runtime is from the block, relative to the largest output; empty where it was not
     *     compared
     * @param boxes how many selected boxes were compared, of a file that selects them itself; empty where there is no
     *     selection, or it was not compared
     * @param keptInFloat32 names of the arrays that half precision cannot hold; none unless half weights were asked for
     */
    public record Exported(
            Path file, OptionalInt opset, OptionalDouble difference, OptionalInt boxes, List<String> keptInFloat32) {

        /** Copies the names. */
        public Exported {
            keptInFloat32 = List.copyOf(keptInFloat32);
        }
    }

    /**
     * Traces a block, writes it beside the target, compares, and only then gives the file its name.
     *
     * @param block an initialised block
     * @param example input that the block takes, on its device; left as it is
     * @param to the file, {@code .onnx} or {@code .pt} (TorchScript, read by {@code torch.jit.load}, DJL and {@link
     *     TorchScriptFile}); its folder must exist
     * @param settings how
     * @return what came of it
     * @throws IllegalArgumentException if the file has another ending, or settings are for ONNX alone
     * @throws TraceException if the block does what a trace or the format cannot hold; the message names the operation
     *     and the line of the block
     * @throws NotFiniteException if the block answers NaN or infinity
     * @throws DataException if the file answers otherwise than the block, or writing fails; the target is then as before
     */
    public static Exported write(Block block, NDList example, Path to, Settings settings) {
        return new Exporter(block, to, settings).write(example);
    }

    private Exported write(NDList example) {
        OnnxOptions options = settings.options();
        boolean onnx = isOnnx();
        try (NDManager running = example.getManager().newSubManager()) {
            NDList inputs = new NDList(example.stream().map(NDArray::duplicate).toList());
            inputs.attach(running);
            List<DynamicAxis> open = settings.open();
            try (Graph traced = DynamicTrace.trace(block, inputs, open)) {
                Graph whole = settings.folded() ? BatchNormFolding.apply(traced) : traced;
                Graph graph = options.halfWeights() ? HalfWeights.rounded(whole) : whole;
                requireFinite(graph.run(inputs));
                List<String> kept = options.halfWeights() ? HalfWeights.tooLarge(whole) : List.of();
                if (!onnx) {
                    TorchScriptWriter.write(graph, to, extras());
                    return new Exported(to, OptionalInt.empty(), OptionalDouble.empty(), OptionalInt.empty(), kept);
                }
                // rounded weights compute something else: then the file must compute what they do
                UnaryOperator<NDList> reference = options.halfWeights() ? graph::run : this::forward;
                Compared compared = onnx(graph, reference, inputs);
                return new Exported(to, OptionalInt.of(options.opset()), compared.difference, compared.boxes, kept);
            }
        }
    }

    private boolean isOnnx() {
        String name = to.getFileName().toString();
        if (name.endsWith(ONNX)) {
            return true;
        } else if (!name.endsWith(TORCH_SCRIPT)) {
            throw new IllegalArgumentException("expected a file " + ONNX + " or " + TORCH_SCRIPT + ", got " + to);
        }
        OnnxOptions options = settings.options();
        if (options.softmax()
                || options.selection().isPresent()
                || options.pixels().isPresent()
                || options.externalFrom() != OnnxOptions.DEFAULT.externalFrom()) {
            throw new IllegalArgumentException(
                    "expected softmax, pixels, a selection of boxes and external weights with a file " + ONNX + ", got "
                            + to);
        }
        return false;
    }

    private Map<String, String> extras() {
        Map<String, String> metadata = settings.options().metadata();
        return metadata.isEmpty() ? Map.of() : Map.of(METADATA, new ObjectMapper().writeValueAsString(metadata));
    }

    private void requireFinite(NDList answers) {
        for (NDArray answer : answers) {
            if (!answer.getDataType().isFloating()) {
                continue;
            }
            for (double value : answer.toType(DataType.FLOAT64, false).toDoubleArray()) {
                if (!Double.isFinite(value)) {
                    throw new NotFiniteException("expected a model of finite answers, it answers " + value
                            + " to its example; look at its weights; " + to + " was not written");
                }
            }
        }
    }

    private NDList forward(NDList inputs) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return block.forward(new ParameterStore(inputs.getManager(), false), inputs, false);
        }
    }

    /** How far the file is from the block, and how many selected boxes were compared. */
    private record Compared(OptionalDouble difference, OptionalInt boxes) {}

    /** Writes into a folder beside the target, checks, and moves what was written into its place. */
    private Compared onnx(Graph graph, UnaryOperator<NDList> reference, NDList example) {
        Path parent = to.toAbsolutePath().getParent();
        Path unchecked = null;
        try {
            unchecked = Files.createTempDirectory(parent, ".export");
            Path file = unchecked.resolve(to.getFileName().toString());
            OnnxOptions options = settings.options();
            OnnxWriter.write(graph, file, options);
            OptionalDouble difference;
            OptionalInt boxes = OptionalInt.empty();
            if (options.selection().isPresent() && settings.check() != Check.NONE) {
                // what is selected from is compared first, then the selection from it
                Path raw = unchecked.resolve("unselected-" + to.getFileName());
                OnnxWriter.write(graph, raw, options.withoutSelection());
                difference = checked(graph, raw, reference, example);
                boxes = OptionalInt.of(requireSelection(graph, file, raw, example));
            } else {
                difference = checked(graph, file, reference, example);
            }
            move(unchecked, parent);
            return new Compared(difference, boxes);
        } catch (IOException e) {
            throw new DataException("cannot write " + to + ": " + AtomicFile.reason(e), e);
        } finally {
            if (unchecked != null) {
                delete(unchecked);
            }
        }
    }

    /** Compares the selection, by its least score and, where that tells nothing, by a lower one: how many boxes there were. */
    private int requireSelection(Graph graph, Path file, Path raw, NDList example) throws IOException {
        OnnxOptions options = settings.options();
        BoxSelection rule = options.selection().orElseThrow();
        NDList inputs = options.pixels().isPresent() ? bytes(example) : example;
        Path compared = file;
        try (SelectionCheck check = SelectionCheck.of(raw, inputs, settings.open(), settings.check() == Check.RANDOM)) {
            int boxes = check.require(file, rule);
            BoxSelection telling = check.telling(rule);
            if (telling.equals(rule)) {
                return boxes;
            }
            compared = file.resolveSibling("telling-" + to.getFileName());
            OnnxWriter.write(graph, compared, options.withSelection(telling));
            return check.require(compared, telling);
        } catch (DataException e) {
            throw new DataException(named(compared, e), e);
        }
    }

    private OptionalDouble checked(Graph graph, Path file, UnaryOperator<NDList> reference, NDList example) {
        if (settings.check() == Check.NONE) {
            return OptionalDouble.empty();
        }
        OnnxOptions options = settings.options();
        UnaryOperator<NDList> answers =
                options.softmax() ? inputs -> probabilities(reference.apply(inputs)) : reference;
        UnaryOperator<NDList> expected = options.pixels().isEmpty()
                ? answers
                : inputs -> answers.apply(new NDList(options.pixels().get().normalised(inputs.head())));
        NDList inputs = options.pixels().isEmpty() ? example : bytes(example);
        boolean randomToo = settings.check() == Check.RANDOM;
        try {
            if (!graph.choosing().isEmpty() && options.pixels().isEmpty() && !options.softmax()) {
                Path opened = file.resolveSibling("opened-" + file.getFileName());
                OnnxWriter.write(
                        ChoiceCheck.opened(graph),
                        opened,
                        options.withoutSelection().withNames(OnnxOptions.Names.USUAL));
                return OptionalDouble.of(new ChoiceCheck(graph, reference, OnnxCheck.TOLERANCE)
                        .require(file, opened, example, settings.open(), randomToo));
            }
            return OptionalDouble.of(
                    randomToo
                            ? OnnxCheck.require(file, expected, inputs, settings.open(), OnnxCheck.TOLERANCE)
                            : OnnxCheck.requireOnExamples(
                                    file, expected, inputs, settings.open(), OnnxCheck.TOLERANCE));
        } catch (NotFiniteException e) {
            throw new NotFiniteException(named(file, e));
        } catch (DataException e) {
            throw new DataException(named(file, e), e);
        } catch (EngineException e) {
            throw new DataException(
                    to + ": the model cannot compute what it is compared on: "
                            + e.getMessage().lines().findFirst().orElse("")
                            + "; if random numbers mean nothing to it, compare on its example, Check.EXAMPLE; nothing"
                            + " was written",
                    e);
        }
    }

    /** The message under the name that the file would have had. */
    private String named(Path file, DataException e) {
        return e.getMessage().replace(file.toString(), to.toString()) + "; nothing was written";
    }

    /** Images of random bytes, (N, H, W, C), as many and as large as an example (N, C, H, W). */
    private static NDList bytes(NDList example) {
        Shape shape = example.head().getShape();
        Shape images = new Shape(shape.get(0), shape.get(2), shape.get(3), shape.get(1));
        byte[] bytes = new byte[Math.toIntExact(images.size())];
        new Random(SEED).nextBytes(bytes);
        return new NDList(example.getManager().create(ByteBuffer.wrap(bytes), images, DataType.UINT8));
    }

    private static NDList probabilities(NDList answers) {
        NDList probabilities = new NDList();
        for (NDArray answer : answers) {
            boolean floating = answer.getDataType().isFloating();
            probabilities.add(
                    floating ? answer.softmax(Math.min(1, answer.getShape().dimension() - 1)) : answer);
        }
        return probabilities;
    }

    /** The weights beside the model first, so that no model is without them. */
    private void move(Path unchecked, Path parent) throws IOException {
        String name = to.getFileName().toString();
        for (String each : List.of(name + ".data", name)) {
            if (Files.exists(unchecked.resolve(each))) {
                Files.move(
                        unchecked.resolve(each),
                        parent.resolve(each),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // what led here is the outcome to report
        }
    }
}
