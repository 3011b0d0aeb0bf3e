package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;

/** The manager a traced block sees: arrays it makes are part of the trace. */
final class ManagerHandler implements InvocationHandler {

    private final NDManager real;
    private final Recorder recorder;

    private ManagerHandler(NDManager real, Recorder recorder) {
        this.real = real;
        this.recorder = recorder;
    }

    static NDManager proxy(NDManager real, Recorder recorder) {
        return (NDManager) Proxy.newProxyInstance(
                ManagerHandler.class.getClassLoader(),
                new Class<?>[] {NDManager.class},
                new ManagerHandler(real, recorder));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        try {
            return answer(proxy, method, arguments);
        } catch (ClassCastException
                | IndexOutOfBoundsException
                | NullPointerException
                | UnsupportedOperationException e) {
            throw recorder.error(
                    "'" + method.getName() + "' of a manager cannot be called so in a trace (" + e + ")",
                    "use another operation");
        }
    }

    private Object answer(Object proxy, Method method, Object[] arguments) throws Throwable {
        Object[] given = arguments == null ? new Object[0] : arguments;
        String name = method.getName();
        switch (name) {
            case "newSubManager", "getParentManager" -> {
                return proxy;
            }
            case "from" -> {
                return given[0] == null ? null : recorder.of((NDArray) given[0]).proxy();
            }
            case "zeros", "ones" -> {
                if (given[0] instanceof Shape shape) {
                    return filled(name, shape, given.length > 1 ? given[1] : DataType.FLOAT32);
                }
            }
            case "arange" -> {
                if (given.length == 4 && given[0] instanceof Number) {
                    return recorder.applyAll(
                                    "arange",
                                    List.of(
                                            number(given[0], given[3]),
                                            number(given[1], given[3]),
                                            number(given[2], given[3])),
                                    Map.of("dtype", given[3]))
                            .get(0)
                            .proxy();
                }
                return InvocationHandler.invokeDefault(proxy, method, given);
            }
            case "attachInternal", "attachUncappedInternal", "tempAttachInternal", "detachInternal", "close", "cap" -> {
                return null;
            }
            case "equals" -> {
                return proxy == given[0];
            }
            default -> {
                // below
            }
        }
        if (name.startsWith("random") || name.startsWith("truncated") || name.startsWith("sample")) {
            throw recorder.error("'" + name + "' gives other values every time", "trace the block in evaluation");
        }
        Object result;
        try {
            result = method.invoke(real, given);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (result instanceof NDArray array) {
            NDArray traced = recorder.constant(array).proxy();
            array.close();
            return traced;
        } else if (result instanceof NDList list) {
            NDList traced = new NDList();
            list.forEach(array -> traced.add(recorder.constant(array).proxy()));
            return traced;
        }
        return result;
    }

    private NDArray filled(String op, Shape shape, Object type) {
        return recorder.applyAll(op, List.of(shape), Map.of("dtype", type))
                .get(0)
                .proxy();
    }

    private static Object number(Object value, Object type) {
        Number number = (Number) value;
        return ((DataType) type).isFloating() ? (Object) number.doubleValue() : (Object) number.longValue();
    }
}
