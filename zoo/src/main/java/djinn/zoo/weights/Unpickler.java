package djinn.zoo.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the pickles PyTorch writes state dicts as, and can build nothing else: dictionaries, lists, tuples, numbers,
 * text and descriptions of tensors.
 *
 * <p>A pickle is a program, and Python's own reader runs whatever it names. Here every class and function but those of
 * a state dict is refused by its name, and nothing is ever executed.
 */
final class Unpickler {

    /** What a pickle names: a class or a function. */
    record Global(String name) {}

    /** The memory of tensors: its element type, its key in the file and its number of elements. */
    record Storage(Dtype dtype, String key, long elements) {}

    /** A view of a storage; offset and strides count elements. */
    record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

    /** The pickle is damaged, or wants something that is not a state dict's. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private static final Map<String, Dtype> STORAGES = Map.of(
            "torch.FloatStorage", Dtype.F32,
            "torch.DoubleStorage", Dtype.F64,
            "torch.HalfStorage", Dtype.F16,
            "torch.BFloat16Storage", Dtype.BF16,
            "torch.LongStorage", Dtype.I64,
            "torch.IntStorage", Dtype.I32,
            "torch.CharStorage", Dtype.I8,
            "torch.ByteStorage", Dtype.U8,
            "torch.BoolStorage", Dtype.BOOL);
    private static final String ORDERED_DICT = "collections.OrderedDict";
    private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
    // without gradient and hooks, as PyTorch wrote tensors before 0.4; checkpoints of that time are still in use
    private static final String EARLY_TENSOR = "torch._utils._rebuild_tensor";
    private static final String PARAMETER = "torch._utils._rebuild_parameter";
    private static final Set<String> CALLABLE = Set.of(ORDERED_DICT, TENSOR, EARLY_TENSOR, PARAMETER);

    private static final Object MARK = new Object();

    private final ByteBuffer in;
    private final Deque<Object> stack = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    /** Null cannot lie on the stack. */
    private static final Object NONE = new Object();

    Unpickler(ByteBuffer in) {
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads one pickle; the buffer then stands behind it. None is returned as null. */
    Object read() throws Refused {
        stack.clear();
        memo.clear();
        try {
            while (true) {
                int opcode = in.get() & 0xFF;
                if (opcode == '.') {
                    Object result = pop();
                    return result == NONE ? null : result;
                }
                step(opcode);
            }
        } catch (BufferUnderflowException e) {
            throw refused("the pickle ends early", e);
        } catch (ClassCastException | IndexOutOfBoundsException | ArithmeticException e) {
            throw refused("the pickle is malformed", e);
        }
    }

    private void step(int opcode) throws Refused {
        switch (opcode) {
            case 0x80 -> in.get(); // protocol
            case 0x95 -> in.getLong(); // frame
            case '(' -> stack.push(MARK);
            case '0' -> pop();
            case 'N' -> stack.push(NONE);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'J' -> stack.push((long) in.getInt());
            case 'K' -> stack.push((long) (in.get() & 0xFF));
            case 'M' -> stack.push((long) (in.getShort() & 0xFFFF));
            case 0x8a -> stack.push(longOf(in.get() & 0xFF));
            case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X', 'T' -> stack.push(text(in.getInt()));
            case 0x8c, 'U', 'C' -> stack.push(text(in.get() & 0xFF));
            case 'B' -> stack.push(text(in.getInt()));
            case '}' -> stack.push(new LinkedHashMap<Object, Object>());
            case ']' -> stack.push(new ArrayList<Object>());
            case ')' -> stack.push(List.of());
            case 0x85 -> stack.push(tuple(1));
            case 0x86 -> stack.push(tuple(2));
            case 0x87 -> stack.push(tuple(3));
            case 't' -> stack.push(List.copyOf(toMark()));
            case 'q' -> memo.put(in.get() & 0xFF, stack.peek());
            case 'r' -> memo.put(in.getInt(), stack.peek());
            case 0x94 -> memo.put(memo.size(), stack.peek());
            case 'h' -> stack.push(remembered(in.get() & 0xFF));
            case 'j' -> stack.push(remembered(in.getInt()));
            case 'a' -> {
                Object item = pop();
                list(stack.peek()).add(item);
            }
            case 'e' -> {
                List<Object> items = toMark();
                list(stack.peek()).addAll(items);
            }
            case 's' -> {
                Object value = pop();
                Object key = pop();
                put(map(stack.peek()), key, value);
            }
            case 'u' -> {
                List<Object> items = toMark();
                Map<Object, Object> target = map(stack.peek());
                for (int i = 0; i + 1 < items.size(); i += 2) {
                    put(target, items.get(i), items.get(i + 1));
                }
            }
            case 'c' -> stack.push(global(line(), line()));
            case 0x93 -> {
                Object name = pop();
                stack.push(global((String) pop(), (String) name));
            }
            case 'Q' -> stack.push(storage((List<?>) pop()));
            case 'R' -> {
                List<?> arguments = (List<?>) pop();
                stack.push(call((Global) pop(), arguments));
            }
            // attributes of a state dict, such as its _metadata, say nothing about the weights
            case 'b' -> pop();
            default ->
                throw new Refused("the pickle uses the instruction 0x" + Integer.toHexString(opcode)
                        + ", which no state dict needs");
        }
    }

    private static Global global(String module, String name) throws Refused {
        String full = module + "." + name;
        if (!CALLABLE.contains(full) && !STORAGES.containsKey(full)) {
            throw new Refused("the pickle names " + printable(full) + ", which is none of the classes of a state dict;"
                    + " nothing was executed");
        }
        return new Global(full);
    }

    private static Object call(Global function, List<?> arguments) throws Refused {
        return switch (function.name) {
            case ORDERED_DICT -> dictionary(arguments);
            case PARAMETER -> tensor(arguments.get(0));
            case TENSOR, EARLY_TENSOR ->
                new Tensor(
                        (Storage) arguments.get(0),
                        (Long) arguments.get(1),
                        longs(arguments.get(2)),
                        longs(arguments.get(3)));
            default -> throw new Refused("the pickle calls " + function.name + ", which is no function");
        };
    }

    private static Map<Object, Object> dictionary(List<?> arguments) throws Refused {
        Map<Object, Object> result = new LinkedHashMap<>();
        if (!arguments.isEmpty()) {
            for (Object pair : (List<?>) arguments.get(0)) {
                put(result, ((List<?>) pair).get(0), ((List<?>) pair).get(1));
            }
        }
        return result;
    }

    /** Keys are text or numbers: a list as a key could hold itself, and its hash would never end. */
    private static void put(Map<Object, Object> target, Object key, Object value) throws Refused {
        if (!(key instanceof String || key instanceof Long)) {
            throw new Refused("a dictionary has a key that is neither text nor a number");
        }
        target.put(key, value);
    }

    private static Tensor tensor(Object value) {
        return (Tensor) value;
    }

    private static Storage storage(List<?> id) throws Refused {
        if (id.size() < 5 || !"storage".equals(id.get(0)) || !(id.get(1) instanceof Global type)) {
            throw new Refused("the pickle refers to something that is no storage of a tensor");
        }
        Dtype dtype = STORAGES.get(type.name);
        if (dtype == null) {
            throw new Refused("the pickle has a storage of " + type.name);
        }
        return new Storage(dtype, (String) id.get(2), (Long) id.get(4));
    }

    private static List<Long> longs(Object tuple) {
        return ((List<?>) tuple).stream().map(Long.class::cast).toList();
    }

    private long longOf(int bytes) throws Refused {
        if (bytes > Long.BYTES + 2) {
            throw new Refused("the pickle holds a number of " + bytes + " bytes");
        }
        byte[] little = new byte[bytes];
        in.get(little);
        long value = bytes > 0 && little[bytes - 1] < 0 ? -1 : 0;
        for (int i = Math.min(bytes, Long.BYTES) - 1; i >= 0; i--) {
            value = value << Byte.SIZE | (little[i] & 0xFF);
        }
        return value;
    }

    private String text(int length) throws Refused {
        if (length < 0 || length > in.remaining()) {
            throw new Refused("the pickle ends early");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (char c = (char) (in.get() & 0xFF); c != '\n'; c = (char) (in.get() & 0xFF)) {
            line.append(c);
        }
        return line.toString();
    }

    private Object remembered(int index) throws Refused {
        Object value = memo.get(index);
        if (value == null) {
            throw new Refused("the pickle is malformed");
        }
        return value;
    }

    private Object pop() throws Refused {
        Object value = stack.poll();
        if (value == null || value == MARK) {
            throw new Refused("the pickle is malformed");
        }
        return value;
    }

    private List<Object> tuple(int size) throws Refused {
        List<Object> reversed = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            reversed.add(0, pop());
        }
        return List.copyOf(reversed);
    }

    private List<Object> toMark() throws Refused {
        ArrayDeque<Object> items = new ArrayDeque<>();
        while (true) {
            Object value = stack.poll();
            if (value == null) {
                throw new Refused("the pickle is malformed");
            }
            if (value == MARK) {
                return new ArrayList<>(items);
            }
            items.addFirst(value);
        }
    }

    @SuppressWarnings("unchecked") // only lists that this class made lie on the stack
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    @SuppressWarnings("unchecked") // only dictionaries that this class made lie on the stack
    private static Map<Object, Object> map(Object value) {
        return (Map<Object, Object>) value;
    }

    private static String printable(String name) {
        return name.replaceAll("[^\\w.]", "?").substring(0, Math.min(name.length(), 80));
    }

    private static Refused refused(String message, Exception cause) {
        Refused refused = new Refused(message);
        refused.initCause(cause);
        return refused;
    }
}
