package djinn.data;

/** A recipe whose data can be looked at before a training: an optional part of a task, for {@code djinn data check}. */
public interface DataChecking {

    /**
     * Looks at all data that the recipe names. Nothing is trained, and no model is made.
     *
     * @return what was found; what can be counted and named is a finding, not an error
     * @throws djinn.ops.DataException if the data is missing, or a list cannot be read at all
     */
    DataReport checkData();
}
