package djinn.export.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** An ONNX file opened in ONNX Runtime, to be compared with what it was made from. */
public final class OnnxCheck implements AutoCloseable {

    /** The largest difference, relative to the largest output, that counts as the same. */
    public static final double TOLERANCE = 1e-4;

    private static final int SEED = 20;

    private final Path file;
    private final OrtSession session;

    private OnnxCheck(Path file, OrtSession session) {
        this.file = file;
        this.session = session;
    }

    /**
     * Opens a file.
     *
     * @param file an ONNX model
     * @return to be closed
     * @throws DataException if ONNX Runtime does not take it
     */
    public static OnnxCheck open(Path file) {
        try {
            return new OnnxCheck(file, OnnxRuntime.open(file));
        } catch (OrtException e) {
            throw new DataException(file + ": ONNX Runtime does not take it: " + e.getMessage(), e);
        }
    }

    /**
     * Requires that a file answers as what it was made from, on given input and on random input, of other sizes than it
     * was traced with where these are open.
     *
     * @param file an ONNX model
     * @param reference what it was made from
     * @param examples input
     * @param axes whose sizes are open; none for a model of fixed sizes
     * @param tolerance the largest difference relative to the largest output, such as {@link #TOLERANCE}
     * @return the largest difference found, relative to the largest absolute output
     * @throws DataException if the difference is larger than allowed
     * @throws NotFiniteException if what the file was made from answers NaN or infinity: nothing can be compared then
     */
    public static double require(
            Path file, UnaryOperator<NDList> reference, NDList examples, List<DynamicAxis> axes, double tolerance) {
        return require(file, reference, examples, axes, tolerance, true);
    }

    /**
     * Requires the same as {@link #require} on the examples alone, and on their samples repeated where sizes are open:
     * for what random numbers mean nothing to, such as boxes.
     *
     * @param file an ONNX model
     * @param reference what it was made from
     * @param examples input
     * @param axes whose sizes are open; none for a model of fixed sizes
     * @param tolerance the largest difference relative to the largest output
     * @return the largest difference found, relative to the largest absolute output
     * @throws DataException as the other method
     * @throws NotFiniteException as the other method
     */
    public static double requireOnExamples(
            Path file, UnaryOperator<NDList> reference, NDList examples, List<DynamicAxis> axes, double tolerance) {
        return require(file, reference, examples, axes, tolerance, false);
    }

    /** What the model answers in float32 and int64, owned by a manager. */
    NDList answers(NDList inputs, NDManager manager) {
        NDList answers = new NDList();
        run(inputs, (name, tensor) -> {
            TensorInfo info = tensor.getInfo();
            Buffer values = info.type == OnnxJavaType.INT64 ? tensor.getLongBuffer() : tensor.getFloatBuffer();
            answers.add(manager.create(values, new Shape(info.getShape())));
        });
        return answers;
    }

    private static double require(
            Path file,
            UnaryOperator<NDList> reference,
            NDList examples,
            List<DynamicAxis> axes,
            double tolerance,
            boolean randomToo) {
        double largest = 0;
        try (OnnxCheck check = open(file);
                NDManager manager = PyTorch.newManager()) {
            for (NDList inputs : inputs(examples, axes, randomToo, manager)) {
                NDList expected = reference.apply(inputs);
                requireFinite(file, expected, inputs);
                largest = Math.max(largest, check.difference(expected, inputs));
                if (!(largest <= tolerance)) {
                    throw new DataException(String.format(
                            Locale.ROOT,
                            "%s: ONNX Runtime's output differs by %.3g of the largest output, on input %s; expected at"
                                    + " most %.3g",
                            file,
                            largest,
                            inputs.get(0).getShape(),
                            tolerance));
                }
            }
        }
        return largest;
    }

    static void requireFinite(Path file, NDList expected, NDList inputs) {
        for (NDArray output : expected) {
            long odd = Arrays.stream(numbers(output))
                    .filter(value -> !Double.isFinite(value))
                    .count();
            if (odd > 0) {
                throw new NotFiniteException(file + ": expected finite outputs to compare, the model answers NaN or"
                        + " infinity in " + odd + " of " + output.size() + " values, on input "
                        + inputs.get(0).getShape() + "; look at its weights");
            }
        }
    }

    /** The examples; random ones in their sizes; and random ones, or the examples again, in other sizes. */
    static List<NDList> inputs(NDList examples, List<DynamicAxis> axes, boolean randomToo, NDManager manager) {
        Random random = new Random(SEED);
        List<NDList> inputs = new ArrayList<>(List.of(examples));
        if (randomToo) {
            inputs.add(shuffled(examples, random, manager));
        }
        if (!axes.isEmpty()) {
            for (int i = 0; i < 2; i++) {
                long more = i;
                List<Long> sizes = axes.stream()
                        .map(axis -> more == 0 ? axis.sizes().get(axis.sizes().size() - 1) : unseen(axis))
                        .toList();
                NDList resized = DynamicTrace.resized(examples, axes, sizes, manager);
                inputs.add(randomToo ? shuffled(resized, random, manager) : resized);
            }
        }
        return inputs;
    }

    /** A size that was not traced, between the others. */
    private static long unseen(DynamicAxis axis) {
        long size = axis.sizes().get(0) + 1;
        Set<Long> seen = new HashSet<>(axis.sizes());
        while (seen.contains(size)) {
            size++;
        }
        return axis.axis() == 0 ? size : axis.sizes().get(0);
    }

    /** Normal numbers; of whole numbers, which may be positions in a table, the same ones in another order. */
    private static NDList shuffled(NDList arrays, Random random, NDManager manager) {
        NDList shuffled = new NDList();
        for (NDArray array : arrays) {
            int size = Math.toIntExact(array.size());
            if (array.getDataType() == DataType.FLOAT32) {
                float[] numbers = new float[size];
                for (int i = 0; i < size; i++) {
                    numbers[i] = (float) random.nextGaussian();
                }
                shuffled.add(manager.create(numbers, array.getShape()));
            } else {
                long[] order = new long[size];
                for (int i = 0; i < size; i++) {
                    order[i] = random.nextInt(size);
                }
                NDArray taken = array.reshape(-1).get(manager.create(order)).reshape(array.getShape());
                taken.attach(manager);
                shuffled.add(taken);
            }
        }
        return shuffled;
    }

    /**
     * Compares.
     *
     * @param reference what the file was made from
     * @param inputs for both
     * @return the largest difference, relative to the largest absolute output; infinite where shapes differ
     */
    public double difference(UnaryOperator<NDList> reference, NDList inputs) {
        return difference(reference.apply(inputs), inputs);
    }

    private double difference(NDList expected, NDList inputs) {
        List<double[]> answered = run(inputs, expected);
        double largest = 0;
        for (int i = 0; i < answered.size(); i++) {
            largest = Math.max(largest, difference(answered.get(i), numbers(expected.get(i))));
        }
        return largest;
    }

    private static double difference(double[] answered, double[] expected) {
        double scale = 0;
        double apart = 0;
        for (int i = 0; i < expected.length; i++) {
            if (Double.isNaN(answered[i]) != Double.isNaN(expected[i])) {
                return Double.POSITIVE_INFINITY;
            } else if (answered[i] != expected[i] && !Double.isNaN(expected[i])) {
                apart = Math.max(apart, Math.abs(answered[i] - expected[i]));
            }
            if (Double.isFinite(expected[i])) {
                scale = Math.max(scale, Math.abs(expected[i]));
            }
        }
        return apart == 0 ? 0 : apart / Math.max(scale, Float.MIN_NORMAL);
    }

    private List<double[]> run(NDList inputs, NDList expected) {
        List<double[]> answered = new ArrayList<>();
        run(inputs, (name, tensor) -> {
            Shape shape = new Shape(tensor.getInfo().getShape());
            NDArray wanted = expected.get(answered.size());
            if (!shape.equals(wanted.getShape())) {
                throw new DataException(file + ": ONNX Runtime answers " + name + " of shape " + shape + " to input "
                        + inputs.get(0).getShape() + ", expected " + wanted.getShape());
            }
            answered.add(numbers(tensor));
        });
        return answered;
    }

    void run(NDList inputs, BiConsumer<String, OnnxTensor> outputs) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            int index = 0;
            for (String name : session.getInputNames()) {
                given.put(name, tensor(inputs.get(index++)));
            }
            if (index != inputs.size()) {
                throw new DataException(file + ": expected " + inputs.size() + " inputs, the model takes " + index);
            }
            try (OrtSession.Result result = session.run(given)) {
                for (Map.Entry<String, OnnxValue> output : result) {
                    outputs.accept(output.getKey(), (OnnxTensor) output.getValue());
                }
            }
        } catch (OrtException e) {
            throw new DataException(file + ": ONNX Runtime cannot run it: " + e.getMessage(), e);
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(NDArray array) throws OrtException {
        ByteBuffer elements = array.toByteBuffer();
        ByteBuffer bytes = ByteBuffer.allocateDirect(elements.remaining()).order(ByteOrder.nativeOrder());
        bytes.put(elements).flip();
        OnnxJavaType type = switch (array.getDataType()) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case INT64 -> OnnxJavaType.INT64;
            case INT32 -> OnnxJavaType.INT32;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOLEAN -> OnnxJavaType.BOOL;
            default ->
                throw new IllegalArgumentException(
                        "expected input of floats, whole numbers or truth values, got " + array.getDataType());
        };
        return OnnxTensor.createTensor(
                OnnxRuntime.environment(), bytes, array.getShape().getShape(), type);
    }

    static double[] numbers(OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
        double[] numbers = new double[Math.toIntExact(info.getNumElements())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = switch (info.type) {
                case FLOAT -> bytes.getFloat();
                case DOUBLE -> bytes.getDouble();
                case INT64 -> bytes.getLong();
                case INT32 -> bytes.getInt();
                case INT16 -> bytes.getShort();
                case INT8 -> bytes.get();
                case UINT8, BOOL -> bytes.get() & 0xFF;
                default -> throw new IllegalArgumentException("expected output of numbers, got " + info.type);
            };
        }
        return numbers;
    }

    private static double[] numbers(NDArray array) {
        if (array.getDataType() == DataType.FLOAT64) {
            return array.toDoubleArray();
        }
        try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray();
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new DataException(file + ": ONNX Runtime cannot close it: " + e.getMessage(), e);
        }
    }
}
