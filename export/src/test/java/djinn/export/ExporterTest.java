package djinn.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.onnx.proto.OnnxMl.ModelProto;
import djinn.export.onnx.OnnxOptions;
import djinn.export.torchscript.TorchScriptFile;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.TraceException;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import djinn.ops.ScriptModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A block becomes a file that was compared, or none. */
final class ExporterTest extends OnnxExports {

    private static final Exporter.Settings DEFAULT = Exporter.Settings.DEFAULT;

    private Block linear() {
        Block block = Linear.builder().setUnits(3).build();
        initialise(block, example(MATRIX));
        return block;
    }

    private void assertFiles(String... names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(names);
        }
    }

    @Test
    void aBlockBecomesAFileThatWasCompared() throws IOException {
        Path file = folder.resolve("block.onnx");
        Exporter.Exported exported = Exporter.write(linear(), example(MATRIX), file, DEFAULT);
        assertThat(exported.file()).isEqualTo(file);
        assertThat(exported.opset()).hasValue(17);
        assertThat(exported.difference().orElseThrow()).isBetween(0., 1e-5);
        assertThat(exported.keptInFloat32()).isEmpty();
        ModelProto model = read(file);
        assertThat(model.getGraph()
                        .getInput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDim(0)
                        .getDimParam())
                .isEqualTo("batch");
        Exporter.write(linear(), example(MATRIX), file, DEFAULT.withOpen());
        assertThat(read(file)
                        .getGraph()
                        .getInput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDim(0)
                        .getDimValue())
                .isEqualTo(2);
        assertFiles("block.onnx");
    }

    @Test
    void imagesOfBytesBecomeProbabilities() throws IOException {
        Block block = convolutional();
        initialise(block, example(PHOTO));
        OnnxOptions.Pixels pixels = new OnnxOptions.Pixels(List.of(.5, .4, .3), List.of(.2, .25, .3));
        OnnxOptions options =
                OnnxOptions.DEFAULT.withPixels(pixels).withSoftmax().withExternalFrom(0);
        Exporter.Exported exported = Exporter.write(
                block,
                example(PHOTO),
                folder.resolve("app.onnx"),
                DEFAULT.withOptions(options).withFolding());
        assertThat(exported.difference().orElseThrow()).isLessThan(1e-4);
        assertThat(ops(read(folder.resolve("app.onnx"))))
                .contains("Softmax", "Transpose")
                .doesNotContain("BatchNormalization");
        assertFiles("app.onnx", "app.onnx.data");
    }

    @Test
    void normalisationIsArithmetic() {
        OnnxOptions.Pixels pixels = new OnnxOptions.Pixels(List.of(.5, 0.), List.of(.25, 1.));
        NDArray images = manager.create(new float[] {0, 255, 51, 102}, new Shape(1, 1, 2, 2));
        NDArray normalised = pixels.normalised(images.toType(DataType.UINT8, false));
        assertThat(normalised.getShape()).isEqualTo(new Shape(1, 2, 1, 2));
        assertThat(normalised.toFloatArray()).containsExactly(-2, -1.2f, 1, .4f);
    }

    @Test
    void halfWeightsTellWhatTheyCannotHold() {
        Block block = new SequentialBlock()
                .add(Linear.builder().setUnits(3).optBias(false).build())
                .add(Linear.builder().setUnits(2).optBias(false).build());
        initialise(block, example(MATRIX));
        block.getParameters().valueAt(0).getArray().muli(1e6);
        OnnxOptions half = OnnxOptions.DEFAULT.withHalfWeights();
        for (String name : List.of("half.onnx", "half.pt")) {
            Exporter.Exported exported =
                    Exporter.write(block, example(MATRIX), folder.resolve(name), DEFAULT.withOptions(half));
            assertThat(exported.keptInFloat32())
                    .containsExactly(block.getParameters().keyAt(0));
        }
    }

    @Test
    void torchScriptKeepsTheMetadata() {
        Path file = folder.resolve("block.pt");
        Block block = linear();
        Exporter.Exported exported = Exporter.write(
                block,
                example(MATRIX),
                file,
                DEFAULT.withOptions(OnnxOptions.DEFAULT.withMetadata(Map.of("by", "\"me\""))));
        assertThat(exported.opset()).isEmpty();
        assertThat(exported.difference()).isEmpty();
        assertThat(TorchScriptFile.extra(file, Exporter.METADATA)).hasValue("{\"by\":\"\\\"me\\\"\"}");
        try (ScriptModule module = ScriptModule.load(manager, file)) {
            assertThat(module.forward(batch(example(MATRIX), 5)).head())
                    .isEqualTo(forward(block, batch(example(MATRIX), 5)).head());
        }
    }

    @Test
    void positionsAreComparedOnTheExampleAlone() {
        Block block = new LambdaBlock(inputs ->
                new NDList(inputs.get(0).gather(inputs.get(1).toType(DataType.INT64, false), 1)));
        NDList inputs = example(new Shape(2, 4));
        inputs.add(manager.create(new float[] {3, 0, 1, 1, 2, 3}, new Shape(2, 3)));
        Path file = folder.resolve("block.onnx");
        assertThatThrownBy(() -> Exporter.write(block, inputs, file, DEFAULT))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("Check.EXAMPLE");
        assertThat(file).doesNotExist();
        assertThat(Exporter.write(block, inputs, file, DEFAULT.withCheck(Exporter.Check.EXAMPLE))
                        .difference())
                .hasValue(0);
        assertThat(Exporter.write(block, inputs, file, DEFAULT.withCheck(Exporter.Check.NONE))
                        .difference())
                .isEmpty();
    }

    @Test
    void anAxisMayBeOfOneInputAlone() throws IOException {
        Block block = new LambdaBlock(
                inputs -> new NDList(inputs.get(0).matMul(inputs.get(1).transpose())));
        NDList inputs = example(new Shape(2, 4), new Shape(3, 4));
        Path file = folder.resolve("block.onnx");
        Exporter.write(
                block,
                inputs,
                file,
                DEFAULT.withOpen(
                        DynamicAxis.BATCH.ofInput(0), new DynamicAxis("others", 0, List.of(3L, 4L, 7L)).ofInput(1)));
        assertThat(read(file)
                        .getGraph()
                        .getOutput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDimList())
                .extracting(dimension -> dimension.getDimParam())
                .containsExactly("batch", "others");
    }

    @Test
    void mistakesLeaveWhatWasThere() throws IOException {
        Path file = Files.writeString(folder.resolve("old.onnx"), "old");
        Block broken = linear();
        broken.getParameters().valueAt(0).getArray().muli(Float.NaN);
        assertThatThrownBy(() -> Exporter.write(broken, example(MATRIX), file, DEFAULT))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("it answers NaN to its example")
                .hasMessageNotContaining("\n");
        Block reading = lambda(x -> x.mul(x.sum().getFloat()));
        assertThatThrownBy(() -> Exporter.write(reading, example(MATRIX), file, DEFAULT))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("'getFloat' reads values")
                .hasMessageContaining("LambdaBlock.forwardInternal:");
        assertThat(file).hasContent("old");
        assertFiles("old.onnx");

        Path script = folder.resolve("x.pt");
        Exporter.Settings softmax = DEFAULT.withOptions(OnnxOptions.DEFAULT.withSoftmax());
        assertThatThrownBy(() -> Exporter.write(linear(), example(MATRIX), script, softmax))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with a file .onnx");
        assertThatThrownBy(() -> Exporter.write(linear(), example(MATRIX), folder.resolve("x.tflite"), DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a file .onnx or .pt");
        assertThatThrownBy(() -> Exporter.write(linear(), example(MATRIX), folder.resolve("no/x.onnx"), DEFAULT))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("x.onnx");
    }
}
