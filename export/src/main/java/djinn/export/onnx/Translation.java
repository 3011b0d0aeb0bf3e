package djinn.export.onnx;

import java.util.List;
import java.util.function.Function;

/** How an operation of ATen is said in ONNX. */
@FunctionalInterface
interface Translation {

    /**
     * Adds what computes the node to the ONNX graph.
     *
     * @param call the node
     * @return the ONNX names of its results; null for one that ONNX cannot tell
     */
    List<String> apply(OnnxCall call);

    /** A translation of one result. */
    static Translation one(Function<OnnxCall, String> body) {
        return call -> List.of(body.apply(call));
    }
}
