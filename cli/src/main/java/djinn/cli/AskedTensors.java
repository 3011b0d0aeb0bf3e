package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.inference.TensorModel;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.detection.DetectorHeads;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Regions;
import djinn.zoo.weights.FiniteCheck;
import djinn.zoo.weights.Safetensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs a model on every array of a safetensors file, and writes what it computes to another.
 *
 * @param from what is read
 * @param to what is written
 * @param warnings told of outputs that are no finite numbers
 */
record AskedTensors(Path from, Path to, Consumer<String> warnings) {

    /** What a detector of two stages looks at in place of what it proposes. */
    private static final String REGIONS = "roi.proposals";

    /**
     * Writes outputs under the names of the arrays, with NAME.0, NAME.1 and so on where there are several.
     *
     * @throws DataException if a file cannot be read or written, or two outputs have one name
     * @throws IllegalArgumentException if the model does not take an array
     */
    void ask(TensorModel model) {
        try (Safetensors inputs = Safetensors.open(from);
                NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> answers = new LinkedHashMap<>();
            for (String name : inputs.names()) {
                NDList outputs = run(model, name, inputs.read(manager, name));
                for (int i = 0; i < outputs.size(); i++) {
                    String key = outputs.size() == 1 ? name : name + "." + i;
                    if (answers.put(key, outputs.get(i)) != null) {
                        throw new DataException(
                                from + ": expected other names, two outputs are called '" + key + "'; rename one");
                    }
                }
            }
            write(answers);
        }
    }

    private static NDList run(TensorModel model, String name, NDArray input) {
        try (input) {
            return model.forward(input);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor '" + name + "': " + e.getMessage(), e);
        }
    }

    /**
     * Writes what a detector computes before boxes are selected, under the names of its heads.
     *
     * @throws DataException if a file cannot be read or written, or its regions are none
     * @throws IllegalArgumentException if the detector does not take an array
     */
    void askHeads(Detector detector) {
        try (Safetensors inputs = Safetensors.open(from);
                NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> answers = new LinkedHashMap<>();
            Regions regions = regions(inputs, manager);
            List<String> images = inputs.names().stream()
                    .filter(name -> !name.equals(REGIONS))
                    .toList();
            for (String name : images) {
                String prefix = images.size() == 1 ? "" : name + ".";
                try (NDArray input = inputs.read(manager, name)) {
                    DetectorHeads.of(detector, input, regions)
                            .forEach((head, values) -> answers.put(prefix + head, values));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("tensor '" + name + "': " + e.getMessage(), e);
                }
            }
            write(answers);
        }
    }

    private Regions regions(Safetensors inputs, NDManager manager) {
        if (!inputs.names().contains(REGIONS)) {
            return Regions.PROPOSED;
        }
        NDArray given = inputs.read(manager, REGIONS);
        Shape shape = given.getShape();
        if (shape.dimension() != 2 || shape.get(1) != 5 || given.getDataType() != DataType.FLOAT32) {
            throw new DataException(
                    from + ": expected " + REGIONS + " as (R, 5), float32: the image's index, x1, y1, x2," + " y2; got "
                            + given.getDataType() + " " + shape);
        }
        return (proposed, stage) -> given;
    }

    private void write(Map<String, NDArray> answers) {
        Safetensors.write(to, answers, Map.of());
        List<String> faults = FiniteCheck.faults(answers);
        if (!faults.isEmpty()) {
            warnings.accept("warning: " + to + ": " + FiniteCheck.words(faults, answers.size()));
        }
    }
}
