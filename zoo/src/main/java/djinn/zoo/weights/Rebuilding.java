package djinn.zoo.weights;

import djinn.zoo.weights.Unpickler.Refused;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stands in place of the classes and functions that a pickle names: dictionaries, descriptions of tensors, and for
 * all others a value of which only the name is known.
 */
final class Rebuilding {

    /** What a pickle names: a class or a function. */
    record Global(String name) {}

    /**
     * The elements of a storage.
     *
     * @param name that of PyTorch's class
     * @param dtype how they are read; empty if they cannot be
     * @param size bytes of one
     */
    record Elements(String name, Optional<Dtype> dtype, int size) {}

    /** The memory of tensors: its elements, its key in the file and their number. */
    record Storage(Elements type, String key, long elements) {}

    /** A view of a storage; offset and strides count elements. */
    record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

    /** A value of a class that is not known here; if it is a dictionary of its own kind, with its items. */
    static final class Opaque {

        private final String type;
        private final Map<Object, Object> items = new LinkedHashMap<>();

        Opaque(String type) {
            this.type = type;
        }

        String type() {
            return type;
        }

        Map<Object, Object> items() {
            return items;
        }
    }

    /** A part of a storage, as PyTorch wrote before 0.4. */
    private record View(Storage storage, long begin) {}

    private static final Map<String, Elements> STORAGES = storageTypes();
    private static final Set<String> DICTIONARIES = Set.of(
            "collections.OrderedDict",
            "collections.defaultdict",
            "collections.Counter",
            "builtins.dict",
            "__builtin__.dict");
    private static final Set<String> TENSORS = Set.of(
            "torch._utils._rebuild_tensor_v2",
            // without gradient and hooks, as PyTorch wrote tensors before 0.4; checkpoints of that time are still in
            // use
            "torch._utils._rebuild_tensor");
    private static final Set<String> PARAMETERS =
            Set.of("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state");
    private static final String SUBCLASS = "torch._tensor._rebuild_from_type_v2";

    /** What no honest checkpoint names: modules whose functions run programs or code, and such functions. */
    private static final Set<String> HOSTILE_MODULES = Set.of(
            "os",
            "posix",
            "nt",
            "subprocess",
            "sys",
            "pty",
            "runpy",
            "importlib",
            "socket",
            "shutil",
            "ctypes",
            "code",
            "webbrowser",
            "commands",
            "popen2",
            "asyncio",
            "multiprocessing",
            "threading",
            "pickle",
            "marshal");

    private static final Set<String> HOSTILE_BUILTINS = Set.of(
            "eval",
            "exec",
            "execfile",
            "compile",
            "open",
            "file",
            "__import__",
            "input",
            "apply",
            "breakpoint",
            "globals",
            "vars",
            "setattr",
            "delattr");

    /** Whose values stand in many checkpoints, and are passed over without a word. */
    private static final Set<String> USUAL_MODULES = Set.of(
            "builtins",
            "__builtin__",
            "collections",
            "torch",
            "numpy",
            "_codecs",
            "datetime",
            "pathlib",
            "copyreg",
            "copy_reg",
            "argparse",
            "decimal",
            "fractions",
            "uuid",
            "enum",
            "typing",
            "functools",
            "random");

    private final Map<String, Storage> storages = new LinkedHashMap<>();
    private final Set<String> unknown = new LinkedHashSet<>();

    private static Map<String, Elements> storageTypes() {
        Map<String, Elements> types = new LinkedHashMap<>();
        add(types, "FloatStorage", Dtype.F32, 4);
        add(types, "DoubleStorage", Dtype.F64, 8);
        add(types, "HalfStorage", Dtype.F16, 2);
        add(types, "BFloat16Storage", Dtype.BF16, 2);
        add(types, "LongStorage", Dtype.I64, 8);
        add(types, "IntStorage", Dtype.I32, 4);
        add(types, "CharStorage", Dtype.I8, 1);
        add(types, "ByteStorage", Dtype.U8, 1);
        add(types, "BoolStorage", Dtype.BOOL, 1);
        add(types, "ShortStorage", null, 2);
        add(types, "ComplexFloatStorage", null, 8);
        add(types, "ComplexDoubleStorage", null, 16);
        add(types, "QInt8Storage", null, 1);
        add(types, "QUInt8Storage", null, 1);
        add(types, "QInt32Storage", null, 4);
        add(types, "QUInt4x2Storage", null, 1);
        add(types, "QUInt2x4Storage", null, 1);
        add(types, "UntypedStorage", null, 1);
        return types;
    }

    private static void add(Map<String, Elements> types, String name, Dtype dtype, int size) {
        types.put(name, new Elements(name, Optional.ofNullable(dtype), size));
    }

    /**
     * Returns what a pickle names.
     *
     * @throws Refused if it runs code or programs
     */
    static Global global(String module, String name) throws Refused {
        String full = module + "." + name;
        String top = module.contains(".") ? module.substring(0, module.indexOf('.')) : module;
        boolean builtin = top.equals("builtins") || top.equals("__builtin__");
        if (HOSTILE_MODULES.contains(top) || (builtin && HOSTILE_BUILTINS.contains(name))) {
            throw new Refused("the pickle names " + printable(full) + ", which runs code and is none of a checkpoint's;"
                    + " nothing was executed; do not trust this file");
        }
        return new Global(full);
    }

    /** Returns what stands outside of the pickle: the storage of a tensor, or the source of a class. */
    Object persistent(List<?> id) throws Refused {
        if (id.size() >= 2 && "module".equals(id.get(0)) && id.get(1) instanceof Global type) {
            return type;
        }
        if (id.size() < 5 || !"storage".equals(id.get(0)) || !(id.get(1) instanceof Global type)) {
            throw new Refused("the pickle refers to something that is no storage of a tensor");
        }
        Elements elements = STORAGES.get(type.name.replaceFirst("^torch\\.(cuda\\.|storage\\.)?_?", ""));
        if (elements == null) {
            throw new Refused("the pickle has a storage of " + printable(type.name));
        }
        Storage storage = new Storage(elements, (String) id.get(2), (Long) id.get(4));
        storages.put(storage.key, storage);
        return id.size() > 5 && id.get(5) instanceof List<?> view ? new View(storage, (Long) view.get(1)) : storage;
    }

    /** All storages that have been named, by their keys. */
    Map<String, Storage> storages() {
        return storages;
    }

    /** Returns what stands for the value that a call would give; nothing is called. */
    Object call(Object function, List<?> arguments) throws Refused {
        if (!(function instanceof Global known)) {
            return new Opaque("a value of a call");
        } else if (DICTIONARIES.contains(known.name)) {
            return dictionary(arguments);
        } else if (TENSORS.contains(known.name)) {
            boolean view = arguments.get(0) instanceof View;
            Storage storage = view ? ((View) arguments.get(0)).storage : (Storage) arguments.get(0);
            long begin = view ? ((View) arguments.get(0)).begin : 0;
            return new Tensor(
                    storage,
                    Math.addExact(begin, (Long) arguments.get(1)),
                    longs(arguments.get(2)),
                    longs(arguments.get(3)));
        } else if (PARAMETERS.contains(known.name)) {
            return arguments.get(0);
        } else if (known.name.equals(SUBCLASS)) {
            return call(arguments.get(0), (List<?>) arguments.get(2));
        }
        String name = printable(known.name);
        if (!USUAL_MODULES.contains(name.substring(0, Math.max(0, name.indexOf('.'))))) {
            unknown.add(name);
        }
        return new Opaque(name);
    }

    /** The names of the classes, of no usual module, that a call stood for. */
    Set<String> unknown() {
        return unknown;
    }

    private static Map<Object, Object> dictionary(List<?> arguments) {
        Map<Object, Object> result = new LinkedHashMap<>();
        for (Object argument : arguments) {
            if (argument instanceof Map<?, ?> items) {
                result.putAll(items);
            } else if (argument instanceof List<?> pairs) {
                for (Object pair : pairs) {
                    Object key = ((List<?>) pair).get(0);
                    if (key instanceof String || key instanceof Long) {
                        result.put(key, ((List<?>) pair).get(1));
                    }
                }
            }
        }
        return result;
    }

    private static List<Long> longs(Object tuple) {
        return ((List<?>) tuple).stream().map(Long.class::cast).toList();
    }

    private static String printable(String name) {
        return name.replaceAll("[^\\w.]", "?").substring(0, Math.min(name.length(), 80));
    }
}
