package djinn.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Images in three parts: to learn from, held out to choose by, and to test on, which decide nothing.
 *
 * @param chosen the images to learn from and those held out to choose the best weights by
 * @param test the images to test on
 */
public record TestedSplits(Splits chosen, Dataset test) {

    /**
     * Keeps the images held out for the test, and holds out some of the others.
     *
     * @param splits two parts
     * @param valFraction the share of each class held out of the images to learn from
     * @param splitSeed decides which are
     * @return three parts
     * @throws djinn.ops.DataException if there are too few images
     * @throws IllegalArgumentException if the fraction is not between 0 and 1
     */
    public static TestedSplits of(Splits splits, double valFraction, long splitSeed) {
        List<Dataset> parts = Subset.split(splits.train(), valFraction, splitSeed);
        Dataset test = splits.validation();
        List<String> notes = new ArrayList<>(splits.notes());
        notes.add(test.size() + (test.size() == 1 ? " image" : " images") + " held out are kept to test on");
        notes.add(Stratified.note(valFraction, "the others"));
        return new TestedSplits(new Splits(splits.source(), splits.classes(), parts.get(0), parts.get(1), notes), test);
    }
}
