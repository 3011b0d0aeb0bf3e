package djinn.zoo.nn;

import ai.djl.ndarray.NDList;

/**
 * A network that looks at all of its input first, and chooses then what it looks at again. The first stage does the same
 * operations whatever the values, for batches of any size: quicker ways to compute a block are for it.
 */
public interface Staged {

    /** Returns the first stage; its arrays are the network's, under their names. */
    NamedBlock firstStage();

    /**
     * Computes what comes after the first stage, in evaluation.
     *
     * @param inputs the network's
     * @param answers of the first stage to these
     * @param pass the pass
     * @return what the network gives
     */
    NDList furtherStages(NDList inputs, NDList answers, Pass pass);
}
