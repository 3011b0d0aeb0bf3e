package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import djinn.ops.TorchScript;
import djinn.ops.TracedArray;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;

/** An array as a traced block sees it: one of the engine's, and the value of the graph it stands for. */
final class ArrayHandler implements InvocationHandler {

    /** What tells of an array without its elements. */
    private static final Set<String> FACTS = Set.of(
            "getName",
            "setName",
            "getUid",
            "getDataType",
            "getDevice",
            "getShape",
            "getSparseFormat",
            "isSparse",
            "isScalar",
            "size",
            "isEmpty",
            "hasGradient",
            "isReleased",
            "shapeEquals",
            "hashCode");

    /** What hands out elements. */
    private static final Set<String> READS = Set.of(
            "toByteBuffer",
            "toDoubleArray",
            "toFloatArray",
            "toShortArray",
            "toUnsignedShortArray",
            "toIntArray",
            "toUnsignedIntArray",
            "toLongArray",
            "toByteArray",
            "toUint8Array",
            "toBooleanArray",
            "toStringArray",
            "toArray",
            "getLong",
            "getDouble",
            "getFloat",
            "getInt",
            "getByte",
            "getUint8",
            "getBoolean",
            "encode",
            "contentEquals",
            "allClose");

    /** What concerns memory and gradients only: the trace owns its arrays and has no gradients. */
    private static final Set<String> IGNORED =
            Set.of("attach", "tempAttach", "detach", "returnResource", "close", "setRequiresGradient");

    /** Operations that change the array they are called on, and those that make a new one instead. */
    private static final Map<String, String> IN_PLACE = Map.ofEntries(
            Map.entry("addi", "add"),
            Map.entry("subi", "sub"),
            Map.entry("muli", "mul"),
            Map.entry("divi", "div"),
            Map.entry("modi", "mod"),
            Map.entry("powi", "pow"),
            Map.entry("negi", "neg"),
            Map.entry("signi", "sign"),
            Map.entry("rdivi", "rdiv"),
            Map.entry("rsubi", "rsub"),
            Map.entry("rmodi", "rmod"),
            Map.entry("rpowi", "rpow"));

    /** Memory that several arrays may show; counts the changes made in place. */
    static final class Memory {
        private int changes;
    }

    private final Recorder recorder;
    private final NDArray proxy;
    private NDArray real;
    private Value value;
    private Memory memory;
    private int changesSeen;

    ArrayHandler(Recorder recorder, NDArray real, Value value) {
        this(recorder, real, value, new Memory());
    }

    ArrayHandler(Recorder recorder, NDArray real, Value value, Memory memory) {
        this.recorder = recorder;
        this.real = real;
        this.value = value;
        this.memory = memory;
        this.changesSeen = memory.changes;
        this.proxy = (NDArray) Proxy.newProxyInstance(
                ArrayHandler.class.getClassLoader(), new Class<?>[] {TracedArray.class, NDArrayEx.class}, this);
    }

    /** Returns the handler behind an array of a trace, or null for any other. */
    static ArrayHandler behind(NDArray array) {
        return Proxy.isProxyClass(array.getClass()) && Proxy.getInvocationHandler(array) instanceof ArrayHandler handler
                ? handler
                : null;
    }

    NDArray proxy() {
        return proxy;
    }

    NDArray real() {
        return real;
    }

    Value value() {
        return value;
    }

    Memory memory() {
        return memory;
    }

    /** Returns itself, if no array that shares its memory was changed since. */
    ArrayHandler current() {
        if (changesSeen != memory.changes) {
            throw recorder.error(
                    "an array is used after another that shows the same memory was changed in place",
                    "use add, mul ... in place of addi, muli ..., or duplicate()");
        }
        return this;
    }

    /** Gives the array other values, as an operation in place does. */
    void rebind(ArrayHandler other) {
        current();
        memory.changes++;
        memory = new Memory();
        changesSeen = 0;
        real = other.real;
        value = other.value;
    }

    @Override
    public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
        try {
            return answer(self, method, arguments);
        } catch (ClassCastException
                | IndexOutOfBoundsException
                | NullPointerException
                | UnsupportedOperationException e) {
            throw recorder.error(
                    "'" + method.getName() + "' cannot be called so in a trace (" + e + ")", "use another operation");
        }
    }

    private Object answer(Object self, Method method, Object[] arguments) throws Throwable {
        Object[] given = arguments == null ? new Object[0] : arguments;
        String name = method.getName();
        if (method.getDeclaringClass() == TracedArray.class) {
            return new ScriptInterpreter(recorder, (TorchScript) given[0]).call((String) given[1], (Object[]) given[2]);
        } else if (name.equals("equals")) {
            return self == given[0];
        } else if (name.equals("toString") || name.equals("toDebugString")) {
            return "traced " + value;
        } else if (name.equals("getManager")) {
            return recorder.manager();
        } else if (name.equals("getNDArrayInternal") || name.equals("getArray") || name.equals("stopGradient")) {
            return self;
        } else if (IGNORED.contains(name)) {
            return null;
        } else if (FACTS.contains(name)) {
            return onEngine(method, given);
        } else if (READS.contains(name)) {
            if (value.source() == Value.Source.CONSTANT || value.source() == Value.Source.PARAMETER) {
                return onEngine(method, given);
            }
            throw recorder.error(
                    "'" + name + "' reads values that depend on the input, which would be the same for every input",
                    "compute with arrays instead");
        } else if (name.equals("intern")) {
            rebind(recorder.of((NDArray) given[0]));
            return null;
        } else if (IN_PLACE.containsKey(name)) {
            rebind(recorder.of((NDArray) operation(IN_PLACE.get(name), method, given)));
            return self;
        }
        return operation(name, method, given);
    }

    private Object operation(String name, Method method, Object[] given) throws Throwable {
        Object result = DjlOperations.apply(recorder, this, name, given);
        if (result instanceof ArrayHandler handler) {
            return handler.proxy;
        } else if (result != null) {
            return result;
        } else if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, given);
        }
        throw recorder.error("'" + name + "' is not known to the tracer", "use another operation");
    }

    private Object onEngine(Method method, Object[] given) throws Throwable {
        try {
            return method.invoke(current().real, given);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Returns a list as a block sees it. */
    static NDList proxies(Iterable<ArrayHandler> handlers) {
        NDList list = new NDList();
        handlers.forEach(handler -> list.add(handler.proxy));
        return list;
    }
}
