package djinn.export.trace;

import ai.djl.ndarray.types.DataType;

/** The numbers ATen knows types of elements by. */
final class ScalarType {

    private ScalarType() {}

    /**
     * Returns ATen's number of a type.
     *
     * @throws TraceException if it has none
     */
    static Long of(DataType type) {
        return switch (type) {
            case UINT8 -> 0L;
            case INT8 -> 1L;
            case INT16 -> 2L;
            case INT32 -> 3L;
            case INT64 -> 4L;
            case FLOAT16 -> 5L;
            case FLOAT32 -> 6L;
            case FLOAT64 -> 7L;
            case BOOLEAN -> 11L;
            case BFLOAT16 -> 15L;
            default -> throw new TraceException("cannot trace an array of type " + type);
        };
    }
}
