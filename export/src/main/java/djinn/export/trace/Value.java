package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * An array in a {@link Graph}: what is put in, what the block holds, or what a {@link Node} computes.
 *
 * <p>Values are equal only to themselves.
 */
public final class Value {

    /** Where a value comes from. */
    public enum Source {
        /** Given by the caller. */
        INPUT,
        /** A parameter or buffer of the block. */
        PARAMETER,
        /** An array the block made or kept that does not depend on the input. */
        CONSTANT,
        /** Computed by a node. */
        NODE
    }

    private final Source source;
    private final String name;
    private final Shape shape;
    private final DataType type;
    private final NDArray data;

    /**
     * Creates a value.
     *
     * @param source where it comes from
     * @param name its name in the graph
     * @param array gives shape and type; kept where the value is stored
     */
    public Value(Source source, String name, NDArray array) {
        this.source = source;
        this.name = name;
        this.shape = array.getShape();
        this.type = array.getDataType();
        this.data = source == Source.PARAMETER || source == Source.CONSTANT ? array : null;
    }

    /** Returns where the value comes from. */
    public Source source() {
        return source;
    }

    /** Returns the name: the state dict's for a parameter, otherwise unique in the graph. */
    public String name() {
        return name;
    }

    /** Returns the shape it had in the trace. */
    public Shape shape() {
        return shape;
    }

    /** Returns the type of its elements. */
    public DataType type() {
        return type;
    }

    /**
     * Returns the elements of a parameter or constant.
     *
     * @return the array, owned by the block or the graph
     * @throws IllegalStateException if the value depends on the input
     */
    public NDArray data() {
        if (data == null) {
            throw new IllegalStateException("expected a parameter or a constant, got " + this);
        }
        return data;
    }

    @Override
    public String toString() {
        return name + " " + shape;
    }
}
