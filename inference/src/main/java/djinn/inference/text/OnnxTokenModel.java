package djinn.inference.text;

import ai.djl.ndarray.types.DataType;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import djinn.data.text.TokenSequence;
import djinn.export.onnx.OnnxRows;
import djinn.export.onnx.OnnxRuntime;
import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The files of {@link StepExport} in ONNX Runtime.
 *
 * <p>What a step answers is handed to the next as it is, without a copy through Java.
 */
final class OnnxTokenModel implements TokenModel {

    private static final Map<OnnxJavaType, DataType> TYPES = Map.of(
            OnnxJavaType.FLOAT, DataType.FLOAT32,
            OnnxJavaType.INT64, DataType.INT64,
            OnnxJavaType.BOOL, DataType.BOOLEAN);

    /**
     * Up to so many bytes of weights, a token is computed faster by one thread: a GPT of 3 MB took 0.25 ms a token in place of
     * 0.32, a translator of 18 MB 0.46 to 0.73 in place of 1.0, on an AMD EPYC (Zen 5).
     */
    private static final long ALONE = 32L << 20;

    private final Path file;
    private final OptionalInt start;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final OrtSession step;
    private final OrtSession encoder;
    private final List<String> names;
    /** What is remembered, as the step takes it. */
    private final List<TensorInfo> remembered;

    private final Map<OnnxJavaType, OnnxRows> rows = new LinkedHashMap<>();
    private final int[] changed;
    private final int[] begun;
    private final int vocabulary;
    /** Whether several tokens are read at once. */
    private final boolean takesMany;

    private OnnxTokenModel(Path file, Map<String, String> metadata, OptionalInt start) throws OrtException {
        this.file = file;
        this.start = start;
        changed = numbers(metadata, StepExport.CHANGED);
        begun = numbers(metadata, StepExport.BEGUN);
        if (metadata.containsKey(StepExport.BEGUN) != start.isPresent()) {
            throw new DataException(file + ": expected a model of "
                    + (start.isPresent() ? "pairs, got a language model" : "language alone, got one of pairs"));
        }
        try {
            step = opened(file);
            Path sources = StepExport.encoder(file);
            if (start.isPresent() && !Files.isRegularFile(sources)) {
                throw new DataException(file + ": expected its encoder in " + sources
                        + ", but there is no such file; copy it beside the other");
            }
            encoder = start.isPresent() ? opened(sources) : null;
            names = List.copyOf(step.getInputNames());
            List<TensorInfo> inputs = new ArrayList<>();
            for (String name : names) {
                TensorInfo info = (TensorInfo) step.getInputInfo().get(name).getInfo();
                DataType type = TYPES.get(info.type);
                if (type == null) {
                    throw new DataException(
                            file + ": expected inputs of float32, int64 or booleans, '" + name + "' is " + info.type);
                }
                inputs.add(info);
                if (!rows.containsKey(info.type)) {
                    OnnxRows made = OnnxRows.of(type);
                    open.add(made);
                    rows.put(info.type, made);
                }
            }
            takesMany = inputs.get(0).getShape()[1] != 1;
            remembered = List.copyOf(inputs.subList(1, inputs.size()));
            TensorInfo logits =
                    (TensorInfo) step.getOutputInfo().values().iterator().next().getInfo();
            vocabulary = Math.toIntExact(logits.getShape()[1]);
        } catch (OrtException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Whether a file's metadata are those of a step. */
    static boolean isStep(Map<String, String> metadata) {
        return StepExport.STEP.equals(metadata.get(StepExport.PART));
    }

    /**
     * Opens a file of a step.
     *
     * @param start of a model of pairs, the token that every target begins with; empty for a language model
     * @throws DataException if ONNX Runtime cannot load it, or it is of the other kind
     */
    static OnnxTokenModel open(Path file, Map<String, String> metadata, OptionalInt start) {
        try {
            return new OnnxTokenModel(file, metadata, start);
        } catch (OrtException e) {
            throw new DataException(file + ": ONNX Runtime cannot load it: " + oneLine(e), e);
        }
    }

    private OrtSession opened(Path from) throws OrtException {
        OrtSession session = isSmall(from) ? OnnxRuntime.openForOneThread(from) : OnnxRuntime.open(from);
        open.add(session);
        return session;
    }

    /** Its weights may be beside it, in a file of their own. */
    private static boolean isSmall(Path file) {
        long bytes = file.toFile().length();
        long beside = Path.of(file + ".data").toFile().length();
        return bytes + beside <= ALONE;
    }

    private static int[] numbers(Map<String, String> metadata, String key) {
        String words = metadata.getOrDefault(key, "");
        return words.isEmpty()
                ? new int[0]
                : Arrays.stream(words.split(",", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray();
    }

    private static String oneLine(OrtException e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public Continuation begin(List<TokenSequence> given) {
        if (start.isEmpty()) {
            TokenModel.requireOneLength(given);
        } else {
            TokenModel.requireSources(given);
        }
        try {
            Begun begun = new Begun(given.size());
            try {
                begun.begin(given);
                return begun;
            } catch (OrtException | RuntimeException e) {
                begun.close();
                throw e;
            }
        } catch (OrtException e) {
            throw cannotRun(e);
        }
    }

    private DataException cannotRun(OrtException e) {
        return new DataException(file + ": ONNX Runtime cannot run it: " + oneLine(e), e);
    }

    @Override
    public void close() {
        for (AutoCloseable one : open) {
            try {
                one.close();
            } catch (Exception e) {
                throw new IllegalStateException("ONNX Runtime cannot free a model: " + e.getMessage(), e);
            }
        }
        open.clear();
    }

    private static OnnxTensor zeros(TensorInfo info, int sequences) throws OrtException {
        long[] shape = info.getShape();
        long size = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = axis == 0 ? sequences : Math.max(0, shape[axis]);
            size *= shape[axis];
        }
        int bytes = Math.toIntExact(size * TYPES.get(info.type).getNumOfBytes());
        return tensor(bytes(bytes), shape, info.type);
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocateDirect(count).order(ByteOrder.nativeOrder());
    }

    private static OnnxTensor tensor(ByteBuffer bytes, long[] shape, OnnxJavaType type) throws OrtException {
        OrtEnvironment environment = OnnxRuntime.environment();
        return switch (type) {
            case FLOAT -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), shape);
            case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), shape);
            default -> OnnxTensor.createTensor(environment, bytes, shape, type);
        };
    }

    private static OnnxTensor longs(long[] values, long... shape) throws OrtException {
        LongBuffer buffer = bytes(values.length * Long.BYTES).asLongBuffer();
        buffer.put(values).flip();
        return OnnxTensor.createTensor(OnnxRuntime.environment(), buffer, shape);
    }

    private final class Begun implements Continuation {

        private int sequences;
        private final OnnxTensor[] state = new OnnxTensor[remembered.size()];
        private float[] logits;

        Begun(int sequences) {
            this.sequences = sequences;
        }

        private void begin(List<TokenSequence> given) throws OrtException {
            int longest = given.stream().mapToInt(TokenSequence::size).max().orElseThrow();
            long[] tokens = new long[sequences * longest];
            byte[] padding = new byte[tokens.length];
            for (int n = 0; n < sequences; n++) {
                for (int i = 0; i < longest; i++) {
                    boolean inside = i < given.get(n).size();
                    tokens[n * longest + i] = inside ? given.get(n).token(i) : start.orElse(0);
                    padding[n * longest + i] = (byte) (inside ? 0 : 1);
                }
            }
            if (start.isPresent()) {
                encode(tokens, padding, longest);
            }
            for (int i = 0; i < state.length; i++) {
                if (state[i] == null) {
                    state[i] = zeros(remembered.get(i), sequences);
                }
            }
            if (start.isPresent()) {
                long[] first = new long[sequences];
                Arrays.fill(first, start.getAsInt());
                step(first);
            } else if (takesMany) {
                step(tokens);
            } else {
                for (int i = 0; i < longest; i++) {
                    int at = i;
                    step(IntStream.range(0, sequences)
                            .mapToLong(n -> tokens[n * longest + at])
                            .toArray());
                }
            }
        }

        private void encode(long[] tokens, byte[] padding, int longest) throws OrtException {
            long[] shape = {sequences, longest};
            List<String> inputs = List.copyOf(encoder.getInputNames());
            ByteBuffer mask = bytes(padding.length);
            mask.put(padding).flip();
            try (OnnxTensor sources = longs(tokens, shape);
                    OnnxTensor masked = tensor(mask, shape, OnnxJavaType.BOOL)) {
                OrtSession.Result result = encoder.run(Map.of(inputs.get(0), sources, inputs.get(1), masked));
                for (int i = 0; i < begun.length; i++) {
                    state[begun[i]] = (OnnxTensor) result.get(i);
                }
            }
        }

        /** Reads the same number of tokens of each sequence. */
        private void step(long[] tokens) throws OrtException {
            try (OnnxTensor next = longs(tokens, sequences, tokens.length / sequences)) {
                Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
                inputs.put(names.get(0), next);
                for (int i = 0; i < state.length; i++) {
                    inputs.put(names.get(i + 1), state[i]);
                }
                OrtSession.Result result = step.run(inputs);
                for (int i = 0; i < changed.length; i++) {
                    state[changed[i]].close();
                    state[changed[i]] = (OnnxTensor) result.get(i + 1);
                }
                try (OnnxTensor answered = (OnnxTensor) result.get(0)) {
                    logits = new float[sequences * vocabulary];
                    answered.getFloatBuffer().get(logits);
                }
            }
        }

        @Override
        public int sequences() {
            return sequences;
        }

        @Override
        public int vocabulary() {
            return vocabulary;
        }

        @Override
        public float[] logits(int sequence) {
            return Arrays.copyOfRange(logits, sequence * vocabulary, (sequence + 1) * vocabulary);
        }

        @Override
        public void read(int... tokens) {
            Rows.requireEach(tokens, sequences);
            try {
                step(Arrays.stream(tokens).asLongStream().toArray());
            } catch (OrtException e) {
                throw cannotRun(e);
            }
        }

        @Override
        public void keep(int... kept) {
            Rows.require(kept, sequences);
            if (Arrays.equals(kept, IntStream.range(0, sequences).toArray())) {
                return;
            }
            try (OnnxTensor index = longs(Arrays.stream(kept).asLongStream().toArray(), kept.length)) {
                for (int i = 0; i < state.length; i++) {
                    OnnxTensor taken = rows.get(remembered.get(i).type).of(state[i], index);
                    state[i].close();
                    state[i] = taken;
                }
            } catch (OrtException e) {
                throw cannotRun(e);
            }
            float[] rest = new float[kept.length * vocabulary];
            for (int n = 0; n < kept.length; n++) {
                System.arraycopy(logits, kept[n] * vocabulary, rest, n * vocabulary, vocabulary);
            }
            logits = rest;
            sequences = kept.length;
        }

        @Override
        public void close() {
            for (int i = 0; i < state.length; i++) {
                if (state[i] != null) {
                    state[i].close();
                    state[i] = null;
                }
            }
        }
    }
}
