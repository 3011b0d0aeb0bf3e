package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import djinn.data.Batch;
import djinn.losses.GanLoss;
import djinn.losses.GradientPenalty;
import djinn.losses.WassersteinLoss;
import djinn.ops.Autograd;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import djinn.training.Outcome;
import djinn.training.Turn;
import djinn.training.optimizer.OptimizerRule;
import djinn.zoo.nn.NamedBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/**
 * What the critic and the generator lower against each other.
 *
 * @param name which game they play
 * @param penalty the weight of the gradient penalty, with {@code wgan_gp} alone; 10 if left out, as the paper has it
 * @param clip how large a weight of the critic may be, with {@code wgan} alone; 0.01 if left out, as the paper has it
 */
public record GanObjective(@Default("wgan_gp") Game name, OptionalDouble penalty, OptionalDouble clip) {

    /** The critic's term of an outcome. */
    static final String CRITIC = "critic";

    /** The term of the critic's gradient penalty. */
    static final String PENALTY = "penalty";

    /** The generator's term. */
    static final String GENERATOR = "generator";

    /** What the names of the generator's arrays begin with in a model of both networks. */
    public static final String GENERATOR_PART = "generator.";

    /** The same of the critic's. */
    private static final String CRITIC_PART = "critic.";

    private static final String WASSERSTEIN = "wasserstein";

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def clip(weights: List[Tensor], bound: float) -> Tensor:
              for weight in weights:
                torch.clamp_(weight, -bound, bound)
              return weights[0]
            """);

    /** The games there are. */
    public enum Game {
        /** A Wasserstein critic under a gradient penalty (Gulrajani et al. 2017). */
        WGAN_GP,
        /** A Wasserstein critic of clipped weights (Arjovsky et al. 2017). */
        WGAN,
        /** A discriminator of probabilities that the generator plays against directly (Goodfellow et al. 2014, eq. 1). */
        SATURATING,
        /** A discriminator of probabilities against {@code -log D} (Goodfellow et al. 2014, section 3). */
        NON_SATURATING,
        /** Least squares (Mao et al. 2017). */
        LEAST_SQUARES,
        /** The hinge loss (Lim and Ye 2017). */
        HINGE
    }

    /** Checks that there is a penalty or a bound only where one is used. */
    public GanObjective {
        if (penalty.isPresent() && (name != Game.WGAN_GP || !(penalty.getAsDouble() >= 0))) {
            throw new IllegalArgumentException(
                    "expected a penalty of at least 0, and only with the name wgan_gp, got " + penalty.getAsDouble());
        }
        if (clip.isPresent() && (name != Game.WGAN || !(clip.getAsDouble() > 0))) {
            throw new IllegalArgumentException(
                    "expected a clip above 0, and only with the name wgan, got " + clip.getAsDouble());
        }
    }

    /** A game with what is usual in it. */
    public static GanObjective of(Game name) {
        return new GanObjective(name, OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** Returns how large a weight of the critic may be; empty if any size will do. */
    public OptionalDouble bound() {
        return name == Game.WGAN ? OptionalDouble.of(clip.orElse(.01)) : OptionalDouble.empty();
    }

    /**
     * Returns the turns of both networks: the critic's at every step, then the generator's, before which the critic is
     * clipped, for it has just learned.
     *
     * @param criticOptimizer the critic's own rule; empty if the recipe's
     * @param criticSteps steps of the critic to one of the generator
     * @param critic runs the critic
     * @param generator runs the generator
     * @param <B> what a batch is
     */
    public <B extends Batch> List<Turn<B>> turns(
            Optional<OptimizerRule> criticOptimizer,
            int criticSteps,
            Turn.Forward<B> critic,
            Turn.Forward<B> generator) {
        return List.of(
                new Turn<>("critic", name -> name.startsWith(CRITIC_PART), 1, criticOptimizer, critic),
                new Turn<>(
                        "generator",
                        name -> name.startsWith(GENERATOR_PART),
                        criticSteps,
                        Optional.empty(),
                        (model, batch, owner, pass) -> {
                            clip(model);
                            return generator.run(model, batch, owner, pass);
                        }));
    }

    /**
     * Keeps the critic's weights within their bound, if they have one.
     *
     * @param model both networks
     */
    public void clip(NamedBlock model) {
        bound().ifPresent(bound -> {
            NDList weights = new NDList();
            model.getParameters().forEach(entry -> {
                if (entry.getKey().startsWith(CRITIC_PART) && entry.getValue().requiresGradient()) {
                    weights.add(entry.getValue().getArray());
                }
            });
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                SCRIPT.call("clip", weights, bound);
            }
        });
    }

    /**
     * Returns the names of the figures that an outcome of the critic has as its answers: an estimate of the Wasserstein
     * distance and, with a penalty, the mean norm of the critic's gradients; or the mean probabilities of being real, of
     * real and of drawn images.
     */
    public List<String> figures() {
        return switch (name) {
            case WGAN_GP -> List.of(WASSERSTEIN, "gradient_norm");
            case WGAN -> List.of(WASSERSTEIN);
            default -> List.of("real", "fake");
        };
    }

    /**
     * Computes what the critic lowers.
     *
     * @param critic from examples (N, ...), such as images (N, C, H, W), to scores (N)
     * @param real examples
     * @param fake drawn ones, cut from the generator's graph, of the same shape
     * @param epsilon the real examples' shares of the points between, (N, 1, ...), 0 to 1; looked at by the penalty alone
     * @return the terms {@code critic} and, if there is one, {@code penalty}; the answers are scalars as {@link #figures}
     *     names them
     */
    public Outcome critic(UnaryOperator<NDArray> critic, NDArray real, NDArray fake, NDArray epsilon) {
        if (name != Game.WGAN_GP) {
            // each by itself: where there are batch norms, real images are not to be told by what they are among
            NDArray good = critic.apply(real);
            NDArray bad = critic.apply(fake);
            NDArray value =
                    name == Game.WGAN ? new WassersteinLoss().critic(good, bad) : loss().discriminator(good, bad);
            NDList answers =
                    name == Game.WGAN ? new NDList(value.neg()) : new NDList(probability(good), probability(bad));
            return new Outcome(Map.of(CRITIC, value), answers);
        }
        NDArray scores = critic.apply(real.concat(fake));
        long size = real.getShape().get(0);
        NDArray good = scores.get("0:" + size);
        NDArray bad = scores.get(size + ":");
        NDArray norms = GradientPenalty.gradientNorms(critic, real, fake, epsilon);
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put(CRITIC, new WassersteinLoss().critic(good, bad));
        terms.put(PENALTY, new GradientPenalty(penalty.orElse(10)).of(norms));
        return new Outcome(terms, new NDList(terms.get(CRITIC).neg(), norms.mean()));
    }

    /**
     * Computes what the generator lowers.
     *
     * @param scores the critic's, of drawn examples
     * @return the term {@code generator}
     */
    public Outcome generator(NDArray scores) {
        NDArray value =
                figures().contains(WASSERSTEIN) ? new WassersteinLoss().generator(scores) : loss().generator(scores);
        return new Outcome(Map.of(GENERATOR, value), new NDList());
    }

    private GanLoss loss() {
        return switch (name) {
            case WGAN_GP, WGAN -> throw new IllegalStateException("a Wasserstein critic has no logits");
            case SATURATING -> GanLoss.SATURATING;
            case NON_SATURATING -> GanLoss.NON_SATURATING;
            case LEAST_SQUARES -> GanLoss.LEAST_SQUARES;
            case HINGE -> GanLoss.HINGE;
        };
    }

    private static NDArray probability(NDArray logits) {
        return Activation.sigmoid(logits).mean();
    }
}
