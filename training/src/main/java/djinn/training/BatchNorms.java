package djinn.training;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.NamedBlock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The batch norms of a model. */
final class BatchNorms {

    private BatchNorms() {}

    /** Returns those whose statistics are learned. */
    static List<BatchNorm2d> learning(NamedBlock model) {
        return of(model).filter(norm -> !norm.frozen()).toList();
    }

    /** Returns the names of all parameters that are not trained, statistics among them. */
    static Set<String> frozen(NamedBlock model) {
        Set<String> frozen = new HashSet<>();
        for (Pair<String, Parameter> entry : model.getParameters()) {
            if (!entry.getValue().requiresGradient()) {
                frozen.add(entry.getKey());
            }
        }
        return frozen;
    }

    /** Freezes what is frozen in another model of the same kind, and nothing else, so that the same statistics are learned. */
    static void freeze(NamedBlock model, Set<String> frozen) {
        for (Pair<String, Parameter> entry : model.getParameters()) {
            boolean isFrozen = frozen.contains(entry.getKey());
            if (entry.getValue().requiresGradient() == isFrozen) {
                entry.getValue().freeze(isFrozen);
            }
        }
    }

    private static Stream<BatchNorm2d> of(Block block) {
        return block instanceof BatchNorm2d norm
                ? Stream.of(norm)
                : block.getChildren().values().stream().flatMap(BatchNorms::of);
    }
}
