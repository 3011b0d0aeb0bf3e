package djinn.training;

import ai.djl.Device;
import java.util.List;

/** Is told where a training is, by whoever wants to know where its time goes. */
public interface Stopwatch {

    /** Measures nothing. */
    Stopwatch OFF = new Stopwatch() {
        @Override
        public void start(List<Device> devices) {}

        @Override
        public void lap(Part part) {}
    };

    /** What the time of a training is spent on. */
    enum Part {
        /** Building the model, reading a checkpoint, and all else before the first step. */
        PREPARING("preparing"),
        /** Until the next batch is there; other threads read ahead meanwhile. */
        DATA("waiting for data"),
        /** The networks' answers and what is lowered. */
        FORWARD("forward"),
        /** Taking note of the figures while training. */
        FIGURES("figures"),
        /** The gradients. */
        BACKWARD("backward"),
        /** Clipping and the step. */
        OPTIMIZER("optimizer"),
        /** Averages of weights, and what a task does after a step. */
        AFTER_STEP("after a step"),
        /** Those who are told: the progress bar, logs, trackers; and the look at the losses before. */
        LISTENERS("listeners"),
        /** The held-out data; after the last epoch that of the best weights. */
        VALIDATION("validation"),
        /** What a task does after an epoch, such as a sheet of samples. */
        AFTER_EPOCH("after an epoch"),
        /** Checkpoints and the best weights. */
        SAVING("saving"),
        /** What is told of the best weights at the end: pictures and tables. */
        CONCLUDING("the end");

        private final String words;

        Part(String words) {
            this.words = words;
        }

        /** Returns what it is called. */
        public String words() {
            return words;
        }
    }

    /**
     * The training begins.
     *
     * @param devices what it computes on
     */
    void start(List<Device> devices);

    /**
     * All since the last call was spent on a part.
     *
     * @param part what was done
     */
    void lap(Part part);
}
