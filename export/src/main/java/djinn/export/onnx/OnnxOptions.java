package djinn.export.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxSelection;
import djinn.ops.Scalars;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a graph is written as ONNX.
 *
 * @param opset the version of ONNX's operations, 17 to 21
 * @param halfWeights whether weights of two or more axes are kept in half precision, and widened when the file is
 *     opened; computing stays in single
 * @param softmax whether the output becomes probabilities, along axis 1
 * @param pixels how images of bytes become the input, if the file is to take such
 * @param externalFrom bytes of weights from which on they go to a file of their own, the file's name with
 *     {@code .data} behind; a file above 2 GB could not be read
 * @param metadata entries of {@code metadata_props}
 * @param selection how boxes are selected, of a model that answers boxes (N, A, 4) and scores (N, A, K), if the file is to
 *     do that itself; see {@link #withSelection}
 * @param names of the inputs and outputs
 */
public record OnnxOptions(
        int opset,
        boolean halfWeights,
        boolean softmax,
        Optional<Pixels> pixels,
        long externalFrom,
        Map<String, String> metadata,
        Optional<BoxSelection> selection,
        Names names) {

    /** What is written if nothing else is asked for: opset 17, single precision, one file below 2 GB. */
    public static final OnnxOptions DEFAULT = new OnnxOptions(
            17,
            false,
            false,
            Optional.empty(),
            Integer.MAX_VALUE - (64L << 20),
            Map.of(),
            Optional.empty(),
            Names.USUAL);

    private static final int OLDEST = 17;
    private static final int NEWEST = 21;

    /**
     * What inputs and outputs are called in the file.
     *
     * @param inputs one name for each, all different; none for the usual ones, see {@link OnnxWriter}
     * @param outputs one name for each, all different; none for the usual ones; what a selection of boxes answers has its own
     */
    public record Names(List<String> inputs, List<String> outputs) {

        /** None. */
        public static final Names USUAL = new Names(List.of(), List.of());

        /**
         * Checks that names differ.
         *
         * @throws IllegalArgumentException if two are the same
         */
        public Names {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
            List<String> all = new ArrayList<>(inputs);
            all.addAll(outputs);
            if (new HashSet<>(all).size() < all.size()) {
                throw new IllegalArgumentException("expected names of inputs and outputs that differ, got " + all);
            }
        }

        /** The name of one of some arrays. */
        static String of(List<String> given, int index, int count, String usual) {
            if (!given.isEmpty() && given.size() != count) {
                throw new IllegalArgumentException("expected " + count + " names for each " + usual + ", got " + given);
            }
            return given.isEmpty() ? usual + (count == 1 ? "" : index) : given.get(index);
        }
    }

    /**
     * Images of bytes (N, H, W, C), from 0 to 255, become {@code (value / 255 - mean) / std} in (N, C, H, W).
     *
     * @param mean one per channel, of values from 0 to 1
     * @param std one per channel, above 0
     */
    public record Pixels(List<Double> mean, List<Double> std) {

        /** Checks that there is one of each per channel. */
        public Pixels {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            if (mean.isEmpty() || mean.size() != std.size() || !std.stream().allMatch(s -> s > 0)) {
                throw new IllegalArgumentException(
                        "expected a mean and a standard deviation above 0 per channel, got " + mean + " and " + std);
            }
        }

        /**
         * Computes what a file for images of bytes does to them first.
         *
         * @param images uint8 (N, H, W, C)
         * @return float32 (N, C, H, W), owned by the images' manager
         */
        public NDArray normalised(NDArray images) {
            NDManager manager = images.getManager();
            NDArray planes =
                    Scalars.div(images.toType(DataType.FLOAT32, false), 255).transpose(0, 3, 1, 2);
            return planes.sub(perChannel(mean, manager)).div(perChannel(std, manager));
        }

        private static NDArray perChannel(List<Double> values, NDManager manager) {
            float[] floats = new float[values.size()];
            for (int c = 0; c < floats.length; c++) {
                floats[c] = values.get(c).floatValue();
            }
            return manager.create(floats, new Shape(floats.length, 1, 1));
        }
    }

    /**
     * Checks the opset.
     *
     * @throws IllegalArgumentException if it is none of 17 to 21, or softmax and a selection are asked for
     */
    public OnnxOptions {
        if (opset < OLDEST || opset > NEWEST) {
            throw new IllegalArgumentException("expected an opset from " + OLDEST + " to " + NEWEST + ", got " + opset);
        }
        if (softmax && selection.isPresent()) {
            throw new IllegalArgumentException("expected probabilities or a selection of boxes, got both");
        }
        metadata = new LinkedHashMap<>(metadata);
    }

    /** Returns the same with another opset. */
    public OnnxOptions withOpset(int other) {
        return new OnnxOptions(other, halfWeights, softmax, pixels, externalFrom, metadata, selection, names);
    }

    /** Returns the same with weights in half precision. */
    public OnnxOptions withHalfWeights() {
        return new OnnxOptions(opset, true, softmax, pixels, externalFrom, metadata, selection, names);
    }

    /** Returns the same with probabilities for an output. */
    public OnnxOptions withSoftmax() {
        return new OnnxOptions(opset, halfWeights, true, pixels, externalFrom, metadata, selection, names);
    }

    /** Returns the same for images of bytes. */
    public OnnxOptions withPixels(Pixels other) {
        return new OnnxOptions(
                opset, halfWeights, softmax, Optional.of(other), externalFrom, metadata, selection, names);
    }

    /** Returns the same with weights in a file of their own from so many bytes on. */
    public OnnxOptions withExternalFrom(long bytes) {
        return new OnnxOptions(opset, halfWeights, softmax, pixels, bytes, metadata, selection, names);
    }

    /** Returns the same with other metadata. */
    public OnnxOptions withMetadata(Map<String, String> other) {
        return new OnnxOptions(opset, halfWeights, softmax, pixels, externalFrom, other, selection, names);
    }

    /**
     * Returns the same with boxes selected. The outputs are then, of M boxes, the most that are selected, or fewer where
     * there are fewer scores: {@code boxes}, float32 (N, M, 4), {@code scores}, float32 (N, M), and {@code labels}, int64
     * (N, M), by falling score, and {@code counts}, int64 (N), how many of the M are an image's; the others are zeros.
     *
     * @param rule as {@link BoxSelection#select} does it
     */
    public OnnxOptions withSelection(BoxSelection rule) {
        return new OnnxOptions(opset, halfWeights, softmax, pixels, externalFrom, metadata, Optional.of(rule), names);
    }

    /** Returns the same with boxes as the model has them. */
    public OnnxOptions withoutSelection() {
        return new OnnxOptions(opset, halfWeights, softmax, pixels, externalFrom, metadata, Optional.empty(), names);
    }

    /** Returns the same with other names of inputs and outputs. */
    public OnnxOptions withNames(Names other) {
        return new OnnxOptions(opset, halfWeights, softmax, pixels, externalFrom, metadata, selection, other);
    }
}
