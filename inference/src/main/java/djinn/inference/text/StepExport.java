package djinn.inference.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.export.Exporter;
import djinn.export.trace.DynamicAxis;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.language.TokenDecoder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes a model of text as ONNX files that go on token by token.
 *
 * <p>The file of a step takes the next tokens (N, T), int64, and what is remembered, and answers the logits (N, K) and what
 * is remembered then; of a model of pairs T is 1. What does not change is not answered. Before the first token, what is
 * remembered has no length, or is zero. Of a model of pairs another file, {@code .encoder.onnx}, takes sources (N, S), int64,
 * and their padding (N, S), true where it is, and answers what is remembered of them. The numbers of sequences and all
 * lengths are open.
 */
public final class StepExport {

    /** In the metadata: {@code step}. */
    static final String PART = "djinn.part";

    static final String STEP = "step";

    /** In the metadata of a step: which of what is remembered it answers, from 0. */
    static final String CHANGED = "djinn.changed";

    /** In the metadata of a step: which of what is remembered the encoder answers, from 0. */
    static final String BEGUN = "djinn.begun";

    private static final String ENDING = ".onnx";

    private final NamedBlock block;
    private final TokenDecoder decoder;
    private final Path to;
    private final Exporter.Settings settings;
    private final NDManager manager;
    private final Pass pass;

    private <M extends NamedBlock & TokenDecoder> StepExport(
            M model, Path to, Exporter.Settings settings, NDManager manager) {
        block = model;
        decoder = model;
        this.to = to;
        this.settings = settings;
        this.manager = manager;
        pass = new Pass(new ParameterStore(manager, false), false);
    }

    /** Returns the file of the encoder beside that of a step. */
    static Path encoder(Path step) {
        String name = step.getFileName().toString();
        String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
        return step.resolveSibling(stem + ".encoder" + ENDING);
    }

    /**
     * Writes a language model.
     *
     * @param model an initialised block of a context of at least 5
     * @param to the file, {@code .onnx}
     * @param settings how; what is open is decided here
     * @return what came of it
     * @throws IllegalArgumentException if the context is smaller
     * @throws djinn.export.trace.TraceException if the model does what a trace or the format cannot hold
     * @throws djinn.ops.DataException if the file answers otherwise than the model, or writing fails
     */
    public static Exporter.Exported write(LanguageModel model, Path to, Exporter.Settings settings) {
        if (model.context().orElse(Integer.MAX_VALUE) < 5) {
            throw new IllegalArgumentException(
                    "expected a context of at least 5 for a file that goes on token by token," + " got "
                            + model.context().getAsInt());
        }
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            StepExport export = new StepExport(model, to, settings, manager);
            NDList begun = model.begin(manager, 2);
            NDList state = export.after(begun, 3);
            List<DynamicAxis> open = new ArrayList<>(List.of(DynamicAxis.BATCH));
            open.add(new DynamicAxis("tokens", 1, List.of(2L, 3L)).ofInput(0));
            export.differing("before", state, export.after(begun, 4), List.of(3L, 1L, 2L), open);
            return export.step(export.tokens(2, 2), state, open, Map.of());
        }
    }

    /**
     * Writes a model of pairs, and its encoder beside it.
     *
     * @param model an initialised block
     * @param to the file of a step, {@code .onnx}
     * @param settings how; what is open is decided here
     * @return what came of the step and of the encoder
     * @throws djinn.export.trace.TraceException if the model does what a trace or the format cannot hold
     * @throws djinn.ops.DataException if a file answers otherwise than the model, or writing fails
     */
    public static List<Exporter.Exported> write(SequenceToSequence model, Path to, Exporter.Settings settings) {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            StepExport export = new StepExport(model, to, settings, manager);
            NDList begun = export.begun(model, 4);
            List<Integer> given = IntStream.range(0, begun.size())
                    .filter(i -> begun.get(i).size() > 0)
                    .boxed()
                    .toList();
            Exporter.Exported encoder = Exporter.write(
                    new Encoder(model, given),
                    new NDList(export.tokens(2, 4), export.padding(4)),
                    encoder(to),
                    export.settings(
                            List.of(DynamicAxis.BATCH, new DynamicAxis("source", 1, List.of(4L, 3L, 7L))),
                            Map.of(PART, "encoder")));
            NDList state = export.after(begun, 3);
            List<DynamicAxis> open = new ArrayList<>(List.of(DynamicAxis.BATCH));
            export.differing("before", state, export.after(begun, 4), List.of(3L, 1L, 2L), open);
            export.differing("source", state, export.after(export.begun(model, 6), 3), List.of(4L, 3L, 7L), open);
            return List.of(export.step(export.tokens(2, 1), state, open, Map.of(BEGUN, words(given))), encoder);
        }
    }

    private NDList begun(SequenceToSequence model, int length) {
        return model.begin(tokens(2, length), padding(length), pass);
    }

    /** (2, length); the last of the second is padding. */
    private NDArray padding(int length) {
        boolean[] padding = new boolean[2 * length];
        padding[padding.length - 1] = true;
        return manager.create(padding, new Shape(2, length));
    }

    private NDArray tokens(int rows, int length) {
        int vocabulary =
                block instanceof LanguageModel model ? model.vocabulary() : ((SequenceToSequence) block).vocabulary();
        long[] tokens = new long[rows * length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = i % vocabulary;
        }
        return manager.create(tokens, new Shape(rows, length));
    }

    /** What is remembered after so many tokens. */
    private NDList after(NDList begun, int length) {
        NDList state = begun;
        for (int i = 0; i < length; i++) {
            state = decoder.step(tokens(2, 1), state, pass).state();
        }
        return state;
    }

    /** Opens the axis whose sizes differ between two states. */
    private void differing(String name, NDList state, NDList other, List<Long> sizes, List<DynamicAxis> open) {
        Map<Integer, List<Integer>> inputs = new TreeMap<>();
        for (int i = 0; i < state.size(); i++) {
            Shape shape = state.get(i).getShape();
            for (int axis = 1; axis < shape.dimension(); axis++) {
                if (shape.get(axis) != other.get(i).getShape().get(axis)) {
                    inputs.computeIfAbsent(axis, at -> new ArrayList<>()).add(i + 1);
                }
            }
        }
        if (inputs.size() > 1) {
            throw new IllegalArgumentException("expected a model that remembers lengths in one axis, got axes "
                    + inputs.keySet() + " of '" + name + "'");
        }
        inputs.forEach((axis, of) -> open.add(new DynamicAxis(name, axis, sizes)
                .ofInput(of.stream().mapToInt(i -> i).toArray())));
    }

    private Exporter.Exported step(NDArray tokens, NDList state, List<DynamicAxis> open, Map<String, String> metadata) {
        NDList next = decoder.step(tokens, state, pass).state();
        List<Integer> changed = IntStream.range(0, state.size())
                .filter(i -> next.get(i) != state.get(i))
                .boxed()
                .toList();
        NDList example = new NDList(tokens);
        example.addAll(state);
        Map<String, String> all = new LinkedHashMap<>(metadata);
        all.put(PART, STEP);
        all.put(CHANGED, words(changed));
        return Exporter.write(new Next(block, decoder, changed), example, to, settings(open, all));
    }

    private static String words(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private Exporter.Settings settings(List<DynamicAxis> open, Map<String, String> metadata) {
        Map<String, String> all = new LinkedHashMap<>(settings.options().metadata());
        all.putAll(metadata);
        return settings.withOptions(settings.options().withMetadata(all))
                .withOpen(open.toArray(DynamicAxis[]::new))
                .withCheck(settings.check() == Exporter.Check.NONE ? Exporter.Check.NONE : Exporter.Check.EXAMPLE);
    }

    /** A step: tokens and what is remembered to logits and what of it changes. */
    private static final class Next extends NamedBlock {

        private final TokenDecoder decoder;
        private final List<Integer> changed;

        Next(NamedBlock model, TokenDecoder decoder, List<Integer> changed) {
            child("model", model);
            this.decoder = decoder;
            this.changed = changed;
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            TokenDecoder.Step step = decoder.step(inputs.get(0), inputs.subNDList(1), pass);
            NDList answers = new NDList(step.logits());
            changed.forEach(i -> answers.add(step.state().get(i)));
            return answers;
        }
    }

    /** Sources and their padding to what is remembered of them. */
    private static final class Encoder extends NamedBlock {

        private final SequenceToSequence model;
        private final List<Integer> given;

        Encoder(SequenceToSequence model, List<Integer> given) {
            this.model = child("model", model);
            this.given = given;
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            NDArray padding = inputs.get(1);
            NDList state = model.begin(inputs.get(0), padding.toType(DataType.BOOLEAN, false), pass);
            NDList answers = new NDList();
            given.forEach(i -> answers.add(state.get(i)));
            return answers;
        }
    }
}
