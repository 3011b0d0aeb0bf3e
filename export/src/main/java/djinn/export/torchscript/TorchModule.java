package djinn.export.torchscript;

import ai.djl.ndarray.NDArray;
import djinn.export.trace.TraceException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** A module of a TorchScript archive: tensors and modules by name, as a state dict with dots in its names has them. */
final class TorchModule {

    /** Words that cannot stand where a name does. */
    static final Set<String> KEYWORDS = Set.of(
            "False",
            "None",
            "True",
            "and",
            "as",
            "assert",
            "async",
            "await",
            "break",
            "class",
            "continue",
            "def",
            "del",
            "elif",
            "else",
            "except",
            "finally",
            "for",
            "from",
            "global",
            "if",
            "import",
            "in",
            "is",
            "lambda",
            "nonlocal",
            "not",
            "or",
            "pass",
            "raise",
            "return",
            "try",
            "while",
            "with",
            "yield");

    /** Names every module has already. */
    private static final Set<String> TAKEN = Set.of("training", "forward");

    private static final String SCOPE = "__torch__";
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /**
     * A tensor of a module.
     *
     * @param array its elements
     * @param buffer whether it is a buffer rather than a parameter
     * @param trained whether it wants a gradient
     */
    record Tensor(NDArray array, boolean buffer, boolean trained) {}

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, TorchModule> modules = new LinkedHashMap<>();
    private String type;

    /**
     * Adds a tensor.
     *
     * @param name its name in the state dict; what stands before its dots are modules
     * @param tensor the tensor
     * @throws TraceException if a module cannot have it under this name
     */
    void add(String name, Tensor tensor) {
        String[] parts = name.split("\\.", -1);
        TorchModule module = this;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            boolean taken = module.tensors.containsKey(parts[i]) || (last && module.modules.containsKey(parts[i]));
            if (parts[i].isEmpty() || TAKEN.contains(parts[i]) || taken) {
                throw new TraceException("cannot write the parameter '" + name + "' as TorchScript: expected names"
                        + " joined by dots that are neither empty nor " + TAKEN + " nor a parameter and a module at"
                        + " once; rename it");
            }
            if (last) {
                module.tensors.put(parts[i], tensor);
            } else {
                module = module.modules.computeIfAbsent(parts[i], key -> new TorchModule());
            }
        }
    }

    /** Returns the expression for a tensor that was added. */
    static String expression(String name) {
        String expression = "self";
        for (String part : name.split("\\.", -1)) {
            expression = plain(part) ? expression + "." + part : "getattr(" + expression + ", " + quoted(part) + ")";
        }
        return expression;
    }

    /**
     * Writes the classes of this module and of those within; modules that have the same are of one class.
     *
     * @param name the class
     * @param methods the text of its methods
     * @return the text of all classes
     */
    String classes(String name, String methods) {
        Map<String, String> names = new LinkedHashMap<>();
        String body = body(names) + methods;
        type = name;
        StringBuilder text = new StringBuilder();
        names.forEach((part, its) ->
                text.append("class ").append(its).append("(Module):\n").append(part));
        return text + "class " + name + "(Module):\n" + body;
    }

    private String body(Map<String, String> names) {
        StringBuilder fields = new StringBuilder();
        StringJoiner parameters = new StringJoiner("", "  __parameters__ = [", "]\n");
        StringJoiner buffers = new StringJoiner("", "  __buffers__ = [", "]\n");
        tensors.forEach((name, tensor) -> {
            (tensor.buffer ? buffers : parameters).add(quoted(name) + ", ");
            fields.append(field(name, "Tensor"));
        });
        fields.append("  training : bool\n");
        modules.forEach((name, module) -> {
            String within = module.body(names);
            module.type = names.computeIfAbsent(within, key -> "Part" + names.size());
            fields.append(field(name, SCOPE + "." + module.type));
        });
        return parameters.toString() + buffers + fields;
    }

    private static String field(String name, String type) {
        return plain(name)
                ? "  " + name + " : " + type + "\n"
                : "  __annotations__[" + quoted(name) + "] = " + type + "\n";
    }

    /** Writes the module with its tensors, once its class has a name. */
    void pickle(Pickle pickle) {
        pickle.object(SCOPE, type);
        tensors.forEach((name, tensor) -> pickle.text(name).tensor(tensor.array, tensor.trained));
        pickle.text("training").flag(false);
        modules.forEach((name, module) -> {
            pickle.text(name);
            module.pickle(pickle);
        });
        pickle.built();
    }

    /** Returns a text as a literal. */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static boolean plain(String name) {
        return IDENTIFIER.matcher(name).matches() && !KEYWORDS.contains(name);
    }
}
