package djinn.ops;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ModuleCall;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Functions written as TorchScript text: the door to every operation of the engine that DJL's own surface lacks.
 *
 * <p>The text holds one or more top-level functions with annotated arguments:
 *
 * <pre>{@code
 * TorchScript script = TorchScript.compile(manager, """
 *         def scaled(x: Tensor, by: float) -> Tensor:
 *           return torch.mul(x, by)
 *         """);
 * NDArray y = script.call("scaled", x, 2.0);
 * }</pre>
 *
 * <p>The language is the one TorchScript archives are stored in: operations are {@code torch.NAME}, lists are made by
 * {@code annotate(List[Tensor], [])} and filled by {@code torch.append}, an optional is opened by {@code
 * unchecked_cast(Tensor, x)}, a memory format or dtype is its number. Functions call each other as {@code
 * self.NAME(...)}.
 *
 * <p>Arguments may be {@link NDArray}, {@link NDList}, a list of NDArrays or {@link HeldArrays} ({@code List[Tensor]}), {@code Integer} or
 * {@code Long} ({@code int}), {@code Float} or {@code Double} ({@code float}), {@code Boolean}, {@code String}, {@code
 * long[]}, {@code double[]}, {@code boolean[]}, or null ({@code None} for an optional).
 *
 * <p>Calls run under the thread's grad mode, so gradients flow through them like through any other operation. A script
 * may be called from several threads at once. It is freed with the manager it was compiled on, or by {@link #close()}.
 */
public final class TorchScript implements AutoCloseable {

    private static final Pattern DEFINITION = Pattern.compile("(?m)^def\\s+(\\w+)\\s*\\(\\s*(\\)?)");

    /** The profiling executor would spend seconds on the first calls; the switch is one per thread. */
    private static final ThreadLocal<Boolean> PLAIN_EXECUTOR = ThreadLocal.withInitial(() -> {
        JniUtils.setGraphExecutorOptimize(false);
        return true;
    });

    private static final String NONE = "djinn_none";

    /** The newest the engine knows: in older ones {@code gelu} lacks its tanh form. */
    private static final String VERSION = "10\n";

    private final String text;
    private final Supplier<PtNDManager> manager;
    private final boolean recorded;
    private volatile Compiled compiled;

    /** The code, and the manager it is freed with. */
    private record Compiled(PtSymbolBlock module, PtNDManager owner) {}

    private TorchScript(String text, Supplier<PtNDManager> manager, boolean recorded) {
        this.text = text;
        this.manager = manager;
        this.recorded = recorded;
    }

    /**
     * Compiles the functions of a text.
     *
     * @param owner the manager the compiled code is freed with, and that owns the results of calls without any tensor
     * @param text one or more top-level function definitions, indented by two spaces
     * @return the compiled script
     * @throws IllegalArgumentException if the text defines nothing or does not compile; the message holds the engine's
     *     own and the text
     */
    public static TorchScript compile(NDManager owner, String text) {
        TorchScript script = new TorchScript(text, () -> (PtNDManager) owner, true);
        script.compiled();
        return script;
    }

    /**
     * Returns functions that live as long as the process: for the constants of a class.
     *
     * <p>They are compiled when the first of them is called, so that a class can be loaded without the engine.
     *
     * @param text as for {@link #compile}
     * @return the script
     */
    public static TorchScript compileForProcess(String text) {
        return forProcess(text, true);
    }

    /**
     * Returns functions that live as long as the process and through which no gradient flows, whatever the thread's grad
     * mode: each of their operations costs less, as nothing is recorded.
     *
     * @param text as for {@link #compile}
     * @return the script
     */
    public static TorchScript compileUnrecorded(String text) {
        return forProcess(text, false);
    }

    private static TorchScript forProcess(String text, boolean recorded) {
        // a base manager of its own is a child of the engine's system manager and is never closed
        return new TorchScript(text, () -> (PtNDManager) PyTorch.newManager(), recorded);
    }

    /**
     * Calls a function that returns one tensor.
     *
     * @param function the function's name
     * @param arguments its arguments, see the class description
     * @return the result, owned by the manager of the first tensor among the arguments
     * @throws IllegalArgumentException if an argument is of no kind listed in the class description
     * @throws EngineException if the engine refuses the call; its message is kept
     */
    public NDArray call(String function, Object... arguments) {
        Optional<TracedArray> traced = traced(arguments);
        if (traced.isPresent()) {
            return (NDArray) traced.get().run(this, function, arguments);
        }
        try (IValue result = run(function, arguments)) {
            return result.toTensor(managerOf(arguments));
        }
    }

    /**
     * Calls a function that returns a list or a tuple of tensors.
     *
     * @param function the function's name
     * @param arguments its arguments
     * @return the results, owned by the manager of the first tensor among the arguments
     */
    public NDList callForList(String function, Object... arguments) {
        Optional<TracedArray> traced = traced(arguments);
        if (traced.isPresent()) {
            return (NDList) traced.get().run(this, function, arguments);
        }
        try (IValue result = run(function, arguments)) {
            return result.toNDList(managerOf(arguments));
        }
    }

    /**
     * Calls a function that returns a {@code float}.
     *
     * @param function the function's name
     * @param arguments its arguments
     * @return the result
     */
    public double callForDouble(String function, Object... arguments) {
        try (IValue result = run(function, arguments)) {
            return result.toDouble();
        }
    }

    /**
     * Calls a function that returns a {@code bool}.
     *
     * @param function the function's name
     * @param arguments its arguments
     * @return the result
     */
    public boolean callForBoolean(String function, Object... arguments) {
        try (IValue result = run(function, arguments)) {
            return result.toBoolean();
        }
    }

    /**
     * Calls a function for what it does to its arguments.
     *
     * <p>It should return something that depends on what it wrote to, such as the length of a list: the compiler takes
     * writes to the elements of a list that the function made itself for dead code if it returns {@code None}.
     *
     * @param function the function's name
     * @param arguments its arguments
     */
    public void callForEffect(String function, Object... arguments) {
        run(function, arguments).close();
    }

    /** Returns the text the script was compiled from. */
    public String text() {
        return text;
    }

    /** Frees the compiled code. Calls afterwards fail with an {@link IllegalStateException}. */
    @Override
    public void close() {
        compiled().module.close();
    }

    private Compiled compiled() {
        Compiled known = compiled;
        if (known == null) {
            synchronized (this) {
                known = compiled;
                if (known == null) {
                    known = compile(manager.get());
                    compiled = known;
                }
            }
        }
        return known;
    }

    private Compiled compile(PtNDManager owner) {
        Matcher definitions = DEFINITION.matcher(text);
        List<String> names = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        while (definitions.find()) {
            names.add(definitions.group(1));
            String self = definitions.group(2).isEmpty() ? "self: __torch__.Ops, " : "self: __torch__.Ops)";
            definitions.appendReplacement(body, "def " + definitions.group(1) + "(" + self);
        }
        definitions.appendTail(body);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("expected at least one 'def name(x: Tensor) -> Tensor:', got:\n" + text);
        }
        PLAIN_EXECUTOR.get();
        try {
            byte[] archive = archive(body.toString());
            PtSymbolBlock module = JniUtils.loadModule(owner, new ByteArrayInputStream(archive), false, false);
            return new Compiled(module, owner);
        } catch (EngineException e) {
            throw new IllegalArgumentException(
                    "TorchScript does not compile: " + firstLines(e.getMessage()) + "\nin the text:\n" + text, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private IValue run(String function, Object... arguments) {
        PtSymbolBlock module = compiled().module;
        PLAIN_EXECUTOR.get();
        List<IValue> values = new ArrayList<>(arguments.length);
        try {
            for (Object argument : arguments) {
                values.add(valueOf(argument, module));
            }
            return recorded
                    ? ModuleCall.run(module, function, values)
                    : ModuleCall.runUnrecorded(module, function, values);
        } finally {
            for (int i = 0; i < values.size(); i++) {
                if (!(arguments[i] instanceof HeldArrays)) {
                    values.get(i).close();
                }
            }
        }
    }

    /** Lets scripts of the calling thread run without being profiled first. */
    static void usePlainExecutor() {
        PLAIN_EXECUTOR.get();
    }

    private static IValue valueOf(Object argument, PtSymbolBlock module) {
        if (argument instanceof PtNDArray array) {
            return IValue.from(array);
        } else if (argument instanceof HeldArrays held) {
            return held.value();
        } else if (argument instanceof List<?> list) {
            return IValue.listFrom(list.stream()
                    .map(item -> {
                        if (item instanceof PtNDArray array) {
                            return array;
                        }
                        throw new IllegalArgumentException(
                                "expected a list of NDArrays of the PyTorch engine, got an element " + kindOf(item));
                    })
                    .toArray(PtNDArray[]::new));
        } else if (argument instanceof Double || argument instanceof Float) {
            return IValue.from(((Number) argument).doubleValue());
        } else if (argument instanceof Integer || argument instanceof Long) {
            return IValue.from(((Number) argument).longValue());
        } else if (argument instanceof Boolean flag) {
            return IValue.from(flag.booleanValue());
        } else if (argument instanceof String string) {
            return IValue.from(string);
        } else if (argument instanceof long[] longs) {
            return IValue.listFrom(longs);
        } else if (argument instanceof double[] doubles) {
            return IValue.listFrom(doubles);
        } else if (argument instanceof boolean[] booleans) {
            return IValue.listFrom(booleans);
        } else if (argument == null) {
            return ModuleCall.run(module, NONE, List.of());
        }
        throw new IllegalArgumentException(
                "expected NDArray, NDList, a number, a boolean, a string, long[], double[], boolean[] or null, got "
                        + kindOf(argument));
    }

    private static Optional<TracedArray> traced(Object... arguments) {
        for (Object argument : arguments) {
            if (argument instanceof TracedArray array) {
                return Optional.of(array);
            } else if (argument instanceof List<?> list) {
                Optional<TracedArray> within = traced(list.toArray());
                if (within.isPresent()) {
                    return within;
                }
            }
        }
        return Optional.empty();
    }

    private PtNDManager managerOf(Object... arguments) {
        for (Object argument : arguments) {
            if (argument instanceof PtNDArray array) {
                return array.getManager();
            } else if (argument instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof PtNDArray array) {
                return array.getManager();
            }
        }
        return compiled().owner;
    }

    private static String kindOf(Object value) {
        return value == null ? "null" : "of " + value.getClass().getName();
    }

    /** The engine's message ends in a C++ stack trace, which says nothing about the text. */
    private static String firstLines(String message) {
        int trace = message.indexOf("Exception raised from");
        return (trace < 0 ? message : message.substring(0, trace)).strip();
    }

    /** A TorchScript archive: a zip of stored entries with the code as text and a pickle that makes one object of it. */
    private static byte[] archive(String functions) throws IOException {
        StringBuilder code = new StringBuilder("""
                class Ops(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def %s(self: __torch__.Ops) -> Optional[Tensor]:
                    return None
                """.formatted(NONE));
        functions.lines().forEach(line -> code.append("  ").append(line).append('\n'));

        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.write(new byte[] {(byte) 0x80, 2});
        data.write("c__torch__\nOps\nq".getBytes(US_ASCII));
        data.write(new byte[] {0, ')', (byte) 0x81, '}', 'q', 1, 'X', 8, 0, 0, 0});
        data.write("trainingq".getBytes(US_ASCII));
        data.write(new byte[] {2, (byte) 0x88, 's', 'b', '.'});

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            store(zip, "ops/data.pkl", data.toByteArray());
            store(zip, "ops/code/__torch__.py", code.toString().getBytes(UTF_8));
            store(zip, "ops/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "ops/version", VERSION.getBytes(US_ASCII));
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
