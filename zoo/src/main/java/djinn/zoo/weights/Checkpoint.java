package djinn.zoo.weights;

import djinn.ops.Few;
import djinn.zoo.weights.Rebuilding.Opaque;
import djinn.zoo.weights.Rebuilding.Tensor;
import djinn.zoo.weights.Unpickler.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which of a checkpoint's values are the weights: the dictionary itself, or one in it.
 *
 * @param state the weights by name, as far as they are tensors
 * @param notes what was chosen and left out, a line each
 */
record Checkpoint(Map<String, Tensor> state, List<String> notes) {

    /** What state dicts are called inside of checkpoints, the likeliest first. */
    private static final List<String> NAMES = List.of(
            "state_dict", "model_state_dict", "model", "net", "model_state", "weights", "params", "network", "module");

    private static final int DEPTH = 3;

    /**
     * Finds the weights.
     *
     * @param root what the pickle holds
     * @param preference which are taken where there are averaged and plain ones
     * @param unknown the names of classes whose values stand in it unread
     * @throws Refused if there are none, or several of which none is the likeliest
     */
    static Checkpoint of(Object root, Preference preference, Set<String> unknown) throws Refused {
        Map<?, ?> whole = items(root);
        if (whole == null) {
            String what = root instanceof Opaque opaque ? "a whole pickled " + opaque.type() : "no dictionary";
            throw new Refused("expected a dictionary of tensors, it holds " + what
                    + ", and nothing was executed; save the model's state_dict()");
        }
        Map<String, Map<?, ?>> groups = new LinkedHashMap<>();
        collect(whole, "", DEPTH, groups);
        List<String> notes = new ArrayList<>();
        Map<?, ?> state = groups.isEmpty() || isStateDict(whole, groups) ? whole : choose(groups, preference, notes);
        Map<String, Tensor> tensors = tensors(state, notes);
        if (!unknown.isEmpty()) {
            notes.add("classes that are not known here stand in it, and nothing of them was executed: "
                    + NameFit.some(List.copyOf(unknown)));
        }
        return new Checkpoint(tensors, notes);
    }

    /** Whether the dictionary itself holds the weights: tensors, and none under a usual name. */
    private static boolean isStateDict(Map<?, ?> whole, Map<String, Map<?, ?>> groups) {
        return holdsTensors(whole)
                && groups.keySet().stream()
                        .noneMatch(name -> rank(name) < NAMES.size() || Preference.of(name) == Preference.EMA);
    }

    private static void collect(Map<?, ?> from, String path, int depth, Map<String, Map<?, ?>> groups) {
        for (Map.Entry<?, ?> entry : from.entrySet()) {
            Map<?, ?> nested = items(entry.getValue());
            if (!(entry.getKey() instanceof String name) || nested == null) {
                continue;
            }
            if (holdsTensors(nested)) {
                groups.put(path + name, nested);
            } else if (depth > 1 && (NAMES.contains(name) || Preference.of(name) == Preference.EMA)) {
                collect(nested, path + name + ".", depth - 1, groups);
            }
        }
    }

    private static boolean holdsTensors(Map<?, ?> map) {
        return map.entrySet().stream()
                .anyMatch(entry -> entry.getKey() instanceof String && entry.getValue() instanceof Tensor);
    }

    private static Map<?, ?> choose(Map<String, Map<?, ?>> groups, Preference preference, List<String> notes)
            throws Refused {
        List<String> wanted = ranked(groups, preference);
        List<String> others = ranked(groups, preference.other());
        List<String> from = wanted.isEmpty() ? others : wanted;
        String taken = from.get(0);
        if (from.size() > 1 && rank(from.get(1)) == rank(taken) && rank(taken) == NAMES.size()) {
            throw new Refused("expected one state dict, it holds several: " + Few.of(from)
                    + "; save the one that is wanted by itself");
        }
        List<String> unused = new ArrayList<>(groups.keySet());
        unused.remove(taken);
        if (!wanted.isEmpty() && !others.isEmpty()) {
            notes.add(preference.note(taken, others.get(0)));
            unused.remove(others.get(0));
        } else if (Preference.of(taken) == Preference.EMA) {
            notes.add("its only weights are averaged ones (EMA), under '" + taken + "'");
        } else if (rank(taken) == NAMES.size()) {
            notes.add("the weights are those under '" + taken + "'");
        }
        if (!unused.isEmpty()) {
            notes.add("other tensors in it are not used: those under " + NameFit.some(unused));
        }
        return groups.get(taken);
    }

    private static List<String> ranked(Map<String, Map<?, ?>> groups, Preference kind) {
        return groups.keySet().stream()
                .filter(name -> Preference.of(name) == kind)
                .sorted(Comparator.comparingInt(Checkpoint::rank))
                .toList();
    }

    /** The place of a name among the usual ones, by its beginning: {@code state_dict_ema} counts as {@code state_dict}. */
    private static int rank(String path) {
        String plain = path.replaceAll("_?ema_?", "");
        for (int i = 0; i < NAMES.size(); i++) {
            if (plain.equals(NAMES.get(i)) || plain.startsWith(NAMES.get(i) + ".")) {
                return i;
            }
        }
        return NAMES.size();
    }

    private static Map<String, Tensor> tensors(Map<?, ?> state, List<String> notes) throws Refused {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        for (Map.Entry<?, ?> entry : state.entrySet()) {
            if (entry.getKey() instanceof String name && entry.getValue() instanceof Tensor tensor) {
                tensors.put(name, tensor);
            } else if (entry.getValue() instanceof Opaque opaque
                    && opaque.type().startsWith("torch._utils._rebuild_")) {
                throw new Refused("'" + entry.getKey() + "' is a tensor of a kind that cannot be read (" + opaque.type()
                        + "); save it as a plain one of float32");
            } else {
                String name = entry.getKey() instanceof String text ? text : "a key that is no text";
                others.add(
                        entry.getValue() instanceof Opaque opaque ? name + " (a pickled " + opaque.type() + ")" : name);
            }
        }
        if (tensors.isEmpty()) {
            throw new Refused("there are no tensors in it"
                    + (others.isEmpty() ? "" : "; it has " + NameFit.some(others)) + "; save the model's state_dict()");
        }
        if (!others.isEmpty()) {
            notes.add("left out, for they are no tensors: " + NameFit.some(others));
        }
        return tensors;
    }

    /** The items of a dictionary of any kind; null if it is none. */
    private static Map<?, ?> items(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        return value instanceof Opaque opaque && !opaque.items().isEmpty() ? opaque.items() : null;
    }
}
