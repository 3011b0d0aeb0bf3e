package djinn.zoo.nn;

/**
 * A model that runs its layers by {@link Pass#through}, so that gradient checkpointing saves memory with it: layers
 * without running statistics.
 */
public interface Checkpointed {}
