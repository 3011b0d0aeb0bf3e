package djinn.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.data.Batch;
import djinn.ops.Autograd;
import djinn.ops.Foreach;
import djinn.ops.GradientCheckpointing;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Scalars;
import djinn.training.Stopwatch.Part;
import djinn.training.recipe.Train;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A model and its copies on further devices, which learn from one batch together. Of one device there is the model alone.
 *
 * <pre>
 * each copy takes over all of the model's arrays
 * one share after another:  seed from (seed, share); forward on its device; tell the figures
 * all shares at once:       backward; bring the gradients to the first device
 * add the gradients, each in proportion to the share's examples
 * </pre>
 *
 * <p>Forward passes are started one after another because a seed is one for all devices: so what each draws follows from
 * the seed and its place alone. A GPU computes what it was told while the next one is being told.
 */
final class Replicas<B extends Batch> implements AutoCloseable {

    private final List<Replica> all = new ArrayList<>();
    private final Stopwatch stopwatch;

    /** The fewest examples that a device can learn from. */
    private final int least;

    /** Null where there is one device. */
    private final ExecutorService threads;

    /** A model on a device; those that follow another take over its arrays. */
    private record Replica(
            NamedBlock model, NDManager manager, Pass pass, Optional<GradientCheckpointing> parts, NDList arrays) {

        static Replica of(NamedBlock model, NDManager manager, Train train) {
            Optional<GradientCheckpointing> parts =
                    train.gradientCheckpointing() ? Optional.of(new GradientCheckpointing()) : Optional.empty();
            Pass pass =
                    new Pass(new ParameterStore(manager, false), true, false, train.precision(), parts.orElse(null));
            return new Replica(
                    model, manager, pass, parts, new NDList(StateDict.of(model).values()));
        }

        Gradients gradients(NDArray lowered, NDList parameters, NDManager first) {
            try (PyTorch.Scope here = PyTorch.on(manager.getDevice());
                    Autograd.Scope recording = Autograd.withGradients()) {
                Gradients own = parts.map(kept -> kept.gradients(lowered, parameters, manager))
                        .orElseGet(() -> Gradients.of(lowered, parameters, manager));
                return manager == first ? own : own.handedTo(first);
            }
        }
    }

    /**
     * What came of a batch.
     *
     * @param loss what is lowered, a scalar on the first device, without gradients; to be closed
     * @param gradients of that, divided by the batches of a step; to be closed
     */
    record Learned(NDArray loss, Gradients gradients) {}

    /**
     * Copies a model.
     *
     * @param task makes further models
     * @param train how is trained
     * @param model the initialised model on the first device, what is frozen being so already
     * @param manager owns the model
     * @param devices at least one
     * @param stopwatch told of the parts of a step
     * @throws IllegalArgumentException if a batch has too few examples to be shared
     */
    Replicas(
            Task<B> task, Train train, NamedBlock model, NDManager manager, List<Device> devices, Stopwatch stopwatch) {
        this.stopwatch = stopwatch;
        least = BatchNorms.learning(model).isEmpty() ? 1 : 2;
        if (devices.size() > 1 && train.batchSize() < devices.size() * least) {
            throw new IllegalArgumentException("train.batch_size: expected at least " + devices.size() * least + " for "
                    + devices.size() + " devices" + (least > 1 ? ", as batch norm learns of 2 examples or more" : "")
                    + ", got " + train.batchSize());
        }
        all.add(Replica.of(model, manager, train));
        for (Device device : devices.subList(1, devices.size())) {
            NDManager own = manager.newSubManager(device);
            NamedBlock copy = task.newModel();
            copy.initialize(own);
            BatchNorms.freeze(copy, BatchNorms.frozen(model));
            train.memoryFormat().format().convert(new NDList(StateDict.of(copy).values()));
            all.add(Replica.of(copy, own, train));
        }
        // layers that are computed once more seed the generator of all devices
        int atOnce = train.gradientCheckpointing()
                ? 1
                : (int) devices.stream().distinct().count();
        threads = devices.size() == 1 ? null : pool(atOnce);
    }

    private static ExecutorService pool(int count) {
        return Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "djinn-backward");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Returns the parameters of a model that learn, by their names. */
    static Map<String, NDArray> trainable(NamedBlock model, Predicate<String> which) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : model.getParameters()) {
            if (entry.getValue().requiresGradient() && which.test(entry.getKey())) {
                arrays.put(entry.getKey(), entry.getValue().getArray());
            }
        }
        return arrays;
    }

    /** Freezes in the copies what is frozen in the model, and nothing else. */
    void freeze() {
        Set<String> frozen = BatchNorms.frozen(all.get(0).model);
        all.subList(1, all.size()).forEach(replica -> BatchNorms.freeze(replica.model, frozen));
    }

    /** Returns the parameters that learn in a turn, for each device. */
    List<NDList> parameters(Turn<B> turn) {
        return all.stream()
                .map(replica ->
                        new NDList(trainable(replica.model, turn.parameters()).values()))
                .toList();
    }

    /**
     * Runs a turn's forward and backward pass.
     *
     * @param turn the turn
     * @param parameters what {@link #parameters} answered; where there are none, forward is all that is run
     * @param batch the batch
     * @param seed what is drawn depends on
     * @param batches of a step
     * @param figures told of each share's outcome, brought to the first device
     * @return what came of it
     */
    Learned learn(Turn<B> turn, List<NDList> parameters, B batch, long seed, int batches, Figures<B> figures) {
        List<B> shares = shares(batch);
        long examples = shares.stream().mapToLong(Batch::size).sum();
        NDManager first = all.get(0).manager;
        follow(shares.size());
        try (NDManager sums = first.newSubManager();
                Autograd.Scope recording = Autograd.withGradients()) {
            List<NDManager> owners = new ArrayList<>();
            try {
                List<Supplier<Gradients>> backward = new ArrayList<>();
                NDArray total = null;
                for (int i = 0; i < shares.size(); i++) {
                    Replica replica = all.get(i);
                    B share = shares.get(i);
                    NDManager owner = replica.manager.newSubManager();
                    owners.add(owner);
                    Outcome outcome = forward(turn, replica, share, i == 0 ? seed : Randomness.mix(seed, i), owner);
                    stopwatch.lap(Part.FORWARD);
                    figures.add(share, outcome.on(sums));
                    stopwatch.lap(Part.FIGURES);
                    NDArray loss = outcome.total();
                    double part = share.size() / (double) examples;
                    NDList own = parameters.get(i);
                    NDArray lowered = batches == 1 ? scaled(loss, part) : Scalars.div(scaled(loss, part), batches);
                    if (!own.isEmpty()) {
                        backward.add(() -> replica.gradients(lowered, own, first));
                    }
                    NDArray value = Outcome.moved(scaled(loss, part).stopGradient(), sums);
                    total = total == null ? value : total.add(value);
                }
                Gradients gradients = backward.isEmpty() ? Gradients.none(first) : sum(run(backward));
                stopwatch.lap(Part.BACKWARD);
                total.attach(first);
                return new Learned(total, gradients);
            } finally {
                owners.forEach(NDManager::close);
            }
        }
    }

    private static NDArray scaled(NDArray loss, double factor) {
        return factor == 1 ? loss : Scalars.mul(loss, factor);
    }

    private Outcome forward(Turn<B> turn, Replica replica, B share, long seed, NDManager owner) {
        Randomness.seed(seed);
        replica.parts.ifPresent(parts -> parts.begin(seed));
        try (PyTorch.Scope here = PyTorch.on(replica.manager.getDevice())) {
            return turn.forward().run(replica.model, share, owner, replica.pass);
        }
    }

    /** A batch that is small has fewer shares than there are devices. */
    private List<B> shares(B batch) {
        int parts = Math.min(all.size(), Math.max(1, batch.size() / least));
        if (parts == 1) {
            return List.of(batch);
        }
        // a batch is cut into those of its own kind
        @SuppressWarnings("unchecked")
        List<B> shares = (List<B>) batch.split(parts);
        return shares;
    }

    private void follow(int count) {
        for (Replica replica : all.subList(1, count)) {
            Foreach.copy(replica.arrays, all.get(0).arrays);
        }
    }

    /** All have ended when it returns or throws, so that memory can be freed. */
    private List<Gradients> run(List<Supplier<Gradients>> backward) {
        if (backward.size() == 1) {
            return List.of(backward.get(0).get());
        }
        List<CompletableFuture<Gradients>> futures = backward.stream()
                .map(pass -> CompletableFuture.supplyAsync(pass, threads))
                .toList();
        CompletableFuture<Void> ended = CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
        try {
            ended.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
        return futures.stream().map(CompletableFuture::join).toList();
    }

    private static Gradients sum(List<Gradients> shares) {
        Gradients sum = shares.get(0);
        for (Gradients more : shares.subList(1, shares.size())) {
            try (Gradients before = sum;
                    more) {
                sum = before.plus(more);
            }
        }
        return sum;
    }

    /** Ends the threads; the arrays go with the model's manager. */
    @Override
    public void close() {
        if (threads != null) {
            threads.shutdown();
        }
    }
}
