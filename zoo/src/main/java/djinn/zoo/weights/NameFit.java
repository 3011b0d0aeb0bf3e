package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import djinn.ops.DataException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Arrays of a file under a model's names.
 *
 * <p>What trains a model often holds it under a name of its own, and its file has that before every key: {@code module.}
 * (DistributedDataParallel, AveragedModel), {@code model.} or {@code net.} (Lightning's modules), {@code _orig_mod.}
 * (torch.compile). Whatever stands before all of a model's names is taken off.
 *
 * @param arrays by the model's names; those of the file, or made of them and owned by the same manager
 * @param notes what was taken off, chosen and left out, a line each
 */
public record NameFit(Map<String, NDArray> arrays, List<String> notes) {

    /** What torch.compile, activation checkpointing and FSDP put into names, at any place; no layer is called so. */
    private static final Pattern WRAPPER =
            Pattern.compile("(?<![^.])(_orig_mod|_checkpoint_wrapped_module|_fsdp_wrapped_module)\\.");

    private static final String PARALLEL = "module.";
    private static final String STEPS_AVERAGED = "n_averaged";
    private static final int SHOWN = 4;

    /** Copies the notes. */
    public NameFit {
        notes = List.copyOf(notes);
    }

    /** Arrays that fit, and what stood before their names. */
    private record Candidate(String prefix, Map<String, NDArray> arrays) {}

    /**
     * Gives arrays the names of a model, whoever wrote them.
     *
     * @param state the arrays by name; stay the caller's
     * @param model the model; need not be initialised
     * @param maps the styles of names it knows, tried in order
     * @param preference which are taken where averaged and plain ones fit
     * @param source where the arrays come from, for the message
     * @return empty if the names do not fit; those of heads that only training uses, or of the classifier, may be missing
     * @throws DataException if several sets of weights fit
     */
    public static Optional<NameFit> of(
            Map<String, NDArray> state, Block model, List<KeyMap> maps, Preference preference, String source) {
        StateLayout layout = StateLayout.of(model);
        List<String> notes = new ArrayList<>();
        Map<String, NDArray> bare = unwrapped(state, notes);
        List<Candidate> candidates = List.of();
        for (StateLayout.Slack slack : StateLayout.Slack.values()) {
            candidates = candidates.isEmpty() ? candidates(bare, layout, maps, slack) : candidates;
        }
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        Candidate taken = choose(candidates, preference, notes, source);
        if (!taken.prefix.isEmpty() && candidates.size() == 1) {
            notes.add("the prefix '" + taken.prefix + "' is taken off all names");
        }
        List<String> prefixes = candidates.stream().map(Candidate::prefix).toList();
        List<String> others = bare.keySet().stream()
                .filter(name -> prefixes.stream().noneMatch(name::startsWith))
                .toList();
        if (!others.isEmpty()) {
            notes.add("left out, for they are none of the model's: " + some(others));
        }
        return Optional.of(new NameFit(known(taken.arrays, layout, notes), notes));
    }

    /**
     * Takes off what wraps any model: {@code module.} before all names, {@code _orig_mod.} wherever it stands.
     *
     * @param state the arrays by name; stay the caller's
     * @return the arrays, and what was taken off
     */
    public static NameFit withoutWrappers(Map<String, NDArray> state) {
        List<String> notes = new ArrayList<>();
        Map<String, NDArray> bare = unwrapped(state, notes);
        Map<String, NDArray> counted = new LinkedHashMap<>(bare);
        boolean averaged = counted.remove(STEPS_AVERAGED) != null;
        String prefix = "";
        while (!counted.isEmpty() && allBegin(counted.keySet(), prefix + PARALLEL)) {
            prefix += PARALLEL;
        }
        if (!prefix.isEmpty()) {
            notes.add("the prefix '" + prefix + "' is taken off all names");
            if (averaged) {
                notes.add("left out, for it is no weight: " + STEPS_AVERAGED);
            }
            return new NameFit(under(prefix, counted), notes);
        }
        String common = commonPrefix(bare.keySet());
        if (!common.isEmpty()) {
            notes.add("all names begin with '" + common + "'; with --model NAME it is taken off");
        }
        return new NameFit(bare, notes);
    }

    /**
     * Returns what stands before all names, up to a dot.
     *
     * @param names such as {@code model.conv.weight} and {@code model.fc.weight}
     * @return such as {@code model.}; empty if they have no beginning in common
     */
    public static String commonPrefix(Set<String> names) {
        String first = names.stream().findFirst().orElse("");
        for (int dot = first.lastIndexOf('.'); dot > 0; dot = first.lastIndexOf('.', dot - 1)) {
            String prefix = first.substring(0, dot + 1);
            if (names.size() > 1 && allBegin(names, prefix)) {
                return prefix;
            }
        }
        return "";
    }

    /**
     * Tells whether the arrays have a model's shapes.
     *
     * @param model the model; need not be initialised
     * @param free extents of the model that may differ: those that mean classes or channels
     */
    public boolean hasShapesOf(Block model, LongPredicate free) {
        Map<String, Shape> own = StateLayout.of(model).shapes();
        return arrays.entrySet().stream().allMatch(entry -> {
            Shape expected = own.get(entry.getKey());
            Shape found = entry.getValue().getShape();
            if (expected.dimension() != found.dimension()) {
                return false;
            }
            for (int axis = 0; axis < expected.dimension(); axis++) {
                if (expected.get(axis) != found.get(axis) && !(axis < 2 && free.test(expected.get(axis)))) {
                    return false;
                }
            }
            return true;
        });
    }

    private static Map<String, NDArray> unwrapped(Map<String, NDArray> state, List<String> notes) {
        Map<String, NDArray> bare = new LinkedHashMap<>();
        state.forEach((name, array) -> bare.put(WRAPPER.matcher(name).replaceAll(""), array));
        if (bare.size() < state.size() || bare.keySet().equals(state.keySet())) {
            return state;
        }
        Set<String> found = state.keySet().stream()
                .flatMap(name -> WRAPPER.matcher(name).results().map(match -> "'" + match.group() + "'"))
                .collect(Collectors.toCollection(java.util.TreeSet::new));
        notes.add(String.join(" and ", found) + " is taken out of the names, as a wrapper's");
        return bare;
    }

    /** What fits under some prefix; if it fits as it is, that alone. */
    private static List<Candidate> candidates(
            Map<String, NDArray> state, StateLayout layout, List<KeyMap> maps, StateLayout.Slack slack) {
        List<Candidate> candidates = new ArrayList<>();
        for (String prefix : prefixes(state.keySet(), layout.fewest(slack))) {
            Optional<Map<String, NDArray>> fitted = KeyMap.match(under(prefix, state), layout, maps, slack);
            fitted.ifPresent(arrays -> candidates.add(new Candidate(prefix, arrays)));
            if (prefix.isEmpty() && fitted.isPresent()) {
                break;
            }
        }
        return candidates;
    }

    /** All beginnings, up to a dot, that enough names have; the shortest first. */
    private static List<String> prefixes(Set<String> names, int fewest) {
        Map<String, Integer> counts = new HashMap<>();
        for (String name : names) {
            for (int end = 0; end >= 0; end = name.indexOf('.', end) < 0 ? -1 : name.indexOf('.', end) + 1) {
                counts.merge(name.substring(0, end), 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= fewest)
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static Candidate choose(
            List<Candidate> candidates, Preference preference, List<String> notes, String source) {
        Map<Preference, List<Candidate>> kinds =
                candidates.stream().collect(Collectors.groupingBy(candidate -> Preference.of(candidate.prefix)));
        List<Candidate> wanted = kinds.getOrDefault(preference, List.of());
        List<Candidate> others = kinds.getOrDefault(preference.other(), List.of());
        List<Candidate> chosen = wanted.isEmpty() ? others : wanted;
        if (chosen.size() > 1) {
            throw new DataException(source + ": expected one set of weights that fits the model, found several, under "
                    + chosen.stream().map(each -> "'" + each.prefix + "'").collect(Collectors.joining(" and "))
                    + "; save the one that is wanted by itself");
        }
        if (!wanted.isEmpty() && !others.isEmpty()) {
            notes.add(preference.note(chosen.get(0).prefix, others.get(0).prefix));
        }
        return chosen.get(0);
    }

    /** Leaves out the arrays of auxiliary heads that the model has not. */
    private static Map<String, NDArray> known(Map<String, NDArray> arrays, StateLayout layout, List<String> notes) {
        Map<String, NDArray> known = new LinkedHashMap<>(arrays);
        known.keySet().retainAll(layout.shapes().keySet());
        if (known.size() < arrays.size()) {
            String heads = arrays.keySet().stream()
                    .filter(name -> !known.containsKey(name))
                    .map(name -> name.substring(0, name.indexOf('.')))
                    .distinct()
                    .collect(Collectors.joining(", "));
            notes.add("left out, for the model has no such heads: the " + (arrays.size() - known.size()) + " arrays of "
                    + heads);
        }
        return known;
    }

    private static Map<String, NDArray> under(String prefix, Map<String, NDArray> state) {
        Map<String, NDArray> under = new LinkedHashMap<>();
        state.forEach((name, array) -> {
            if (name.startsWith(prefix)) {
                under.put(name.substring(prefix.length()), array);
            }
        });
        return under;
    }

    private static boolean allBegin(Set<String> names, String prefix) {
        return names.stream().allMatch(name -> name.startsWith(prefix));
    }

    /** The first of some names, and how many more there are. */
    static String some(List<String> names) {
        return names.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
    }
}
