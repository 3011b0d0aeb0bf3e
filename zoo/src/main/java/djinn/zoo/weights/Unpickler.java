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
 * Reads the pickles PyTorch writes checkpoints as, and can build nothing else than dictionaries, lists, numbers, text and
 * descriptions of tensors.
 *
 * <p>A pickle is a program, and Python's own reader runs whatever it names. Here nothing is ever executed: what a class
 * or function would make stands as a {@link Rebuilding.Opaque} of its name, and a pickle that names one that runs code or
 * programs is refused.
 */
final class Unpickler {

    /** The pickle is damaged, or wants something that is not a checkpoint's. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** A key that is neither text nor a number: nothing is looked up under it, and a hash of it might never end. */
    private static final class OtherKey {}

    private static final Object MARK = new Object();

    private final ByteBuffer in;
    private final Deque<Object> stack = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private final Rebuilding rebuilding = new Rebuilding();

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
        } catch (ClassCastException
                | IndexOutOfBoundsException
                | ArithmeticException
                | UnsupportedOperationException e) {
            throw refused("the pickle is malformed", e);
        }
    }

    private void step(int opcode) throws Refused {
        switch (opcode) {
            case 0x80 -> in.get(); // protocol
            case 0x95 -> in.getLong(); // frame
            case '(' -> stack.push(MARK);
            case '0' -> pop();
            case '1' -> toMark();
            case '2' -> stack.push(present(stack.peek()));
            case 'N' -> stack.push(NONE);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'J' -> stack.push((long) in.getInt());
            case 'K' -> stack.push((long) (in.get() & 0xFF));
            case 'M' -> stack.push((long) (in.getShort() & 0xFFFF));
            case 0x8a -> stack.push(longOf(in.get() & 0xFF));
            case 0x8b -> stack.push(longOf(in.getInt()));
            case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X', 'T', 'B' -> stack.push(text(in.getInt()));
            case 0x8c, 'U', 'C' -> stack.push(text(in.get() & 0xFF));
            case 0x8d, 0x8e, 0x96 -> stack.push(text(in.getLong()));
            case '}' -> stack.push(new LinkedHashMap<Object, Object>());
            case ']', 0x8f -> stack.push(new ArrayList<Object>());
            case ')' -> stack.push(List.of());
            case 0x85 -> stack.push(tuple(1));
            case 0x86 -> stack.push(tuple(2));
            case 0x87 -> stack.push(tuple(3));
            case 't', 0x91 -> stack.push(List.copyOf(toMark()));
            case 'l' -> stack.push(toMark());
            case 'd' -> stack.push(putAll(new LinkedHashMap<>(), toMark()));
            case 'q' -> memo.put(in.get() & 0xFF, stack.peek());
            case 'r' -> memo.put(in.getInt(), stack.peek());
            case 0x94 -> memo.put(memo.size(), stack.peek());
            case 'h' -> stack.push(present(memo.get(in.get() & 0xFF)));
            case 'j' -> stack.push(present(memo.get(in.getInt())));
            case 'a' -> {
                Object item = pop();
                add(present(stack.peek()), List.of(item));
            }
            case 'e', 0x90 -> {
                List<Object> items = toMark();
                add(present(stack.peek()), items);
            }
            case 's' -> {
                Object value = pop();
                Object key = pop();
                putAll(map(present(stack.peek())), List.of(key, value));
            }
            case 'u' -> {
                List<Object> items = toMark();
                putAll(map(present(stack.peek())), items);
            }
            case 'c' -> stack.push(Rebuilding.global(line(), line()));
            case 0x93 -> {
                Object name = pop();
                stack.push(Rebuilding.global((String) pop(), (String) name));
            }
            case 'Q' -> stack.push(rebuilding.persistent((List<?>) pop()));
            case 'R', 0x81 -> {
                List<?> arguments = (List<?>) pop();
                stack.push(rebuilding.call(pop(), arguments));
            }
            case 0x92 -> {
                pop(); // arguments with names
                List<?> arguments = (List<?>) pop();
                stack.push(rebuilding.call(pop(), arguments));
            }
            // attributes, such as a state dict's _metadata, say nothing about the weights
            case 'b' -> pop();
            default ->
                throw new Refused("the pickle uses the instruction 0x" + Integer.toHexString(opcode)
                        + ", which no checkpoint needs");
        }
    }

    /** All storages that have been named so far, by their keys. */
    Map<String, Rebuilding.Storage> storages() {
        return rebuilding.storages();
    }

    /** The names of the classes, of none that checkpoints usually have, whose values were passed over. */
    Set<String> unknown() {
        return rebuilding.unknown();
    }

    private static Map<Object, Object> putAll(Map<Object, Object> target, List<Object> items) {
        for (int i = 0; i + 1 < items.size(); i += 2) {
            Object key = items.get(i);
            target.put(key instanceof String || key instanceof Long ? key : new OtherKey(), items.get(i + 1));
        }
        return target;
    }

    /** Lists are kept; what is added to a value of an unknown class is passed over. */
    private static void add(Object target, List<Object> items) {
        if (!(target instanceof Rebuilding.Opaque)) {
            list(target).addAll(items);
        }
    }

    /** A whole number; of one of more than 64 bits, the lowest, for nothing of a tensor is so large. */
    private long longOf(int bytes) throws Refused {
        requireLeft(bytes);
        byte[] little = new byte[bytes];
        in.get(little);
        long value = bytes > 0 && little[bytes - 1] < 0 ? -1 : 0;
        for (int i = Math.min(bytes, Long.BYTES) - 1; i >= 0; i--) {
            value = value << Byte.SIZE | (little[i] & 0xFF);
        }
        return value;
    }

    private void requireLeft(long bytes) throws Refused {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new Refused("the pickle ends early");
        }
    }

    private String text(long length) throws Refused {
        requireLeft(length);
        byte[] bytes = new byte[(int) length];
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

    private static Object present(Object value) throws Refused {
        if (value == null || value == MARK) {
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
        return value instanceof Rebuilding.Opaque opaque ? opaque.items() : (Map<Object, Object>) value;
    }

    private static Refused refused(String message, Exception cause) {
        Refused refused = new Refused(message);
        refused.initCause(cause);
        return refused;
    }
}
