package djinn.training;

/** Is told what happens in a run. */
@FunctionalInterface
public interface TrainingListener {

    /**
     * Takes note of an event, on the trainer's thread.
     *
     * @param event what happened
     */
    void on(TrainingEvent event);
}
