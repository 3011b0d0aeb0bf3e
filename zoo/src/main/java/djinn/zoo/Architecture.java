package djinn.zoo;

import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.KeyMap;
import java.util.List;
import java.util.function.LongPredicate;

/** What a network is called, and its arrays by others: a line of a table. */
public interface Architecture {

    /** Returns its name in the table. */
    String name();

    /** Returns the names other libraries' checkpoints have for its arrays. */
    List<KeyMap> keyMaps();

    /** Builds the network as it was made, not initialised. */
    NamedBlock build();

    /** Returns the other networks for the same task. */
    List<? extends Architecture> others();

    /** Returns which extents of the network's arrays may differ: those that mean classes or channels. */
    LongPredicate freeExtents();
}
