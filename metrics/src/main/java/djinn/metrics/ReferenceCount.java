package djinn.metrics;

/** How many references segments have: the fewest and the most. */
final class ReferenceCount {

    /** How many numbers of a state it takes. */
    static final int LENGTH = 2;

    private int fewest;
    private int most;

    void add(int references) {
        Inputs.atLeast("a number of references", 1, references);
        fewest = most == 0 ? references : Math.min(fewest, references);
        most = Math.max(most, references);
    }

    /** Returns whether there was no segment yet. */
    boolean isEmpty() {
        return most == 0;
    }

    void write(double[] state, int from) {
        state[from] = fewest;
        state[from + 1] = most;
    }

    void merge(double[] state, int from) {
        if (state[from + 1] > 0) {
            add((int) state[from]);
            add((int) state[from + 1]);
        }
    }

    /** Returns the part of sacrebleu's signature. */
    @Override
    public String toString() {
        return "nrefs:" + (fewest == most ? Integer.toString(most) : "var");
    }
}
