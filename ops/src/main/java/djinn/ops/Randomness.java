package djinn.ops;

import ai.djl.pytorch.jni.JniUtils;

/**
 * The engine's random numbers, made repeatable.
 *
 * <p>The generator's state cannot be saved, so a training run that must go on exactly reseeds it from (seed, step) at
 * every step.
 */
public final class Randomness {

    private Randomness() {}

    /**
     * Seeds the engine's generator, for the whole process.
     *
     * @param seed any value
     */
    public static void seed(long seed) {
        PyTorch.engine();
        JniUtils.setSeed(seed);
    }

    /**
     * Derives a seed from several numbers, such as (seed, epoch, index): a small change of any of them gives an
     * unrelated seed (splitmix64's finaliser, Steele et al. 2014).
     *
     * @param parts the numbers, in a fixed order
     * @return the derived seed
     */
    public static long mix(long... parts) {
        long z = 0x9E3779B97F4A7C15L;
        for (long part : parts) {
            z = (z ^ part) + 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
        }
        return z;
    }
}
