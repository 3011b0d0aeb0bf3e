package djinn.inference;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** An ONNX file in ONNX Runtime. */
final class OnnxBackend implements Backend {

    /**
     * ONNX Runtime 1.29 looks at the process's command line with a recursive regular expression as it starts: one of a few
     * thousand characters, a class path, overflows the stack of an ordinary thread and ends the JVM. The longest that
     * Linux allows one argument to be needs about 40 MB.
     */
    private static final long STARTING_STACK = 64L << 20;

    /** What DJL calls ONNX Runtime. */
    private static final String ADAPTER = "OnnxRuntime";

    private final Path file;
    private final OrtSession session;
    private final String input;
    private final Shape inputShape;
    private final List<String> outputs;
    private final boolean probabilities;

    private OnnxBackend(Path file, OnnxFile description, OrtSession session) throws OrtException {
        this.file = file;
        this.session = session;
        Map<String, NodeInfo> inputs = session.getInputInfo();
        if (inputs.size() != 1) {
            throw new DataException(file + ": expected a model of one input, it has " + inputs.keySet());
        }
        NodeInfo only = inputs.values().iterator().next();
        if (!(only.getInfo() instanceof TensorInfo info) || type(info) != DataType.FLOAT32) {
            throw new DataException(file + ": expected a model of a float32 input, it has " + only.getInfo());
        }
        this.input = only.getName();
        this.inputShape = new Shape(info.getShape());
        this.outputs = OnnxFile.inOrder(session.getOutputInfo().keySet());
        this.probabilities = description.probabilities();
    }

    /**
     * Loads a file.
     *
     * @throws DataException if it is missing, or a file it needs is, if ONNX Runtime cannot load it, or if it does not have
     *     one float32 input
     */
    static OnnxBackend open(Path file) {
        return open(file, OptionalInt.empty());
    }

    /** Loads a file for operations of so many threads; empty leaves them to ONNX Runtime. */
    static OnnxBackend open(Path file, OptionalInt threads) {
        OnnxFile description = OnnxFile.read(file);
        OrtSession session = null;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            if (threads.isPresent()) {
                options.setIntraOpNumThreads(threads.getAsInt());
            }
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            session = Started.ENVIRONMENT.createSession(file.toString(), options);
            return new OnnxBackend(file, description, session);
        } catch (OrtException e) {
            close(session);
            throw new DataException(file + ": ONNX Runtime cannot load it: " + oneLine(e), e);
        } catch (RuntimeException e) {
            close(session);
            throw e;
        }
    }

    /** The one environment of the process, made when it is first wanted. */
    private static final class Started {
        private static final OrtEnvironment ENVIRONMENT = start();
    }

    // not in Started: the new thread would wait for the end of that class's initialisation, and it for the thread
    private static OrtEnvironment start() {
        CompletableFuture<OrtEnvironment> started = new CompletableFuture<>();
        Thread thread = new Thread(null, () -> start(started), "onnxruntime-start", STARTING_STACK);
        thread.setDaemon(true);
        thread.start();
        return started.join();
    }

    private static void start(CompletableFuture<OrtEnvironment> started) {
        try {
            // DJL's adapter, where it is there, insists on making the environment itself: later it would fail for good
            if (ai.djl.engine.Engine.hasEngine(ADAPTER)) {
                ai.djl.engine.Engine.getEngine(ADAPTER);
            }
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            environment.setTelemetry(false);
            started.complete(environment);
        } catch (OrtException | RuntimeException | LinkageError e) {
            started.completeExceptionally(e);
        }
    }

    /** The extents of the input, -1 for those that are free. */
    Shape inputShape() {
        return inputShape;
    }

    @Override
    public List<Tensor> forward(Tensor given) {
        check(given);
        long batch = given.shape().get(0);
        long fixed = inputShape.get(0);
        if (fixed < 1 || fixed == batch) {
            return run(given);
        }
        List<List<Tensor>> parts = new ArrayList<>();
        for (long from = 0; from < batch; from += fixed) {
            parts.add(run(part(given, from, fixed)));
        }
        List<Tensor> whole = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            int output = i;
            whole.add(joined(parts.stream().map(part -> part.get(output)).toList(), batch, fixed));
        }
        return whole;
    }

    private void check(Tensor given) {
        boolean fits = given.type() == DataType.FLOAT32
                && given.shape().dimension() == inputShape.dimension()
                && inputShape.dimension() > 0;
        for (int i = 1; fits && i < inputShape.dimension(); i++) {
            fits = inputShape.get(i) < 0 || inputShape.get(i) == given.shape().get(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(file + ": expected a float32 input of " + inputShape + ", got "
                    + given.type() + " " + given.shape() + "; -1 stands for any extent");
        }
    }

    private List<Tensor> run(Tensor given) {
        try (OnnxTensor tensor = OnnxTensor.createTensor(
                        Started.ENVIRONMENT, given.floats(), given.shape().getShape());
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            List<Tensor> answers = new ArrayList<>();
            for (String output : outputs) {
                answers.add(copy(output, result.get(output).orElseThrow()));
            }
            return answers;
        } catch (OrtException e) {
            throw new DataException(file + ": ONNX Runtime cannot run it: " + oneLine(e), e);
        }
    }

    private Tensor copy(String name, OnnxValue value) {
        if (!(value instanceof OnnxTensor tensor)) {
            throw new DataException(file + ": expected tensors as outputs, '" + name + "' is " + value.getInfo());
        }
        TensorInfo info = tensor.getInfo();
        ByteBuffer bytes = tensor.getByteBuffer();
        return new Tensor(bytes.order(ByteOrder.nativeOrder()), new Shape(info.getShape()), type(info));
    }

    private DataType type(TensorInfo info) {
        return switch (info.type) {
            case FLOAT -> DataType.FLOAT32;
            case DOUBLE -> DataType.FLOAT64;
            case INT8 -> DataType.INT8;
            case INT32 -> DataType.INT32;
            case INT64 -> DataType.INT64;
            case UINT8 -> DataType.UINT8;
            case BOOL -> DataType.BOOLEAN;
            default -> throw new DataException(file + ": expected arrays of numbers, it has some of " + info.type);
        };
    }

    /** A piece of as many rows as a file of a fixed batch wants; behind the last row come zeros. */
    private static Tensor part(Tensor whole, long from, long rows) {
        long batch = whole.shape().get(0);
        int rowBytes =
                Math.toIntExact(whole.shape().size() / batch * whole.type().getNumOfBytes());
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(rows * rowBytes)).order(ByteOrder.nativeOrder());
        int count = Math.toIntExact(Math.min(rows, batch - from) * rowBytes);
        bytes.put(0, whole.bytes(), Math.toIntExact(from * rowBytes), count);
        return new Tensor(bytes, withBatch(whole.shape(), rows), whole.type());
    }

    private Tensor joined(List<Tensor> parts, long batch, long rows) {
        Tensor first = parts.get(0);
        if (first.shape().dimension() == 0 || first.shape().get(0) != rows) {
            throw new DataException(file + ": expected outputs of a batch of " + rows + ", got " + first.shape()
                    + "; export it with a free batch");
        }
        int rowBytes =
                Math.toIntExact(first.shape().size() / rows * first.type().getNumOfBytes());
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(batch * rowBytes)).order(ByteOrder.nativeOrder());
        for (Tensor part : parts) {
            bytes.put(part.bytes().slice(0, Math.min(part.bytes().capacity(), bytes.remaining())));
        }
        return new Tensor(bytes.flip(), withBatch(first.shape(), batch), first.type());
    }

    private static Shape withBatch(Shape shape, long batch) {
        long[] extents = shape.getShape().clone();
        extents[0] = batch;
        return new Shape(extents);
    }

    private static String oneLine(OrtException e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
    }

    /** ONNX Runtime does that on loading. */
    @Override
    public void freeze(Shape shape) {}

    @Override
    public boolean answersProbabilities() {
        return probabilities;
    }

    @Override
    public String source() {
        return file.toString();
    }

    @Override
    public void close() {
        close(session);
    }

    private static void close(OrtSession session) {
        try {
            if (session != null) {
                session.close();
            }
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot free a model: " + oneLine(e), e);
        }
    }
}
