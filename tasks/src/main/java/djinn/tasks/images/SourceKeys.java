package djinn.tasks.images;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The keys of a recipe's data that its source takes no notice of: to be refused, for whoever wrote them meant something. */
public final class SourceKeys {

    private final String source;
    private final List<String> idle = new ArrayList<>();

    /**
     * None yet.
     *
     * @param source what the recipe calls it
     */
    public SourceKeys(String source) {
        this.source = source;
    }

    /** None yet of a source as a recipe names it: in lower case. */
    public SourceKeys(Enum<?> source) {
        this(source.name().toLowerCase(Locale.ROOT));
    }

    /**
     * Adds a key if it does nothing.
     *
     * @param key as the recipe names it
     * @param isIdle whether it is given, and the source takes no notice of it
     * @return this
     */
    public SourceKeys idle(String key, boolean isIdle) {
        if (isIdle) {
            idle.add(key);
        }
        return this;
    }

    /**
     * Refuses the keys.
     *
     * @throws IllegalArgumentException if there are some
     */
    public void refuse() {
        if (!idle.isEmpty()) {
            throw new IllegalArgumentException("expected no " + String.join(" and no ", idle) + " with source " + source
                    + ", where it does nothing; leave it out");
        }
    }
}
