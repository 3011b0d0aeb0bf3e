package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.export.torchscript.FrozenBlock;
import djinn.export.trace.BatchNormFolding;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.NativeHeap;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.ModelEntry;
import djinn.zoo.nn.ArrayBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The inference that users of this package get, on random input that stays in memory: for benchmarks. */
public final class ForwardBenchmark implements AutoCloseable {

    private final NDManager manager;
    private final Runnable forward;
    private final Runnable release;

    private ForwardBenchmark(NDManager manager, Runnable forward, Runnable release) {
        this.manager = manager;
        this.forward = forward;
        this.release = release;
    }

    /**
     * Prepares a model with random weights.
     *
     * @param entry a model
     * @param engine what computes it: PyTorch frozen, ONNX Runtime from a folded file
     * @param batch N
     * @param size H and W
     * @return the benchmark, to be closed
     */
    public static ForwardBenchmark of(ModelEntry entry, Engine engine, int batch, int size) {
        NativeHeap.keepFreedMemory();
        NDManager manager = PyTorch.newManager();
        try {
            Randomness.seed(0);
            ArrayBlock model = entry.build();
            model.initialize(manager);
            NDArray input =
                    manager.randomNormal(0f, 1f, new Shape(batch, entry.channels(), size, size), DataType.FLOAT32);
            if (engine == Engine.PYTORCH) {
                FrozenBlock frozen = FrozenBlock.of(model, input.getShape());
                return new ForwardBenchmark(manager, () -> forward(frozen, input), frozen::close);
            }
            OnnxBackend session = session(model, input);
            Tensor given = direct(input);
            return new ForwardBenchmark(manager, () -> session.forward(List.of(given)), session::close);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static void forward(FrozenBlock frozen, NDArray input) {
        try (NDManager call = input.getManager().newSubManager()) {
            NDArray x = input.reshape(input.getShape());
            x.attach(call);
            frozen.forward(new NDList(x));
        }
    }

    private static OnnxBackend session(ArrayBlock model, NDArray input) {
        try {
            Path file = Files.createTempFile("djinn-benchmark", ".onnx");
            try (Graph graph = DynamicTrace.trace(model, new NDList(input), List.of(DynamicAxis.BATCH))) {
                OnnxWriter.write(BatchNormFolding.apply(graph), file, OnnxOptions.DEFAULT);
                return OnnxBackend.open(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new DataException("cannot write a model for ONNX Runtime: " + AtomicFile.reason(e), e);
        }
    }

    /** In memory that ONNX Runtime takes as it is, like that of {@link ImageClassifier}. */
    private static Tensor direct(NDArray array) {
        byte[] values = array.toByteArray();
        ByteBuffer bytes = ByteBuffer.allocateDirect(values.length).order(ByteOrder.nativeOrder());
        return new Tensor(bytes.put(values).flip().order(ByteOrder.nativeOrder()), array.getShape(), DataType.FLOAT32);
    }

    /** Runs the model and waits for its result. */
    public void step() {
        forward.run();
    }

    /** Frees the model and the input. */
    @Override
    public void close() {
        release.run();
        manager.close();
    }
}
