package djinn.zoo;

import djinn.zoo.weights.KeyMap;
import java.util.List;

/** What a network is called, and its arrays by others: a line of a table. */
public interface Architecture {

    /** Returns its name in the table. */
    String name();

    /** Returns the names other libraries' checkpoints have for its arrays. */
    List<KeyMap> keyMaps();
}
