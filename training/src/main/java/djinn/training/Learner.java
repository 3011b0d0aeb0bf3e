package djinn.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.ops.Gradients;
import djinn.ops.NativeHeap;
import djinn.ops.Randomness;
import djinn.training.Stopwatch.Part;
import djinn.training.optimizer.LayerDepth;
import djinn.training.optimizer.Optimizer;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.optimizer.ParameterGroup;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.zoo.nn.Checkpointed;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A model in training: what is frozen, and its turns, each under its optimizer. */
final class Learner<B extends Batch> implements AutoCloseable {

    private final Recipe recipe;
    private final Train train;
    private final NDManager manager;
    private final NamedBlock model;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    /** How far each parameter is from the head; 0 for all where nothing asks. */
    private final Map<String, Integer> depths;

    private final List<Side> sides = new ArrayList<>();
    private final Replicas<B> replicas;
    private final LoneExamples<B> lone;
    private final Stopwatch stopwatch;
    private final Feeds<B> feeds;
    private final Freezing freezing;

    /**
     * Initialises the model from the recipe's seed; nothing is measured.
     *
     * @param task the task
     * @param recipe the recipe
     * @param manager owns all arrays, on the first device
     * @param devices what batches are shared by
     */
    Learner(Task<B> task, Recipe recipe, NDManager manager, List<Device> devices) {
        this(task, recipe, manager, devices, Stopwatch.OFF);
    }

    /** The same, and the parts of a step are measured. */
    Learner(Task<B> task, Recipe recipe, NDManager manager, List<Device> devices, Stopwatch stopwatch) {
        this.stopwatch = stopwatch;
        NativeHeap.keepFreedMemory();
        this.recipe = recipe;
        this.train = recipe.train();
        this.manager = manager;
        model = task.newModel();
        Randomness.seed(Randomness.mix(recipe.seed(), -1));
        model.initialize(manager);
        feeds = Feeds.of(task, train);
        freezing = new Freezing(model, train);
        requirePatterns();
        task.turns().forEach(this::requireLearning);
        train.memoryFormat().format().convert(new NDList(StateDict.of(model).values()));
        model.getParameters()
                .forEach(entry ->
                        shapes.put(entry.getKey(), entry.getValue().getArray().getShape()));
        depths = depths();
        requireCheckpointed();
        // a batch that cannot be learned from once all is unfrozen is left out from the start: all epochs are as long
        freezing.begin(train.epochs());
        replicas = new Replicas<>(task, train, model, manager, devices, stopwatch);
        lone = new LoneExamples<>(task, feeds.training(), recipe, model);
        freezing.begin(0);
        replicas.freeze();
        for (Turn<B> turn : task.turns()) {
            sides.add(new Side(turn, sides.size()));
        }
        requireSides();
    }

    private void requireSides() {
        long names = sides.stream().map(side -> side.turn.name()).distinct().count();
        if (sides.isEmpty() || names < sides.size()) {
            throw new IllegalArgumentException("expected a task of one turn or more, each under a name of its own, got "
                    + sides.stream().map(side -> side.turn.name()).toList());
        }
    }

    NamedBlock model() {
        return model;
    }

    /** Returns what is trained and validated on. */
    Feeds<B> feeds() {
        return feeds;
    }

    /**
     * Freezes and unfreezes as an epoch has it. The optimizers' state of what stays is kept, and that of what begins to
     * learn is new.
     *
     * @param epoch from 0 on
     * @return the names of what changed
     */
    List<String> begin(int epoch) {
        List<String> changed = freezing.begin(epoch);
        if (!changed.isEmpty()) {
            replicas.freeze();
            sides.forEach(Side::renewOptimizer);
        }
        return changed;
    }

    /** Returns the turns in their order. */
    List<Side> sides() {
        return sides;
    }

    /** Returns the state of all optimizers by name. */
    Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        sides.forEach(side -> side.optimizer.state().forEach((name, array) -> state.put(side.prefix() + name, array)));
        return state;
    }

    /** Goes on from a saved state. */
    void load(Map<String, NDArray> state) {
        for (Side side : sides) {
            Map<String, NDArray> own = new LinkedHashMap<>();
            state.forEach((name, array) -> {
                if (name.startsWith(side.prefix())) {
                    own.put(name.substring(side.prefix().length()), array);
                }
            });
            side.optimizer.load(own);
        }
    }

    /** Returns which batches of one example the model can learn from. */
    LoneExamples<B> lone() {
        return lone;
    }

    /** A turn, the optimizer of its parameters, and the gradients that wait for its next step. */
    final class Side {

        private final Turn<B> turn;
        private final int place;
        private final OptimizerRule rule;
        private Optimizer optimizer;

        /** What it trains, on each device. */
        private List<NDList> parameters;

        /** How its rate stands to the recipe's. */
        private final double rate;

        /** Of the batches since the last step; null if there was none. */
        private Gradients gradients;

        Side(Turn<B> turn, int place) {
            this.turn = turn;
            this.place = place;
            rule = turn.optimizer().orElse(recipe.optimizer());
            rate = turn.optimizer().isPresent() ? rule.lr() / recipe.optimizer().lr() : 1;
            if (!Double.isFinite(rate)) {
                throw new IllegalArgumentException(
                        "optimizer.lr: expected a rate above 0 beside an optimizer of the turn " + turn.name()
                                + ", whose rate moves in proportion to it, got "
                                + recipe.optimizer().lr());
            }
            optimizer = new Optimizer(rule, Replicas.trainable(model, turn.parameters()), manager, Learner.this::group);
            parameters = replicas.parameters(turn);
        }

        String name() {
            return turn.name();
        }

        private void renewOptimizer() {
            Optimizer next =
                    new Optimizer(rule, Replicas.trainable(model, turn.parameters()), manager, Learner.this::group);
            next.takeOver(optimizer);
            optimizer.close();
            optimizer = next;
            parameters = replicas.parameters(turn);
        }

        private String prefix() {
            return turn.name().isEmpty() ? "" : turn.name() + ".";
        }

        /** Returns whether it is taken at a step, counted from 0. */
        boolean isDue(long step) {
            return turn.isDue(step);
        }

        /**
         * Runs the model on a batch and adds its share of the gradients to those of the batches before; where all is
         * frozen as yet, there are none.
         *
         * @param batch the batch, one that {@link LoneExamples#take} takes
         * @param epoch its epoch; with the index, what dropout and the like depend on
         * @param index its place in the epoch
         * @param figures told of the result
         * @return what is lowered, a scalar still on the device, to be closed
         */
        NDArray addGradients(B batch, int epoch, int index, Figures<B> figures) {
            long seed = place == 0
                    ? Randomness.mix(recipe.seed(), epoch, index)
                    : Randomness.mix(recipe.seed(), epoch, index, place);
            Replicas.Learned learned =
                    replicas.learn(turn, parameters, batch, seed, train.accumulationSteps(), figures);
            if (parameters.get(0).isEmpty()) {
                learned.gradients().close();
            } else {
                add(learned.gradients());
            }
            return learned.loss();
        }

        private void add(Gradients more) {
            if (gradients == null) {
                gradients = more;
            } else {
                change(before -> before.plus(more));
                more.close();
            }
        }

        /**
         * Clips the gradients, penalises, moves the parameters at a learning rate, and forgets the gradients; does
         * nothing where there are none.
         */
        void step(double lr) {
            if (gradients == null) {
                return;
            }
            train.agc()
                    .ifPresent(clipping ->
                            change(before -> optimizer.clipAdaptively(before, clipping, name -> depths.get(name) > 0)));
            train.clipValue().ifPresent(limit -> change(before -> before.clipValues(limit)));
            train.clipNorm().ifPresent(norm -> change(before -> before.clipNorm(norm)));
            train.l1Penalty().ifPresent(factor -> change(before -> optimizer.addL1(before, factor)));
            optimizer.step(gradients, lr * rate);
            gradients.close();
            gradients = null;
            stopwatch.lap(Part.OPTIMIZER);
        }

        private void change(UnaryOperator<Gradients> change) {
            try (Gradients before = gradients) {
                gradients = change.apply(before);
            }
        }
    }

    private void requireLearning(Turn<B> turn) {
        if (freezing.firstEpoch(turn.parameters()).isPresent()) {
            return;
        }
        String where = turn.name().isEmpty() ? "" : " in the turn " + turn.name();
        throw new IllegalArgumentException(
                train.freeze().isEmpty()
                        ? "expected parameters to train" + where + ", got none"
                        : "train.freeze: expected something that is trained" + where + ", got " + train.freeze()
                                + ", by which nothing ever is; leave out what is to learn, such as the head, or begin it"
                                + " later by train.unfreeze");
    }

    /**
     * Tells of turns in which nothing is trained yet.
     *
     * @param epoch the epoch that begins, from 0 on
     * @return a line for each
     */
    List<String> idle(int epoch) {
        List<String> lines = new ArrayList<>();
        for (Side side : sides) {
            int first = freezing.firstEpoch(side.turn.parameters()).orElse(0);
            if (epoch < first) {
                lines.add((side.name().isEmpty() ? "nothing is trained" : "the turn " + side.name() + " trains nothing")
                        + " before epoch " + (first + 1) + ": train.freeze freezes all of it until then");
            }
        }
        return lines;
    }

    /**
     * Checks that the first epoch trains in every turn.
     *
     * @throws IllegalArgumentException if all of a turn is frozen at first
     */
    void requireTrainedAtFirst() {
        List<String> idle = idle(0);
        if (!idle.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected something that is trained in the first epoch, for none is looked"
                            + " at but that, got " + train.freeze() + " in train.freeze: " + idle.get(0)
                            + "; freeze less for this, such as --set train.freeze=[] --set train.unfreeze=[]");
        }
    }

    private void requirePatterns() {
        List<String> names = model.getParameters().keys();
        NamePatterns.requireMatches("train.lr_scale", train.lrScale().keySet(), names);
        NamePatterns.requireMatches("train.decay_scale", train.decayScale().keySet(), names);
    }

    private void requireCheckpointed() {
        if (train.gradientCheckpointing() && !(model instanceof Checkpointed)) {
            throw new IllegalArgumentException("train.gradient_checkpointing: expected a model whose layers can be"
                    + " computed once more (djinn.zoo.nn.Checkpointed), such as a gpt or a transformer, got "
                    + recipe.modelName()
                    + "; leave the key out");
        }
    }

    private Map<String, Integer> depths() {
        boolean asked = train.agc().isPresent() || train.layerDecay() < 1;
        if (asked && !(model instanceof Headed)) {
            throw new IllegalArgumentException((train.agc().isPresent() ? "train.agc" : "train.layer_decay")
                    + ": expected a model that tells where its head is (djinn.zoo.nn.Headed), got "
                    + recipe.modelName() + ", which does not; leave the key out");
        }
        return asked ? LayerDepth.fromHead(shapes, ((Headed) model).head()) : Map.of();
    }

    private ParameterGroup group(String name) {
        boolean exempt = train.decayExempt() == Train.DecayExempt.NORMS_AND_BIASES
                && shapes.get(name).dimension() <= 1;
        return new ParameterGroup(
                factor(train.lrScale(), name) * Math.pow(train.layerDecay(), depths.getOrDefault(name, 0)),
                exempt ? 0 : factor(train.decayScale(), name));
    }

    private static double factor(Map<String, Double> byPattern, String name) {
        return byPattern.entrySet().stream()
                .filter(scale -> NamePatterns.matches(scale.getKey(), name))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(1.0);
    }

    /** Frees the optimizers' state. */
    @Override
    public void close() {
        replicas.close();
        sides.forEach(side -> side.optimizer.close());
    }
}
