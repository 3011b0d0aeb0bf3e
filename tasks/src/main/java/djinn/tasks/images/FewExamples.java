package djinn.tasks.images;

import java.util.List;

/** What is said of data of less than a batch. */
public final class FewExamples {

    private FewExamples() {}

    /**
     * Says that an epoch is one small batch.
     *
     * @param examples how many there are to learn from
     * @param what they are called, in the plural
     * @param batchSize how many a batch may have
     * @return a line; none if there are as many
     */
    public static List<String> lines(int examples, String what, int batchSize) {
        return examples < batchSize
                ? List.of("an epoch is one batch of " + examples + " " + what + ": train.batch_size is " + batchSize)
                : List.of();
    }
}
