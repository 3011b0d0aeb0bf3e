package djinn.predict.generative;

import djinn.inference.Sampling;
import djinn.ops.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** The random vectors that images are drawn from: standard normal numbers that the seed and an image's place decide. */
public final class RandomVectors {

    private RandomVectors() {}

    /**
     * Draws the vectors of some images that follow one another.
     *
     * @param latent the length of a vector
     * @param first the place of the first image
     * @param count how many
     * @param sampling the seed, whether vectors are interpolated, and their bound
     * @return one for each image
     */
    public static List<float[]> of(int latent, int first, int count, Sampling sampling) {
        List<float[]> vectors = new ArrayList<>();
        for (int place = first; place < first + count; place++) {
            vectors.add(
                    sampling.interpolated()
                            ? between(latent, place, sampling)
                            : vector(latent, place, sampling.seed(), sampling.truncation()));
        }
        return vectors;
    }

    /** A row of images goes along the arc from one vector to another, as normal vectors lie near a sphere. */
    private static float[] between(int latent, int place, Sampling sampling) {
        int row = Math.floorDiv(place, Sampling.INTERPOLATED);
        double share = (double) (place % Sampling.INTERPOLATED) / (Sampling.INTERPOLATED - 1);
        float[] from = vector(latent, 2 * row, sampling.seed(), sampling.truncation());
        float[] to = vector(latent, 2 * row + 1, sampling.seed(), sampling.truncation());
        double cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
        double angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
        double sine = Math.sin(angle);
        float[] vector = new float[latent];
        for (int i = 0; i < latent; i++) {
            vector[i] = (float)
                    (sine < 1e-6
                            ? (1 - share) * from[i] + share * to[i]
                            : (Math.sin((1 - share) * angle) * from[i] + Math.sin(share * angle) * to[i]) / sine);
        }
        return vector;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    private static float[] vector(int latent, int place, long seed, OptionalDouble bound) {
        SplittableRandom random = new SplittableRandom(Randomness.mix(seed, place));
        float[] vector = new float[latent];
        for (int i = 0; i < latent; i++) {
            double value = random.nextGaussian();
            while (bound.isPresent() && Math.abs(value) > bound.getAsDouble()) {
                value = random.nextGaussian();
            }
            vector[i] = (float) value;
        }
        return vector;
    }

    /** Returns vectors of one length one behind the other. */
    public static float[] joined(List<? extends float[]> vectors) {
        int length = vectors.get(0).length;
        float[] all = new float[vectors.size() * length];
        for (int n = 0; n < vectors.size(); n++) {
            System.arraycopy(vectors.get(n), 0, all, n * length, length);
        }
        return all;
    }
}
