package djinn.inference;

import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import djinn.data.Preprocessing;
import djinn.ops.PyTorch;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Models small enough for tests: a Network in Network of chance weights, and an ONNX file whose answers can be told. */
final class TinyModels {

    /** Of the ONNX file: the logit of class k is WEIGHTS[k] times the mean of the preprocessed image, plus BIAS[k]. */
    static final float[] WEIGHTS = {1, -1, 2};

    static final float[] BIAS = {0, .5f, -.25f};

    static final List<String> NAMES = List.of("one", "two", "three");

    private TinyModels() {}

    /** The preprocessing of both: grey, 8x8, (v / 255 - 0.5) / 0.5. */
    static Preprocessing grey() {
        return new Preprocessing(8, 8, 1, List.of(.5), List.of(.5), Preprocessing.Fit.CROP, 1);
    }

    static ModelCard digitsCard() {
        return new ModelCard("nin_small", List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), grey());
    }

    static ModelCard onnxCard() {
        return new ModelCard("tiny", NAMES, grey());
    }

    /** A folder as a run leaves it, as far as inference looks into it. */
    static Path run(Path parent) throws IOException {
        Path run = Files.createDirectories(parent.resolve("run"));
        Files.writeString(run.resolve("recipe.yaml"), "");
        weights(run.resolve("best.safetensors"), digitsCard().toMetadata());
        return run;
    }

    static Path weights(Path file, Map<String, String> metadata) {
        try (NDManager manager = PyTorch.newManager()) {
            ArrayBlock model = digitsCard().newModel();
            model.initialize(manager);
            Safetensors.write(file, StateDict.of(model), metadata);
        }
        return file;
    }

    /** What is to be varied of the ONNX file. */
    record Onnx(
            String input,
            long batch,
            long channels,
            String operator,
            String external,
            boolean softmax,
            Map<String, String> metadata) {

        static Onnx usual() {
            return new Onnx("input", -1, 1, "Conv", "", false, onnxCard().toMetadata());
        }

        Onnx withInput(String name) {
            return new Onnx(name, batch, channels, operator, external, softmax, metadata);
        }

        Onnx withBatch(long size) {
            return new Onnx(input, size, channels, operator, external, softmax, metadata);
        }

        Onnx withChannels(long count) {
            return new Onnx(input, batch, count, operator, external, softmax, metadata);
        }

        Onnx withOperator(String name) {
            return new Onnx(input, batch, channels, name, external, softmax, metadata);
        }

        Onnx withExternal(String file) {
            return new Onnx(input, batch, channels, operator, file, softmax, metadata);
        }

        Onnx withSoftmax() {
            return new Onnx(input, batch, channels, operator, external, true, metadata);
        }

        Onnx withMetadata(Map<String, String> entries) {
            return new Onnx(input, batch, channels, operator, external, softmax, entries);
        }

        /** A 1x1 convolution, the mean over the image, and (N, K, 1, 1) made (N, K). */
        Path write(Path file) throws IOException {
            OnnxMl.TensorProto.Builder weights = OnnxMl.TensorProto.newBuilder()
                    .setName("w")
                    .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                    .addDims(3)
                    .addDims(channels)
                    .addDims(1)
                    .addDims(1);
            float[] values = new float[3 * (int) channels];
            for (int k = 0; k < 3; k++) {
                java.util.Arrays.fill(values, k * (int) channels, (k + 1) * (int) channels, WEIGHTS[k]);
            }
            if (external.isEmpty()) {
                weights.setRawData(bytes(values));
            } else {
                weights.setDataLocation(OnnxMl.TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(entry("location", external));
            }
            OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder()
                    .setName("tiny")
                    .addInput(value(input, batch, channels, 8, 8))
                    .addOutput(value("output", batch, 3))
                    .addInitializer(weights)
                    .addInitializer(OnnxMl.TensorProto.newBuilder()
                            .setName("b")
                            .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                            .addDims(3)
                            .setRawData(bytes(BIAS)))
                    .addNode(node(operator, "conv", input, "w", "b"))
                    .addNode(node("GlobalAveragePool", "mean", "conv"))
                    .addNode(node("Flatten", softmax ? "logits" : "output", "mean"));
            if (softmax) {
                graph.addNode(node("Softmax", "output", "logits"));
            }
            OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.newBuilder()
                    .setIrVersion(8)
                    .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(17))
                    .setGraph(graph);
            metadata.forEach((key, text) -> model.addMetadataProps(entry(key, text)));
            return Files.write(file, model.build().toByteArray());
        }

        static ByteString bytes(float... values) {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return ByteString.copyFrom(bytes);
        }

        private static OnnxMl.StringStringEntryProto entry(String key, String value) {
            return OnnxMl.StringStringEntryProto.newBuilder()
                    .setKey(key)
                    .setValue(value)
                    .build();
        }

        private static OnnxMl.NodeProto node(String operator, String output, String... inputs) {
            return OnnxMl.NodeProto.newBuilder()
                    .setOpType(operator)
                    .setName(output)
                    .addAllInput(List.of(inputs))
                    .addOutput(output)
                    .build();
        }

        private static OnnxMl.ValueInfoProto value(String name, long... extents) {
            OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
            for (long extent : extents) {
                OnnxMl.TensorShapeProto.Dimension.Builder dimension = OnnxMl.TensorShapeProto.Dimension.newBuilder();
                shape.addDim(extent < 0 ? dimension.setDimParam("batch") : dimension.setDimValue(extent));
            }
            return OnnxMl.ValueInfoProto.newBuilder()
                    .setName(name)
                    .setType(OnnxMl.TypeProto.newBuilder()
                            .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder()
                                    .setElemType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                                    .setShape(shape)))
                    .build();
        }
    }
}
