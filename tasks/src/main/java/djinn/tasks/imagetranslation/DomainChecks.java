package djinn.tasks.imagetranslation;

import djinn.zoo.generative.PatchDiscriminator;
import java.util.Optional;

/** What recipes that learn from images of two domains check alike, in the words of their keys. */
public final class DomainChecks {

    private DomainChecks() {}

    /**
     * Checks how images are read.
     *
     * @throws IllegalArgumentException if it cannot be so
     */
    public static void requireReading(int channels, int workers, int cacheMb) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("expected channels of 1 (grey) or 3 (colour), got " + channels);
        }
        if (workers < 1 || cacheMb < 0) {
            throw new IllegalArgumentException(
                    "expected workers of at least 1 and cache_mb of at least 0, got " + workers + " and " + cacheMb);
        }
    }

    /**
     * Checks that both folders are named.
     *
     * @throws IllegalArgumentException if one is not
     */
    public static void requireFolders(Optional<String> rootA, Optional<String> rootB) {
        if (rootA.isEmpty() || rootB.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected root_a and root_b, the folders of both domains, with source folders");
        }
    }

    /**
     * Checks that a discriminator fits the images.
     *
     * @param config what varies in it
     * @param size of the images
     * @return the same
     * @throws IllegalArgumentException if they are too small for its layers
     */
    public static PatchDiscriminator.Config requireFit(PatchDiscriminator.Config config, int size) {
        if (size < config.leastSize()) {
            throw new IllegalArgumentException("expected data.size of at least " + config.leastSize()
                    + " with model.discriminator_layers of " + config.layers() + ", got " + size
                    + "; take fewer layers");
        }
        return config;
    }
}
