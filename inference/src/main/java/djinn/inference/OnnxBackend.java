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
import java.util.List;
import java.util.Map;

/** An ONNX file in ONNX Runtime. */
final class OnnxBackend implements Backend {

    private final Path file;
    private final OrtSession session;
    private final String input;
    private final DataType inputType;
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
        if (!(only.getInfo() instanceof TensorInfo info)
                || (info.type != OnnxJavaType.FLOAT && info.type != OnnxJavaType.UINT8)) {
            throw new DataException(
                    file + ": expected a model of a float32 input, or of bytes, it has " + only.getInfo());
        }
        this.inputType = type(info);
        this.input = only.getName();
        this.inputShape = new Shape(info.getShape());
        this.outputs = OnnxFile.inOrder(session.getOutputInfo().keySet());
        this.probabilities = description.probabilities();
    }

    /**
     * Loads a file.
     *
     * @throws DataException if it is missing, or a file it needs is, if ONNX Runtime cannot load it, or if it does not have
     *     one input of float32 or of bytes
     */
    static OnnxBackend open(Path file) {
        OnnxFile description = OnnxFile.read(file);
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

    /** The extents of the input, -1 for those that are free. */
    Shape inputShape() {
        return inputShape;
    }

    @Override
    public List<Tensor> forward(Tensor given) {
        check(given);
        return FixedBatch.forward(given, inputShape.get(0), this::run, file);
    }

    private void check(Tensor given) {
        boolean fits = given.type() == inputType
                && given.shape().dimension() == inputShape.dimension()
                && inputShape.dimension() > 0;
        for (int i = 1; fits && i < inputShape.dimension(); i++) {
            fits = inputShape.get(i) < 0 || inputShape.get(i) == given.shape().get(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(file + ": expected a " + inputType + " input of " + inputShape + ", got "
                    + given.type() + " " + given.shape() + "; -1 stands for any extent");
        }
    }

    private List<Tensor> run(Tensor given) {
        try (OnnxTensor tensor = tensor(given);
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

    private static OnnxTensor tensor(Tensor given) throws OrtException {
        long[] shape = given.shape().getShape();
        return given.type() == DataType.UINT8
                ? OnnxTensor.createTensor(OnnxRuntime.environment(), given.bytes(), shape, OnnxJavaType.UINT8)
                : OnnxTensor.createTensor(OnnxRuntime.environment(), given.floats(), shape);
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
        return inputType == DataType.UINT8;
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
