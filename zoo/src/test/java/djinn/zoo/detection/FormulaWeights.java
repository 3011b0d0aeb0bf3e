package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import djinn.golden.Formula;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights by formula, in double precision. */
final class FormulaWeights {

    private FormulaWeights() {}

    /** Fills a block initialised in double precision, which has no counters. */
    static void load(NamedBlock block, NDManager manager) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        StateDict.of(block)
                .forEach((key, own) -> weights.put(key, doubles(Formula.weight(manager, "", key, own.getShape()), 1)));
        StateDict.load(block, weights, "formula");
    }

    /** In double precision, times a power of two, which is exact. */
    static NDArray doubles(NDArray x, float times) {
        return x.mul(times).toType(DataType.FLOAT64, false);
    }
}
