package djinn.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * A weighted sum of losses of one input and one target, such as Dice and cross entropy.
 *
 * <p>Shapes: what every term takes. The terms' results must have one shape, which is the result's.
 *
 * @param terms the losses with their weights, at least one
 */
public record WeightedSum(List<Term> terms) implements LossFunction {

    // DJL's product of a scalar array and a double is float64; this keeps the dtype
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def weighted_sum(values: List[Tensor], weights: List[float]) -> Tensor:
              total = torch.mul(values[0], weights[0])
              for i in range(1, torch.len(values)):
                total = torch.add(total, values[i], alpha=weights[i])
              return total
            """);

    /**
     * A loss in a sum.
     *
     * @param weight its factor
     * @param loss the loss
     */
    public record Term(@Default("1") double weight, LossFunction loss) {

        /** Checks the weight. */
        public Term {
            if (!Double.isFinite(weight)) {
                throw new IllegalArgumentException("expected a finite weight, got " + weight);
            }
        }
    }

    /** Checks that there is something to sum. */
    public WeightedSum {
        terms = List.copyOf(terms);
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("expected at least one term, got none");
        }
    }

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        NDList values = new NDList(terms.size());
        for (Term term : terms) {
            NDArray value = term.loss().apply(input, target);
            if (!values.isEmpty() && !value.getShape().equals(values.head().getShape())) {
                throw new IllegalArgumentException("expected terms of one shape, got " + value.getShape() + " of "
                        + term.loss() + " after " + values.head().getShape() + " of "
                        + terms.get(0).loss() + "; give all of them the same reduction");
            }
            values.add(value);
        }
        double[] weights = terms.stream().mapToDouble(Term::weight).toArray();
        return SCRIPT.call("weighted_sum", values, weights);
    }
}
