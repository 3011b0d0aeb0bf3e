package djinn.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import djinn.export.Exporter;
import djinn.ops.PyTorch;
import java.nio.file.Path;

/** Exports a DJL block that Djinn has never heard of to ONNX, for batches of any size: {@code ExportYourBlock f.onnx}. */
public final class ExportYourBlock {

    private ExportYourBlock() {}

    /** What one's own code may look like: DJL's blocks, and arrays as one likes. */
    private static Block block() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(16).build())
                .add(Activation.reluBlock())
                .add(new LambdaBlock(inputs -> {
                    NDArray x = inputs.singletonOrThrow();
                    NDArray halves = x.reshape(x.getShape().get(0), 2, -1); // (N, 2, 8)
                    return new NDList(halves.get(":, 0").mul(halves.get(":, 1").softmax(1)));
                }));
    }

    /**
     * Runs the example.
     *
     * @param args the ONNX file to write
     */
    public static void main(String[] args) {
        Path file = Path.of(args[0]);
        try (NDManager manager = PyTorch.newManager()) {
            Block block = block();
            NDList example = new NDList(manager.randomNormal(new Shape(2, 4)));
            block.initialize(manager, DataType.FLOAT32, example.head().getShape());
            Exporter.Exported exported = Exporter.write(block, example, file, Exporter.Settings.DEFAULT);
            System.out.println(
                    "ONNX Runtime differs by " + exported.difference().orElseThrow());
        }
    }
}
