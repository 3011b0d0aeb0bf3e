package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing;
import djinn.export.onnx.OnnxCheck;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.Graph;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * An ONNX file that gets its name only once it was compared with the model.
 *
 * @param to its name
 * @param options how it is written
 * @param check whether it is compared
 */
record OnnxExport(Path to, OnnxOptions options, boolean check) {

    /**
     * Writes into a folder beside the target, checks, and moves what was written into its place.
     *
     * @param graph what is written
     * @param preprocessing normalises the images of a file that takes bytes
     * @param reference what the file must answer as
     * @param example an input, (N, C, H, W)
     * @param axes whose sizes are open
     * @return what came of it, as a line
     * @throws DataException if writing fails, or the file answers otherwise
     */
    String write(
            Graph graph,
            Preprocessing preprocessing,
            UnaryOperator<NDList> reference,
            NDList example,
            List<DynamicAxis> axes) {
        UnaryOperator<NDList> expected = options.softmax() ? probabilities(reference) : reference;
        Path parent = to.toAbsolutePath().getParent();
        Path unchecked = null;
        try {
            unchecked = Files.createTempDirectory(parent, ".export");
            Path file = unchecked.resolve(to.getFileName().toString());
            OnnxWriter.write(graph, file, options);
            String outcome = check
                    ? String.format(
                            Locale.ROOT,
                            "ONNX Runtime differs by at most %.2g of the largest output",
                            options.pixels().isPresent()
                                    ? checked(file, ofPixels(expected, preprocessing), bytes(example), axes)
                                    : checked(file, expected, example, axes))
                    : "not checked";
            move(unchecked, parent);
            return to + ": opset " + options.opset() + ", " + outcome;
        } catch (IOException e) {
            throw new DataException("cannot write " + to + ": " + AtomicFile.reason(e), e);
        } finally {
            if (unchecked != null) {
                delete(unchecked);
            }
        }
    }

    private double checked(Path file, UnaryOperator<NDList> reference, NDList example, List<DynamicAxis> axes) {
        try {
            return OnnxCheck.require(file, reference, example, axes, OnnxCheck.TOLERANCE);
        } catch (NotFiniteException e) {
            throw new NotFiniteException(
                    e.getMessage().replace(file.toString(), to.toString()) + "; nothing was written");
        } catch (DataException e) {
            // under the name it would have had
            throw new DataException(
                    e.getMessage().replace(file.toString(), to.toString()) + "; nothing was written", e);
        }
    }

    /** Images of random bytes, (N, H, W, C), as many and as large as an example (N, C, H, W). */
    private static NDList bytes(NDList example) {
        Shape shape = example.head().getShape();
        Shape images = new Shape(shape.get(0), shape.get(2), shape.get(3), shape.get(1));
        return new NDList(example.getManager()
                .randomInteger(0, 256, images, DataType.INT32)
                .toType(DataType.UINT8, false));
    }

    private static UnaryOperator<NDList> ofPixels(UnaryOperator<NDList> reference, Preprocessing preprocessing) {
        return inputs -> {
            NDManager manager = inputs.getManager();
            NDArray images =
                    inputs.head().toType(DataType.FLOAT32, false).div(255).transpose(0, 3, 1, 2);
            return reference.apply(new NDList(images.sub(perChannel(preprocessing.mean(), manager))
                    .div(perChannel(preprocessing.std(), manager))));
        };
    }

    private static NDArray perChannel(List<Double> values, NDManager manager) {
        float[] floats = new float[values.size()];
        for (int c = 0; c < floats.length; c++) {
            floats[c] = values.get(c).floatValue();
        }
        return manager.create(floats, new Shape(floats.length, 1, 1));
    }

    private static UnaryOperator<NDList> probabilities(UnaryOperator<NDList> reference) {
        return inputs -> {
            NDList probabilities = new NDList();
            for (NDArray logits : reference.apply(inputs)) {
                probabilities.add(logits.softmax(1));
            }
            return probabilities;
        };
    }

    /** The weights beside the model first, so that no model is without them. */
    private void move(Path unchecked, Path parent) throws IOException {
        String name = to.getFileName().toString();
        for (String each : List.of(name + ".data", name)) {
            if (Files.exists(unchecked.resolve(each))) {
                Files.move(
                        unchecked.resolve(each),
                        parent.resolve(each),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // what led here is the outcome to report
        }
    }
}
