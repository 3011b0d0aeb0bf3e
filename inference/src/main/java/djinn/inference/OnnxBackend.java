package djinn.inference;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import djinn.export.onnx.OnnxRuntime;
import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An ONNX file in ONNX Runtime. */
final class OnnxBackend implements Backend {

    private static final Set<OnnxJavaType> TAKEN =
            Set.of(OnnxJavaType.FLOAT, OnnxJavaType.INT64, OnnxJavaType.INT32, OnnxJavaType.BOOL, OnnxJavaType.UINT8);

    /**
     * An input as the file declares it.
     *
     * @param name its name
     * @param type of its elements
     * @param shape its extents, -1 for those that are free
     */
    private record Input(String name, DataType type, Shape shape) {

        boolean takes(Tensor given) {
            return given.type() == type && shape.dimension() > 0 && Backend.fits(shape, given.shape());
        }
    }

    private final Path file;
    private final OrtSession session;
    private final List<Input> inputs;
    private final List<String> outputs;
    private final boolean probabilities;

    private OnnxBackend(Path file, OnnxFile description, OrtSession session) throws OrtException {
        this.file = file;
        this.session = session;
        List<Input> declared = new ArrayList<>();
        for (NodeInfo input : session.getInputInfo().values()) {
            if (!(input.getInfo() instanceof TensorInfo info) || !TAKEN.contains(info.type)) {
                throw new DataException(file + ": expected inputs of float32, int64, int32, booleans or bytes, '"
                        + input.getName() + "' is " + input.getInfo());
            }
            declared.add(new Input(input.getName(), type(info), new Shape(info.getShape())));
        }
        this.inputs = List.copyOf(declared);
        if (inputs.isEmpty()) {
            throw new DataException(file + ": expected a model of at least one input, it has none");
        }
        this.outputs = OnnxFile.inOrder(session.getOutputInfo().keySet());
        this.probabilities = description.probabilities();
    }

    /**
     * Loads a file.
     *
     * @throws DataException if it is missing, or a file it needs is, if ONNX Runtime cannot load it, or if an input is of
     *     a type that Djinn does not give
     */
    static OnnxBackend open(Path file) {
        return open(file, OnnxFile.read(file));
    }

    /** Loads a file that was looked through. */
    static OnnxBackend open(Path file, OnnxFile description) {
        OrtSession session = null;
        try {
            session = OnnxRuntime.open(file);
            return new OnnxBackend(file, description, session);
        } catch (OrtException e) {
            close(session);
            throw new DataException(file + ": ONNX Runtime cannot load it: " + oneLine(e), e);
        } catch (RuntimeException e) {
            close(session);
            throw e;
        }
    }

    @Override
    public Optional<Shape> inputShape() {
        return Optional.of(inputs.get(0).shape());
    }

    @Override
    public List<Tensor> forward(List<Tensor> given) {
        if (given.size() != inputs.size()) {
            throw new IllegalArgumentException(file + ": expected " + inputs.size() + " inputs, "
                    + inputs.stream().map(Input::name).toList() + ", got " + given.size());
        }
        for (int i = 0; i < inputs.size(); i++) {
            Input input = inputs.get(i);
            if (!input.takes(given.get(i))) {
                throw new IllegalArgumentException(file + ": expected a " + input.type + " input of " + input.shape
                        + (inputs.size() == 1 ? "" : " as '" + input.name + "'") + ", got "
                        + given.get(i).type() + " " + given.get(i).shape() + "; -1 stands for any extent");
            }
        }
        return FixedBatch.forward(given, inputs.get(0).shape.get(0), this::run, file);
    }

    private List<Tensor> run(List<Tensor> given) {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            for (int i = 0; i < inputs.size(); i++) {
                tensors.put(inputs.get(i).name, tensor(given.get(i)));
            }
            try (OrtSession.Result result = session.run(tensors)) {
                List<Tensor> answers = new ArrayList<>();
                for (String output : outputs) {
                    answers.add(copy(output, result.get(output).orElseThrow()));
                }
                return answers;
            }
        } catch (OrtException e) {
            throw new DataException(file + ": ONNX Runtime cannot run it: " + oneLine(e), e);
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(Tensor given) throws OrtException {
        long[] shape = given.shape().getShape();
        return switch (given.type()) {
            case FLOAT32 -> OnnxTensor.createTensor(OnnxRuntime.environment(), given.floats(), shape);
            case INT64 ->
                OnnxTensor.createTensor(OnnxRuntime.environment(), given.bytes().asLongBuffer(), shape);
            case INT32 ->
                OnnxTensor.createTensor(OnnxRuntime.environment(), given.bytes().asIntBuffer(), shape);
            case BOOLEAN -> OnnxTensor.createTensor(OnnxRuntime.environment(), given.bytes(), shape, OnnxJavaType.BOOL);
            default -> OnnxTensor.createTensor(OnnxRuntime.environment(), given.bytes(), shape, OnnxJavaType.UINT8);
        };
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
    public boolean takesPixels() {
        return inputs.get(0).type == DataType.UINT8;
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
