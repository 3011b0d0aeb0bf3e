package djinn.inference.text;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.text.TokenSequence;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.SingleThread;
import djinn.ops.TorchScript;
import djinn.ops.WaitPolicy;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.language.TokenDecoder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A block on the PyTorch engine.
 *
 * @param <M> the block
 */
final class EngineTokenModel<M extends NamedBlock & TokenDecoder> implements TokenModel {

    private static final TorchScript SCRIPT = TorchScript.compileUnrecorded("""
            def rows(arrays: List[Tensor], index: Tensor) -> List[Tensor]:
              kept = annotate(List[Tensor], [])
              for i in range(torch.len(arrays)):
                kept0 = torch.append(kept, torch.index_select(arrays[i], 0, index))
              return kept

            def likeliest(logits: Tensor, count: int) -> List[Tensor]:
              values, tokens = torch.topk(torch.log_softmax(logits, 1), count, 1, True, True)
              return [values, tokens]
            """);

    /**
     * Up to so many multiplications a step, a second thread costs more than it saves: a GPT of 3.2 million weights took 0.75
     * ms a token with one thread and 1.2 with two, one of 11 million 3.5 with either, on an AMD EPYC (Zen 5).
     */
    private static final long ALONE = 4_000_000;

    private final M block;
    private final long weights;
    private final int vocabulary;
    private final Beginning beginning;
    private final Optional<Attending> attending;
    private final Runnable release;
    private final NDManager root = PyTorch.newManager();
    private final WaitPolicy.Watch watch = WaitPolicy.watch();

    /** Reads what is given, and a first token where the model wants one. */
    interface Beginning {
        TokenDecoder.Step begin(List<TokenSequence> given, NDManager working, Pass pass, TokenDecoder.Stepper stepper);
    }

    /** Tells (1, L, S) of a source and a target. */
    interface Attending {
        NDArray attention(TokenSequence source, TokenSequence target, NDManager working, Pass pass);
    }

    private EngineTokenModel(
            M block, int vocabulary, Beginning beginning, Optional<Attending> attending, Runnable release) {
        this.block = block;
        weights = block.getParameters().values().stream()
                .mapToLong(p -> p.getShape().size())
                .sum();
        this.vocabulary = vocabulary;
        this.beginning = beginning;
        this.attending = attending;
        this.release = release;
    }

    static TokenModel of(LanguageModel model, Runnable release) {
        return new EngineTokenModel<>(
                model,
                model.vocabulary(),
                (given, working, pass, stepper) -> {
                    TokenModel.requireOneLength(given);
                    NDArray tokens = tokens(given, given.get(0).size(), 0, working);
                    return stepper.step(tokens, model.begin(working, given.size()));
                },
                Optional.empty(),
                release);
    }

    static TokenModel of(SequenceToSequence model, int start, Runnable release) {
        return new EngineTokenModel<>(
                model,
                model.vocabulary(),
                (given, working, pass, stepper) -> {
                    TokenModel.requireSources(given);
                    int longest =
                            given.stream().mapToInt(TokenSequence::size).max().orElseThrow();
                    boolean even = given.stream().allMatch(one -> one.size() == longest);
                    NDArray padding = even ? null : padding(given, longest, working);
                    NDList state = model.begin(tokens(given, longest, start, working), padding, pass);
                    return stepper.step(same(start, given.size(), working), state);
                },
                Optional.of((source, target, working, pass) -> {
                    TokenSequence started = TokenSequence.of(IntStream.concat(IntStream.of(start), target.stream())
                            .toArray());
                    return model.attention(
                            tokens(List.of(source), source.size(), start, working),
                            tokens(List.of(started), started.size(), start, working),
                            null,
                            pass);
                }),
                release);
    }

    /** (N, T), rows filled up behind their ends. */
    private static NDArray tokens(List<TokenSequence> rows, int length, int filling, NDManager manager) {
        long[] tokens = new long[rows.size() * length];
        Arrays.fill(tokens, filling);
        for (int n = 0; n < rows.size(); n++) {
            for (int i = 0; i < rows.get(n).size(); i++) {
                tokens[n * length + i] = rows.get(n).token(i);
            }
        }
        return manager.create(tokens, new Shape(rows.size(), length));
    }

    /** (N, 1), all the same. */
    private static NDArray same(int token, int rows, NDManager manager) {
        long[] tokens = new long[rows];
        Arrays.fill(tokens, token);
        return manager.create(tokens, new Shape(rows, 1));
    }

    /** (N, T), true behind the ends of rows. */
    private static NDArray padding(List<TokenSequence> rows, int length, NDManager manager) {
        boolean[] padding = new boolean[rows.size() * length];
        for (int n = 0; n < rows.size(); n++) {
            Arrays.fill(padding, n * length + rows.get(n).size(), (n + 1) * length, true);
        }
        return manager.create(padding, new Shape(rows.size(), length));
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public Continuation begin(List<TokenSequence> given) {
        Device device = block.getParameters().valueAt(0).getArray().getDevice();
        Begun begun = new Begun(root.newSubManager(device), given.size());
        try {
            // from the first on: a second thread that has just worked waits by spinning
            begun.alone = weights * given.size() <= ALONE ? SingleThread.open() : null;
            begun.advance(working -> beginning.begin(given, working, begun.pass, begun.stepper));
            return begun;
        } catch (RuntimeException e) {
            begun.close();
            throw e;
        }
    }

    @Override
    public Optional<float[]> attention(TokenSequence source, TokenSequence target) {
        TokenModel.requireSources(List.of(source));
        Device device = block.getParameters().valueAt(0).getArray().getDevice();
        return attending.map(own -> {
            try (NDManager working = root.newSubManager(device);
                    Autograd.Scope off = Autograd.withoutGradients()) {
                Pass pass = new Pass(new ParameterStore(working, false), false);
                return own.attention(source, target, working, pass).toFloatArray();
            }
        });
    }

    @Override
    public void close() {
        watch.close();
        root.close();
        release.run();
    }

    /** Computes on arrays of a manager that lives until the next one has computed. */
    private interface Move {
        TokenDecoder.Step by(NDManager working);
    }

    private final class Begun implements Continuation {

        private final NDManager manager;
        /** Of all steps: parameters are looked up, and on another device copied, once. */
        private final Pass pass;

        private final TokenDecoder.Stepper stepper;

        private SingleThread alone;
        private int sequences;
        private TokenDecoder.Step now;
        private NDManager owner;
        private float[] logits;

        Begun(NDManager manager, int sequences) {
            this.manager = manager;
            pass = new Pass(new ParameterStore(manager, false), false);
            stepper = block.stepper(manager, pass);
            this.sequences = sequences;
        }

        private void advance(Move move) {
            NDManager working = manager.newSubManager();
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                TokenDecoder.Step next = move.by(working);
                // what a step leaves as it is belongs to the one before
                next.logits().attach(working);
                next.state().attach(working);
                now = next;
            } catch (RuntimeException e) {
                working.close();
                throw e;
            }
            if (owner != null) {
                owner.close();
            }
            owner = working;
            logits = null;
        }

        @Override
        public int sequences() {
            return sequences;
        }

        @Override
        public int vocabulary() {
            return vocabulary;
        }

        @Override
        public float[] logits(int sequence) {
            if (logits == null) {
                logits = now.logits().toFloatArray();
            }
            return Arrays.copyOfRange(logits, sequence * vocabulary, (sequence + 1) * vocabulary);
        }

        @Override
        public LikelyTokens likeliest(int count) {
            int kept = Math.min(count, vocabulary);
            try (NDManager working = manager.newSubManager();
                    Autograd.Scope off = Autograd.withoutGradients()) {
                NDList best = SCRIPT.callForList("likeliest", now.logits(), kept);
                best.attach(working);
                int[] tokens = Arrays.stream(best.get(1).toLongArray())
                        .mapToInt(Math::toIntExact)
                        .toArray();
                return new LikelyTokens(kept, tokens, best.get(0).toFloatArray());
            }
        }

        @Override
        public void read(int... tokens) {
            Rows.requireEach(tokens, sequences);
            long[] next = Arrays.stream(tokens).asLongStream().toArray();
            try {
                advance(working -> stepper.step(working.create(next, new Shape(next.length, 1)), now.state()));
            } catch (EngineException e) {
                throw new IllegalArgumentException(
                        "the model does not take the tokens: "
                                + String.valueOf(e.getMessage())
                                        .strip()
                                        .lines()
                                        .findFirst()
                                        .orElse(""),
                        e);
            }
        }

        @Override
        public void keep(int... kept) {
            Rows.require(kept, sequences);
            if (Arrays.equals(kept, IntStream.range(0, sequences).toArray())) {
                return;
            }
            long[] index = Arrays.stream(kept).asLongStream().toArray();
            NDList arrays = new NDList(now.logits());
            arrays.addAll(now.state());
            advance(working -> {
                NDList rows = SCRIPT.callForList("rows", arrays, working.create(index));
                return new TokenDecoder.Step(rows.get(0), rows.subNDList(1));
            });
            sequences = kept.length;
        }

        @Override
        public void close() {
            manager.close();
            if (alone != null) {
                alone.close();
            }
        }
    }
}
