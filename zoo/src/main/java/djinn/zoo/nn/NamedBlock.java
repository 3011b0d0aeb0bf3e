package djinn.zoo.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import djinn.ops.PyTorch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A DJL block whose parameters carry PyTorch's names: {@code features.0.conv.weight}.
 *
 * <p>Children and parameters keep the names they are given, joined by dots, in the order a PyTorch module lists them:
 * own parameters, own buffers, then children. All shapes are known when a block is built, so that it can be
 * initialised, loaded and counted without ever seeing an input.
 *
 * <p>A DJL block may be a child too, if the parent overrides {@link #initializeChildBlocks} to tell it its input
 * shape; its parameters are listed under PyTorch's leaf names (gamma becomes weight).
 */
public abstract class NamedBlock extends AbstractBaseBlock {

    private static final Map<String, String> PYTORCH_LEAF =
            Map.of("gamma", "weight", "beta", "bias", "runningMean", "running_mean", "runningVar", "running_var");

    private final Map<String, Block> children = new LinkedHashMap<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private boolean initialized;

    /**
     * Adds a child under its name.
     *
     * @param <B> the child's type
     * @param name the name, without dots
     * @param block the child
     * @return the child
     * @throws IllegalArgumentException if the name is taken or holds a dot
     */
    protected final <B extends Block> B child(String name, B block) {
        requireFree(name);
        children.put(name, block);
        return block;
    }

    /**
     * Adds a trainable parameter.
     *
     * @param name the name, without dots
     * @param type its role
     * @param initializer what fills it
     * @param shape its extents
     * @return the parameter
     * @throws IllegalArgumentException if the name is taken or holds a dot
     */
    protected final Parameter parameter(String name, Parameter.Type type, Initializer initializer, long... shape) {
        return add(name, type, initializer, true, new Shape(shape));
    }

    /**
     * Adds an array that is saved with the parameters but not trained, such as a running mean.
     *
     * @param name the name, without dots
     * @param type its role
     * @param initializer what fills it, and decides its dtype
     * @param shape its extents
     * @return the parameter
     * @throws IllegalArgumentException if the name is taken or holds a dot
     */
    protected final Parameter buffer(String name, Parameter.Type type, Initializer initializer, long... shape) {
        return add(name, type, initializer, false, new Shape(shape));
    }

    /**
     * Computes the block's outputs.
     *
     * @param inputs the inputs
     * @param pass the pass they belong to
     * @return the outputs
     */
    protected abstract NDList forward(NDList inputs, Pass pass);

    @Override
    protected final NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        return forward(inputs, new Pass(parameterStore, training));
    }

    /**
     * Initialises every parameter that holds no values yet; the shapes of inputs are not needed.
     *
     * @param manager owns the parameters
     */
    public final void initialize(NDManager manager) {
        initialize(manager, DataType.FLOAT32);
    }

    @Override
    public final void initialize(NDManager manager, DataType dataType, Shape... inputShapes) {
        parameters.values().forEach(parameter -> parameter.initialize(manager, dataType));
        initializeChildBlocks(manager, dataType, inputShapes);
        this.inputShapes = inputShapes;
        initialized = true;
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        children.forEach((name, child) -> {
            if (!(child instanceof NamedBlock)) {
                throw new IllegalStateException(getClass().getSimpleName() + " has the DJL block '" + name
                        + "' as a child: override initializeChildBlocks to tell it its input shape");
            }
            child.initialize(manager, dataType);
        });
    }

    @Override
    public final boolean isInitialized() {
        return initialized;
    }

    @Override
    public final void clear() {
        super.clear();
        initialized = false;
    }

    @Override
    public final BlockList getChildren() {
        return new BlockList(children);
    }

    @Override
    public final ParameterList getDirectParameters() {
        return new ParameterList(parameters);
    }

    /** Returns all parameters and buffers by their dotted names, in PyTorch's order. */
    @Override
    public final ParameterList getParameters() {
        ParameterList all = getDirectParameters();
        children.forEach((name, child) -> {
            for (Pair<String, Parameter> entry : child.getParameters()) {
                String key = child instanceof NamedBlock ? entry.getKey() : pytorchName(entry.getKey());
                all.add(name + "." + key, entry.getValue());
            }
        });
        return all;
    }

    /**
     * Returns the shapes of the outputs, found by running the block on zeros.
     *
     * @throws IllegalStateException if the block is not initialised
     */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        if (!isInitialized()) {
            throw new IllegalStateException("expected an initialised block: call initialize first");
        }
        try (NDManager manager = PyTorch.newManager()) {
            NDList zeros = new NDList();
            for (Shape shape : inputShapes) {
                zeros.add(manager.zeros(shape));
            }
            return forward(new ParameterStore(manager, false), zeros, false).getShapes();
        }
    }

    /**
     * Returns where the parameters lie; of a block without any, where new arrays would.
     *
     * @throws IllegalStateException if there are parameters, and they are not initialised
     */
    public final Device device() {
        List<Parameter> all = getParameters().values();
        if (all.isEmpty()) {
            return PyTorch.device();
        }
        if (!isInitialized()) {
            throw new IllegalStateException("expected an initialised block: call initialize first");
        }
        return all.get(0).getArray().getDevice();
    }

    /** Returns the number of trainable values. */
    public final long parameterCount() {
        return getParameters().values().stream()
                .filter(Parameter::requiresGradient)
                .mapToLong(parameter -> parameter.getShape().size())
                .sum();
    }

    private Parameter add(String name, Parameter.Type type, Initializer initializer, boolean trainable, Shape shape) {
        requireFree(name);
        Parameter parameter = Parameter.builder()
                .setName(name)
                .setType(type)
                .optShape(shape)
                .optInitializer(initializer)
                .optRequiresGrad(trainable)
                .build();
        parameters.put(name, parameter);
        return parameter;
    }

    private void requireFree(String name) {
        if (name.isEmpty() || name.contains(".") || children.containsKey(name) || parameters.containsKey(name)) {
            throw new IllegalArgumentException("expected a name without dots that is not taken in "
                    + getClass().getSimpleName() + ", got '" + name + "'");
        }
    }

    private static String pytorchName(String djlName) {
        int leaf = djlName.lastIndexOf('_') + 1;
        String name = djlName.substring(leaf);
        return djlName.substring(0, leaf).replace('_', '.') + PYTORCH_LEAF.getOrDefault(name, name);
    }
}
