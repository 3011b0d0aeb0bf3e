package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.data.Batch;
import djinn.metrics.Metrics;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.NativeHeap;
import djinn.ops.Randomness;
import djinn.training.optimizer.LayerDepth;
import djinn.training.optimizer.Optimizer;
import djinn.training.optimizer.ParameterGroup;
import djinn.training.recipe.Recipe;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A model under the optimizer that a recipe gives it: what is frozen, how gradients are added, clipped and used. */
final class Learner implements AutoCloseable {

    private final Task task;
    private final Recipe recipe;
    private final Recipe.Train train;
    private final NDManager manager;
    private final NamedBlock model;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Map<String, Integer> depths;
    private final Optimizer optimizer;
    private final Pass pass;
    private final LoneImages lone;

    /** Of the batches since the last step; null if there was none. */
    private Gradients gradients;

    /** Initialises the model from the recipe's seed; all arrays live under the manager. */
    Learner(Task task, Recipe recipe, NDManager manager) {
        NativeHeap.keepFreedMemory();
        this.task = task;
        this.recipe = recipe;
        this.train = recipe.train();
        this.manager = manager;
        model = task.newModel();
        Randomness.seed(Randomness.mix(recipe.seed(), -1));
        model.initialize(manager);
        freeze();
        train.memoryFormat().format().convert(new NDList(StateDict.of(model).values()));
        model.getParameters()
                .forEach(entry ->
                        shapes.put(entry.getKey(), entry.getValue().getArray().getShape()));
        depths = LayerDepth.fromHead(shapes);
        optimizer = new Optimizer(recipe.optimizer(), trainable(model), manager, this::group);
        pass = new Pass(new ParameterStore(manager, false), true, false, train.precision());
        lone = new LoneImages(task, recipe, model);
    }

    NamedBlock model() {
        return model;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /** Returns which batches of one image the model can learn from. */
    LoneImages lone() {
        return lone;
    }

    /**
     * Runs the model on a batch and adds its share of the gradients to those of the batches before.
     *
     * @param batch the batch, one that {@link LoneImages#take} takes
     * @param epoch its epoch; with the index, what dropout and the like depend on
     * @param index its place in the epoch
     * @param metrics told of the result
     * @return the mean loss, a scalar still on the device, to be closed
     */
    NDArray addGradients(Batch batch, int epoch, int index, Metrics metrics) {
        Randomness.seed(Randomness.mix(recipe.seed(), epoch, index));
        try (NDManager owner = manager.newSubManager();
                Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray loss = task.loss(model, batch, owner, pass, metrics);
            int share = train.accumulationSteps();
            add(optimizer.gradients(share == 1 ? loss : loss.div(share)));
            NDArray value = loss.stopGradient();
            value.attach(manager);
            return value;
        }
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
     * Clips the gradients, penalises, moves the parameters at a learning rate, and forgets the gradients; does nothing
     * where there are none.
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
        optimizer.step(gradients, lr);
        gradients.close();
        gradients = null;
    }

    private void change(UnaryOperator<Gradients> change) {
        try (Gradients before = gradients) {
            gradients = change.apply(before);
        }
    }

    /** Takes what the recipe freezes out of training. */
    private void freeze() {
        List<String> names = model.getParameters().keys();
        NamePatterns.requireMatches("train.freeze", train.freeze(), names);
        NamePatterns.requireMatches("train.lr_scale", train.lrScale().keySet(), names);
        NamePatterns.requireMatches("train.decay_scale", train.decayScale().keySet(), names);
        for (Pair<String, Parameter> entry : model.getParameters()) {
            if (train.freeze().stream().anyMatch(pattern -> NamePatterns.matches(pattern, entry.getKey()))) {
                entry.getValue().freeze(true);
            }
        }
        if (trainable(model).isEmpty()) {
            throw new IllegalArgumentException("train.freeze leaves nothing to train, got " + train.freeze());
        }
    }

    private ParameterGroup group(String name) {
        boolean exempt = train.decayExempt() == Recipe.DecayExempt.NORMS_AND_BIASES
                && shapes.get(name).dimension() <= 1;
        return new ParameterGroup(
                factor(train.lrScale(), name) * Math.pow(train.layerDecay(), depths.get(name)),
                exempt ? 0 : factor(train.decayScale(), name));
    }

    private static double factor(Map<String, Double> byPattern, String name) {
        return byPattern.entrySet().stream()
                .filter(scale -> NamePatterns.matches(scale.getKey(), name))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(1.0);
    }

    private static Map<String, NDArray> trainable(NamedBlock model) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : model.getParameters()) {
            if (entry.getValue().requiresGradient()) {
                arrays.put(entry.getKey(), entry.getValue().getArray());
            }
        }
        return arrays;
    }

    /** Frees the optimizer's state. */
    @Override
    public void close() {
        optimizer.close();
    }
}
