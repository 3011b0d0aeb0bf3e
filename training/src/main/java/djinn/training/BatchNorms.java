package djinn.training;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.util.Pair;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.NamedBlock;
import java.util.List;
import java.util.stream.Stream;

/** The batch norms of a model. */
final class BatchNorms {

    private BatchNorms() {}

    /** Returns those whose statistics are learned. */
    static List<BatchNorm2d> learning(NamedBlock model) {
        return of(model).filter(norm -> !norm.frozen()).toList();
    }

    /** Freezes what is frozen in another model of the same kind, so that the same statistics are learned. */
    static void freezeAs(NamedBlock model, NamedBlock other) {
        ParameterList parameters = other.getParameters();
        for (Pair<String, Parameter> entry : model.getParameters()) {
            if (!entry.getValue().requiresGradient()) {
                parameters.get(entry.getKey()).freeze(true);
            }
        }
    }

    private static Stream<BatchNorm2d> of(Block block) {
        return block instanceof BatchNorm2d norm
                ? Stream.of(norm)
                : block.getChildren().values().stream().flatMap(BatchNorms::of);
    }
}
