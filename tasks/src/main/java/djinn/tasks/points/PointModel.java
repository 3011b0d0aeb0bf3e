package djinn.tasks.points;

import djinn.ops.Default;
import djinn.zoo.generative.LineGenerator;
import djinn.zoo.generative.PointCritic;
import djinn.zoo.generative.PointGan;
import djinn.zoo.generative.PointGenerator;
import java.util.OptionalDouble;

/**
 * The two networks.
 *
 * @param latent the length of the generator's random vectors; not looked at with lines
 * @param width the units of a hidden layer, of both
 * @param layers the generator's hidden layers; not looked at with lines
 * @param criticLayers the critic's hidden layers
 * @param start where the drawn line stands at first, with lines alone; 1 if left out
 */
public record PointModel(
        @Default("16") int latent,
        @Default("128") int width,
        @Default("2") int layers,
        @Default("1") int criticLayers,
        OptionalDouble start) {

    /** Checks the ranges. */
    public PointModel {
        if (latent < 1 || width < 1 || layers < 1 || criticLayers < 1) {
            throw new IllegalArgumentException("expected latent, width, layers and critic_layers of at least 1, got "
                    + latent + ", " + width + ", " + layers + " and " + criticLayers);
        }
        if (start.isPresent() && !Double.isFinite(start.getAsDouble())) {
            throw new IllegalArgumentException("expected a finite start, got " + start.getAsDouble());
        }
    }

    /** Returns where the drawn line stands at first. */
    double line() {
        return start.orElse(1);
    }

    /** Returns what varies in the generator of points. */
    PointGenerator.Config generator() {
        return new PointGenerator.Config(latent, width, layers);
    }

    /** Builds both. */
    PointGan build(PointSource source) {
        return new PointGan(
                source == PointSource.LINES ? new LineGenerator(line()) : new PointGenerator(generator()),
                new PointCritic(new PointCritic.Config(width, criticLayers, source.scale())));
    }
}
