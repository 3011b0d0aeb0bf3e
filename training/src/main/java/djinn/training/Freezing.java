package djinn.training;

import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import djinn.training.recipe.Train;
import djinn.training.recipe.Unfreeze;
import djinn.zoo.nn.NamedBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Which parameters of a model the recipe freezes, in which epoch. */
final class Freezing {

    private static final int SHOWN = 4;

    private final NamedBlock model;
    private final Train train;

    /** What the recipe freezes at first, and would be trained otherwise. */
    private final Map<String, Parameter> frozen = new LinkedHashMap<>();

    /**
     * Freezes what is frozen in the first epoch.
     *
     * @throws IllegalArgumentException if a pattern matches nothing
     */
    Freezing(NamedBlock model, Train train) {
        this.model = model;
        this.train = train;
        NamePatterns.requireMatches(
                "train.freeze", train.freeze(), model.getParameters().keys());
        for (Pair<String, Parameter> entry : model.getParameters()) {
            if (entry.getValue().requiresGradient() && NamePatterns.anyMatches(train.freeze(), entry.getKey())) {
                frozen.put(entry.getKey(), entry.getValue());
            }
        }
        for (Unfreeze later : train.unfreeze()) {
            for (String pattern : later.patterns()) {
                if (frozen.keySet().stream().noneMatch(name -> NamePatterns.matches(pattern, name))) {
                    throw new IllegalArgumentException("train.unfreeze: the pattern '" + pattern
                            + "' matches nothing that train.freeze freezes, which is " + train.freeze());
                }
            }
        }
        begin(0);
    }

    /**
     * Freezes and unfreezes as an epoch has it.
     *
     * @param epoch from 0 on
     * @return the names of what changed
     */
    List<String> begin(int epoch) {
        List<String> changed = new ArrayList<>();
        frozen.forEach((name, parameter) -> {
            boolean learns = isUnfrozen(name, epoch);
            if (parameter.requiresGradient() != learns) {
                parameter.freeze(!learns);
                changed.add(name);
            }
        });
        return changed;
    }

    /**
     * Returns the first epoch in which some parameters are trained, or one of them.
     *
     * @param which of all
     * @return from 0 on; empty if none of them ever is
     */
    OptionalInt firstEpoch(Predicate<String> which) {
        return IntStream.concat(IntStream.of(0), train.unfreeze().stream().mapToInt(later -> later.epoch() - 1))
                .sorted()
                .filter(epoch -> isTrained(which, epoch))
                .findFirst();
    }

    private boolean isTrained(Predicate<String> which, int epoch) {
        for (Pair<String, Parameter> entry : model.getParameters()) {
            String name = entry.getKey();
            boolean learns = frozen.containsKey(name)
                    ? isUnfrozen(name, epoch)
                    : entry.getValue().requiresGradient();
            if (learns && which.test(name)) {
                return true;
            }
        }
        return false;
    }

    /** Says which, the first few by their names. */
    static String words(List<String> names) {
        int shown = Math.min(names.size(), SHOWN);
        return String.join(", ", names.subList(0, shown)) + (shown < names.size() ? " ..." : "");
    }

    private boolean isUnfrozen(String name, int epoch) {
        return train.unfreeze().stream()
                .anyMatch(later -> epoch + 1 >= later.epoch() && NamePatterns.anyMatches(later.patterns(), name));
    }
}
