package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Scalars;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import java.util.LinkedHashMap;
import java.util.Map;

/** A generator and a critic of images that fit each other. */
public interface GanNetworks {

    /**
     * What varies in them.
     *
     * @param channels C of the images
     * @param size H and W of the images
     * @param latent the length of the random vectors
     * @param width the channels next to the image, or the hidden units of a layer
     * @param scores how many a critic gives of an image
     */
    record Extents(int channels, int size, int latent, int width, int scores) {

        /** Checks that there are some. */
        public Extents {
            if (channels < 1 || size < 1 || latent < 1 || width < 1 || scores < 1) {
                throw new IllegalArgumentException(
                        "expected channels, size, latent, width and scores of at least 1, got " + channels + ", " + size
                                + ", " + latent + ", " + width + " and " + scores);
            }
        }

        /** Those of critics of one score. */
        public Extents(int channels, int size, int latent, int width) {
            this(channels, size, latent, width, 1);
        }

        /** Returns the same with another number of scores. */
        public Extents withScores(int wanted) {
            return new Extents(channels, size, latent, width, wanted);
        }

        /** Returns the same with vectors of another length. */
        public Extents withLatent(int wanted) {
            return new Extents(channels, size, wanted, width, scores);
        }
    }

    /**
     * Builds a generator, not initialised: vectors (N, latent) to images (N, channels, size, size) within -1 to 1.
     *
     * @throws IllegalArgumentException if it cannot draw images of that size
     */
    ArrayBlock generator(Extents extents);

    /**
     * Builds a critic, not initialised: images (N, channels, size, size) to scores or logits (N), or (N, scores) of several.
     *
     * @throws IllegalArgumentException if it cannot judge images of that size
     */
    ArrayBlock critic(Extents extents);

    /** Returns those there are, by what recipes call them. */
    static Map<String, GanNetworks> table() {
        Map<String, GanNetworks> table = new LinkedHashMap<>();
        table.put("small_gan", new Small());
        table.put("dcgan", new Deep(true));
        table.put("wgan", new Deep(false));
        table.put("sngan", new Spectral());
        table.put("mlp_gan", new Perceptrons());
        return table;
    }

    /** Those of {@link SmallGan}. */
    record Small() implements GanNetworks {

        private static SmallGan.Config config(Extents own) {
            return new SmallGan.Config(own.channels, own.size, own.latent, own.width);
        }

        @Override
        public ArrayBlock generator(Extents extents) {
            return new SmallGan.Generator(config(extents));
        }

        @Override
        public ArrayBlock critic(Extents extents) {
            return new SmallGan.Critic(config(extents), extents.scores);
        }
    }

    /**
     * The generator of {@link Dcgan}, against its discriminator or {@link WganCritic}.
     *
     * @param normalised whether batch norms are in what judges
     */
    record Deep(boolean normalised) implements GanNetworks {

        private static Dcgan.Config config(Extents own) {
            return new Dcgan.Config(own.channels, own.size, own.latent, own.width);
        }

        @Override
        public ArrayBlock generator(Extents extents) {
            return new Dcgan.Generator(config(extents));
        }

        @Override
        public ArrayBlock critic(Extents extents) {
            return normalised
                    ? new Dcgan.Discriminator(config(extents), extents.scores)
                    : new WganCritic(config(extents), extents.scores);
        }
    }

    /** Those of {@link Sngan}. */
    record Spectral() implements GanNetworks {

        private static Sngan.Config config(Extents own) {
            return new Sngan.Config(own.channels, own.size, own.latent, own.width);
        }

        @Override
        public ArrayBlock generator(Extents extents) {
            return new Sngan.Generator(config(extents));
        }

        @Override
        public ArrayBlock critic(Extents extents) {
            return new Sngan.Discriminator(config(extents), extents.scores);
        }
    }

    /**
     * Those of {@link MlpGan}, whose images lie within 0 to 1, with a fifth of the width as maxout units, as the authors
     * have it.
     */
    record Perceptrons() implements GanNetworks {

        private static final int PIECES = 5;

        private static MlpGan.Config config(Extents own) {
            return new MlpGan.Config(
                    new Shape(own.channels, own.size, own.size),
                    own.latent,
                    own.width,
                    Math.max(1, own.width / 5),
                    PIECES,
                    .2,
                    .5);
        }

        @Override
        public ArrayBlock generator(Extents extents) {
            return new Drawing(new MlpGan.Generator(config(extents)));
        }

        @Override
        public ArrayBlock critic(Extents extents) {
            return new Judging(new MlpGan.Discriminator(config(extents), extents.scores));
        }

        /** From images within 0 to 1 to such within -1 to 1. State: {@code network}. */
        private static final class Drawing extends ArrayBlock {

            private final ArrayBlock network;

            Drawing(ArrayBlock network) {
                this.network = child("network", network);
            }

            @Override
            public NDArray forward(NDArray x, Pass pass) {
                return Scalars.mul(network.forward(x, pass), 2).sub(1);
            }
        }

        /** From images within -1 to 1 to such within 0 to 1. State: {@code network}. */
        private static final class Judging extends ArrayBlock {

            private final ArrayBlock network;

            Judging(ArrayBlock network) {
                this.network = child("network", network);
            }

            @Override
            public NDArray forward(NDArray x, Pass pass) {
                return network.forward(Scalars.div(x.add(1), 2), pass);
            }
        }
    }
}
