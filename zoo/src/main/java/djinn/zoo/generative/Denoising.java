package djinn.zoo.generative;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The way back from noise to an image, a step at a time, once a network has said what the noise is: plain numbers, no
 * engine.
 *
 * <p>Both ways first ask what image the noise was laid over, {@code (x - sqrt(1 - abar_t) noise) / sqrt(abar_t)}, kept within
 * -1 to 1 as images are. DDPM (Ho, Jain and Abbeel 2020, algorithm 2 and equation 7) then draws from what is known of the step
 * before, with the posterior's variance {@code beta_t (1 - abar_(t - 1)) / (1 - abar_t)}; it takes all steps. DDIM (Song, Meng
 * and Ermon 2021, equation 12 with eta 0) draws nothing and may leave steps out.
 */
public final class Denoising {

    private final double[] betas;
    private final double[] remaining;

    /**
     * The way back of a schedule.
     *
     * @param schedule of the way there
     */
    public Denoising(CosineSchedule schedule) {
        betas = schedule.betas();
        remaining = schedule.remaining();
    }

    /** Returns T. */
    public int steps() {
        return betas.length;
    }

    /**
     * Returns the steps that a shorter way takes, the first to be taken first: evenly spaced, from the last of the
     * schedule down to its first.
     *
     * @param count how many, 1 to T
     * @throws IllegalArgumentException if there are not as many
     */
    public List<Integer> spaced(int count) {
        if (count < 1 || count > steps()) {
            throw new IllegalArgumentException(
                    "expected 1 to " + steps() + " steps, as many as the model was trained on, got " + count);
        }
        double distance = count == 1 ? 0 : (steps() - 1.) / (count - 1);
        return IntStream.range(0, count)
                .mapToObj(i -> (int) (steps() - 1 - Math.round(i * distance)))
                .toList();
    }

    /**
     * Takes a step of DDPM.
     *
     * @param x values after step t
     * @param predicted what the network says their noise is
     * @param step t
     * @param drawn standard normal values; not looked at where t is 0
     * @return values after step t - 1; the image where t is 0
     */
    public float[] ddpm(float[] x, float[] predicted, int step, float[] drawn) {
        double before = before(step);
        double ofImage = Math.sqrt(before) * betas[step] / (1 - remaining[step]);
        double ofValue = Math.sqrt(1 - betas[step]) * (1 - before) / (1 - remaining[step]);
        double deviation = Math.sqrt(betas[step] * (1 - before) / (1 - remaining[step]));
        float[] next = new float[x.length];
        for (int i = 0; i < next.length; i++) {
            double mean = ofImage * image(x[i], predicted[i], step) + ofValue * x[i];
            next[i] = (float) (step == 0 ? mean : mean + deviation * drawn[i]);
        }
        return next;
    }

    /**
     * Takes a step of DDIM.
     *
     * @param x values after step t
     * @param predicted what the network says their noise is
     * @param step t
     * @param to the step to go back to, below t; -1 for the image
     * @return values after that step
     */
    public float[] ddim(float[] x, float[] predicted, int step, int to) {
        double left = to < 0 ? 1 : remaining[to];
        float[] next = new float[x.length];
        for (int i = 0; i < next.length; i++) {
            double image = image(x[i], predicted[i], step);
            // the noise that goes with an image kept within its range
            double noise = (x[i] - Math.sqrt(remaining[step]) * image) / Math.sqrt(1 - remaining[step]);
            next[i] = (float) (Math.sqrt(left) * image + Math.sqrt(1 - left) * noise);
        }
        return next;
    }

    private double before(int step) {
        return step == 0 ? 1 : remaining[step - 1];
    }

    private double image(double x, double noise, int step) {
        double image = (x - Math.sqrt(1 - remaining[step]) * noise) / Math.sqrt(remaining[step]);
        return Math.max(-1, Math.min(1, image));
    }
}
