package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;

/** What critics give: one score of each image, or several. */
final class CriticScores {

    private CriticScores() {}

    /**
     * Shapes what a critic's last layer gave.
     *
     * @param values N times {@code scores} of them
     * @param images N
     * @param scores of each image
     * @return (N) if there is one of each, else (N, scores)
     */
    static NDArray of(NDArray values, long images, int scores) {
        return scores == 1 ? values.reshape(images) : values.reshape(images, scores);
    }
}
