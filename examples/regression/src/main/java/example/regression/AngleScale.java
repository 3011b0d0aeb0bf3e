package example.regression;

import ai.djl.ndarray.NDArray;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Map;

/**
 * How the network's answers stand to degrees: -1 is the least, 1 the most.
 *
 * @param least degrees
 * @param most degrees, above the least
 */
record AngleScale(double least, double most) {

    private static final String LEAST = "regression.least";
    private static final String MOST = "regression.most";

    /** Checks that there is something between. */
    AngleScale {
        if (!(most > least)) {
            throw new IllegalArgumentException("expected a most above the least, got " + least + " to " + most);
        }
    }

    private double middle() {
        return (least + most) / 2;
    }

    private double half() {
        return (most - least) / 2;
    }

    /** Returns what the network should answer. */
    float answer(double degrees) {
        return (float) ((degrees - middle()) / half());
    }

    /** Returns the degrees of the network's answers, of any shape. */
    NDArray degrees(NDArray answers) {
        return answers.mul((float) half()).add((float) middle());
    }

    /** Returns the degrees of an answer. */
    double degrees(double answer) {
        return answer * half() + middle();
    }

    Map<String, String> toMetadata() {
        return Map.of(LEAST, Double.toString(least), MOST, Double.toString(most));
    }

    static AngleScale of(Map<String, String> metadata, Path file) {
        try {
            return new AngleScale(
                    Double.parseDouble(metadata.getOrDefault(LEAST, "")),
                    Double.parseDouble(metadata.getOrDefault(MOST, "")));
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    file + ": expected the numbers " + LEAST + " and " + MOST + " in its metadata, got "
                            + metadata.get(LEAST) + " and " + metadata.get(MOST) + "; train it anew",
                    e);
        }
    }
}
