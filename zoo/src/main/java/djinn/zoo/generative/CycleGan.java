package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Two generators that translate between two domains of images, one each way.
 *
 * <p>Zhu et al. 2017, section 3; the networks that judge them are no part of it. Images (N, C, H, W) within -1 to 1 to
 * each of them as the other domain has it, of the same shape: first from a to b, then from b to a. State: {@code a_to_b}
 * and {@code b_to_a}, each a {@link ResnetGenerator}.
 */
public final class CycleGan extends NamedBlock {

    private final List<Direction> directions;
    private final Map<Direction, ResnetGenerator> generators = new EnumMap<>(Direction.class);

    /** A way between the domains. */
    public enum Direction {
        /** From the first domain to the second. */
        A_TO_B,
        /** From the second domain to the first. */
        B_TO_A;

        /** Returns the place of its translations among the outputs of a pass that computes both: 0 or 1. */
        public int place() {
            return this == A_TO_B ? 0 : 1;
        }

        /** Returns the way back. */
        public Direction back() {
            return this == A_TO_B ? B_TO_A : A_TO_B;
        }

        /** Returns what the generator's arrays are called: {@code a_to_b}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Both generators, each computed in a pass.
     *
     * @param channels C of the images of both domains
     * @param width the channels next to the images
     * @param blocks the number of residual blocks
     */
    public CycleGan(int channels, int width, int blocks) {
        this(channels, width, blocks, List.of(Direction.values()));
    }

    /**
     * Both generators, of which a pass computes some alone.
     *
     * @param channels C of the images of both domains
     * @param width the channels next to the images
     * @param blocks the number of residual blocks
     * @param directions what a pass answers, in this order
     */
    public CycleGan(int channels, int width, int blocks, List<Direction> directions) {
        this.directions = List.copyOf(directions);
        for (Direction direction : Direction.values()) {
            ResnetGenerator.Config config = new ResnetGenerator.Config(channels, channels, width, blocks);
            generators.put(direction, child(direction.key(), new ResnetGenerator(config)));
        }
    }

    /**
     * Translates images one way.
     *
     * @param x (N, C, H, W) within -1 to 1
     * @param direction which way
     * @param pass the pass
     * @return (N, C, H, W) within -1 to 1
     */
    public NDArray translate(NDArray x, Direction direction, Pass pass) {
        return generators.get(direction).forward(x, pass);
    }

    @Override
    public NDList forward(NDList inputs, Pass pass) {
        NDArray x = inputs.singletonOrThrow();
        List<NDArray> outputs = new ArrayList<>();
        directions.forEach(direction -> outputs.add(translate(x, direction, pass)));
        return new NDList(outputs);
    }
}
