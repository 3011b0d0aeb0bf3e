package djinn.inference;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.DeviceName;
import djinn.ops.PyTorch;
import djinn.ops.WaitPolicy;
import djinn.zoo.weights.Preference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A model that answers: a batch at a time, on the PyTorch engine or on ONNX Runtime, whatever its task.
 *
 * <p>Any number of threads may call one predictor at once; they share its weights. Closing it waits for the calls under
 * way; later ones fail with an {@link IllegalStateException}.
 *
 * @param <I> what is asked about
 * @param <A> what is answered
 */
public final class Predictor<I, A> implements AutoCloseable {

    private static final int USUAL_BATCH = 32;

    private final Memory memory = new Memory();
    private final Engine engine;
    private final Device device;
    private final Backend backend;
    private final Codec<I, A> codec;
    private final int batch;
    private final Gate gate;

    /**
     * How a model is opened.
     *
     * @param engine what computes it; empty leaves that to the file
     * @param batch the most inputs that are computed together, at least 1
     * @param frozen whether opening it {@linkplain #freeze freezes} it
     * @param preference which weights are taken where a file has averaged and plain ones
     * @param device where the PyTorch engine computes it; ONNX Runtime computes on the processor alone
     */
    public record Settings(
            Optional<Engine> engine, int batch, boolean frozen, Preference preference, DeviceName device) {

        /** All left to the file and the machine, 32 inputs together, frozen, averaged weights where there are any. */
        public static final Settings USUAL =
                new Settings(Optional.empty(), USUAL_BATCH, true, Preference.EMA, DeviceName.AUTO);

        /** Settings that leave the device to the process. */
        public Settings(Optional<Engine> engine, int batch, boolean frozen, Preference preference) {
            this(engine, batch, frozen, preference, DeviceName.AUTO);
        }

        /**
         * Checks the batch.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Settings {
            if (batch < 1) {
                throw new IllegalArgumentException("expected a batch of at least 1, got " + batch);
            }
        }

        /** Returns the same with an engine. */
        public Settings withEngine(Engine wanted) {
            return new Settings(Optional.of(wanted), batch, frozen, preference, device);
        }

        /** Returns the same with a batch. */
        public Settings withBatch(int wanted) {
            return new Settings(engine, wanted, frozen, preference, device);
        }

        /** Returns the same, frozen or not: not is quicker for the first few inputs. */
        public Settings withFrozen(boolean wanted) {
            return new Settings(engine, batch, wanted, preference, device);
        }

        /** Returns the same with a preference among averaged and plain weights. */
        public Settings withPreference(Preference wanted) {
            return new Settings(engine, batch, frozen, wanted, device);
        }

        /** Returns the same on a device. */
        public Settings withDevice(DeviceName wanted) {
            return new Settings(engine, batch, frozen, preference, wanted);
        }
    }

    private Predictor(Engine engine, Device device, Backend backend, Codec<I, A> codec, int batch, String name) {
        this.engine = engine;
        this.device = device;
        this.backend = backend;
        this.codec = codec;
        this.batch = batch;
        WaitPolicy.Watch watch = engine == Engine.PYTORCH ? WaitPolicy.watch() : () -> {};
        this.gate = new Gate(name, () -> {
            watch.close();
            backend.close();
        });
    }

    /**
     * Opens a model.
     *
     * @param <I> what is asked about
     * @param <A> what is answered
     * @param file the model
     * @param card what it is
     * @param codec makes the codec for it
     * @param settings how; the engine is the file's
     * @param name what messages call it, such as {@code classifier}
     * @return the predictor, to be closed
     * @throws djinn.ops.DataException if the file is missing or damaged, or does not fit the card
     * @throws IllegalArgumentException if the device is not there, or the engine does not compute on it
     */
    public static <I, A> Predictor<I, A> open(
            ModelFile file, Card card, Function<ModelTraits, Codec<I, A>> codec, Settings settings, String name) {
        Device device = where(file.engine(), settings.device());
        try (PyTorch.Scope here = PyTorch.on(device)) {
            return open(file.engine(), device, file.open(card, settings.preference()), codec, settings, name);
        }
    }

    private static Device where(Engine engine, DeviceName device) {
        if (engine == Engine.PYTORCH) {
            return device.device();
        }
        DeviceName wanted = device.equals(DeviceName.AUTO) ? DeviceName.asked().orElse(DeviceName.CPU) : device;
        if (!wanted.equals(DeviceName.CPU)) {
            throw new IllegalArgumentException("expected the device cpu, got " + wanted.text()
                    + ": ONNX Runtime computes on the processor here; take weights or TorchScript for a GPU");
        }
        return Device.cpu();
    }

    /**
     * Takes a model over that is loaded, on the PyTorch engine.
     *
     * @param <I> what is asked about
     * @param <A> what is answered
     * @param model is closed with the predictor
     * @param codec makes the codec for it
     * @param settings how; the engine, the preference and the device do not matter
     * @param name what messages call it
     * @return the predictor, to be closed
     */
    public static <I, A> Predictor<I, A> of(
            LoadedModel<?> model, Function<ModelTraits, Codec<I, A>> codec, Settings settings, String name) {
        Device device = model.block().device();
        try (PyTorch.Scope here = PyTorch.on(device)) {
            return open(Engine.PYTORCH, device, new BlockBackend(model), codec, settings, name);
        }
    }

    private static <I, A> Predictor<I, A> open(
            Engine engine,
            Device device,
            Backend backend,
            Function<ModelTraits, Codec<I, A>> codec,
            Settings settings,
            String name) {
        Predictor<I, A> predictor;
        try {
            Codec<I, A> own = codec.apply(new ModelTraits(
                    backend.takesPixels(), backend.answersProbabilities(), backend.inputShape(), backend.source()));
            requireFit(backend, own);
            predictor = new Predictor<>(engine, device, backend, own, settings.batch(), name);
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
        try {
            return settings.frozen() ? predictor.freeze() : predictor;
        } catch (RuntimeException e) {
            predictor.close();
            throw e;
        }
    }

    /** Refuses a file whose inputs have other extents than the codec makes. */
    private static void requireFit(Backend backend, Codec<?, ?> codec) {
        if (backend.inputShape().isEmpty() || codec.usualShape().isEmpty()) {
            return;
        }
        Shape taken = backend.inputShape().get();
        Shape made = codec.usualShape().get();
        if (!Backend.fits(taken, made)) {
            throw new DataException(backend.source() + ": takes inputs of " + taken + ", expected (N, "
                    + LongStream.of(made.getShape())
                            .skip(1)
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining(", "))
                    + ") as the preprocessing makes them; give the preprocessing it was exported with");
        }
    }

    /** Returns what was taken off names, chosen and left out when the weights were loaded, a line each. */
    public List<String> notes() {
        return backend.notes();
    }

    /** Returns what computes it. */
    public Engine engine() {
        return engine;
    }

    /** Returns where it is computed. */
    public Device device() {
        return device;
    }

    /**
     * Makes the predictor quicker: on the PyTorch engine, later calls take about half the time, and answer the same up to
     * rounding. It takes as long as a few calls; again, no time.
     *
     * @return this predictor
     * @throws IllegalStateException if the predictor is closed
     */
    public Predictor<I, A> freeze() {
        try (Gate.Entry pass = gate.enter();
                PyTorch.Scope here = PyTorch.on(device)) {
            codec.usualShape().ifPresent(backend::freeze);
            return this;
        }
    }

    /**
     * Answers one input.
     *
     * @param input the input
     * @return the answer
     * @throws djinn.ops.DataException if the input cannot be read, or the model answers what its task does not know
     * @throws djinn.ops.NotFiniteException if the model's answer is NaN or infinite
     * @throws IllegalArgumentException if the model does not take such an input
     * @throws IllegalStateException if the predictor is closed
     */
    public A predict(I input) {
        return predictAll(List.of(input)).get(0);
    }

    /**
     * Answers inputs, a batch at a time.
     *
     * @param inputs any number
     * @return one answer for each, in order
     * @throws djinn.ops.DataException if an input cannot be read, or the model answers what its task does not know
     * @throws djinn.ops.NotFiniteException if the model's answer to one is NaN or infinite
     * @throws IllegalArgumentException if the model does not take an input
     * @throws IllegalStateException if the predictor is closed
     */
    public List<A> predictAll(List<? extends I> inputs) {
        try (Gate.Entry pass = gate.enter();
                PyTorch.Scope here = PyTorch.on(device)) {
            List<A> answers = new ArrayList<>(inputs.size());
            for (int from = 0; from < inputs.size(); from += batch) {
                answers.addAll(answer(inputs.subList(from, Math.min(inputs.size(), from + batch))));
            }
            return answers;
        }
    }

    private List<A> answer(List<? extends I> piece) {
        List<ByteBuffer> lent = new ArrayList<>();
        try {
            Codec.Room room = bytes -> {
                ByteBuffer buffer = memory.borrow(bytes);
                lent.add(buffer);
                return buffer.slice().order(buffer.order());
            };
            return codec.answer(piece, room, backend::forward);
        } finally {
            lent.forEach(memory::giveBack);
        }
    }

    /** Closes the predictor; waits for the calls under way in other threads. */
    @Override
    public void close() {
        gate.close();
    }
}
