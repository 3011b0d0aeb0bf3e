package djinn.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import djinn.export.onnx.OnnxCheck;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.golden.Formula;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.onnx.global.onnx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Blocks written as ONNX and compared with the engine, for batches of any size. */
public abstract class OnnxExports {

    private static final double CLOSE = 1e-5;

    protected static final Shape MATRIX = new Shape(2, 3, 4);
    protected static final Shape IMAGE = new Shape(2, 4, 6, 7);

    @TempDir
    protected Path folder;

    protected final NDManager manager = PyTorch.newManager();

    @AfterEach
    protected void close() {
        manager.close();
    }

    /** ONNX's own checker, shapes too. */
    protected static void assertObeysTheRulesOfOnnx(Path file) {
        onnx.check_model(new BytePointer(file.toString()), true, false, false);
    }

    protected static Block lambda(Function<NDArray, NDArray> function) {
        return new LambdaBlock(inputs -> new NDList(function.apply(inputs.singletonOrThrow())));
    }

    protected NDList forward(Block block, NDList inputs) {
        NDList copies = new NDList(inputs.stream().map(NDArray::duplicate).toList());
        return block.forward(new ParameterStore(manager, false), copies, false);
    }

    protected NDList example(Shape... shapes) {
        return new NDList(IntStream.range(0, shapes.length)
                .mapToObj(i -> Formula.input(manager, "x" + i, shapes[i]))
                .toList());
    }

    protected static NDList batch(NDList examples, long size) {
        return DynamicTrace.resized(examples, List.of(DynamicAxis.BATCH), List.of(size), examples.getManager());
    }

    protected void initialise(Block block, NDList inputs) {
        if (!block.isInitialized()) {
            Randomness.seed(3);
            block.initialize(manager, DataType.FLOAT32, inputs.getShapes());
            // zeros and ones of fresh biases and normalisations would hide mistakes
            block.getParameters().forEach(entry -> {
                NDArray array = entry.getValue().getArray();
                if (array.getShape().dimension() == 1) {
                    boolean positive = entry.getKey().matches(".*(Var|gamma)");
                    NDArray values = Formula.input(manager, entry.getKey(), array.getShape())
                            .mul(.5f);
                    array.set((positive ? values.add(1) : values).toByteBuffer());
                }
            });
        }
    }

    protected Path write(Block block, NDList inputs, OnnxOptions options) {
        Path file = folder.resolve("model.onnx");
        try (Graph graph = DynamicTrace.trace(block, inputs, List.of(DynamicAxis.BATCH))) {
            OnnxWriter.write(graph, file, options);
        }
        return file;
    }

    protected void assertExported(Block block, NDList inputs, OnnxOptions options) {
        initialise(block, inputs);
        Path file = write(block, inputs, options);
        assertObeysTheRulesOfOnnx(file);
        try (OnnxCheck check = OnnxCheck.open(file)) {
            for (long size : new long[] {1, 2, 5}) {
                assertThat(check.difference(given -> forward(block, given), batch(inputs, size)))
                        .as("batch of %d", size)
                        .isLessThanOrEqualTo(CLOSE);
            }
        }
    }

    protected void assertExported(Block block, Shape shape) {
        assertExported(block, example(shape), OnnxOptions.DEFAULT);
    }

    protected static final Shape PHOTO = new Shape(2, 3, 32, 32);

    protected static Block convolutional() {
        return new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(6)
                        .optPadding(new Shape(1, 1))
                        .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(8)
                        .optGroups(2)
                        .optBias(false)
                        .build())
                .add(BatchNorm.builder().optEpsilon(1e-3f).build())
                .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(5).build());
    }

    protected static ModelProto read(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file));
    }

    protected static Stream<String> ops(ModelProto model) {
        return model.getGraph().getNodeList().stream().map(NodeProto::getOpType);
    }
}
