package djinn.data;

import djinn.data.ImageList.Item;
import djinn.ops.Randomness;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Holds out the same share of every class. */
final class Stratified {

    private Stratified() {}

    /** Says for people that images are split here. */
    static String note(double valFraction, String of) {
        String text = BigDecimal.valueOf(valFraction)
                .movePointRight(2)
                .stripTrailingZeros()
                .toPlainString();
        return text + "% of each class is held out of " + of;
    }

    /**
     * Splits items; at least one of each class stays for training, and the order of the items is kept in both parts.
     *
     * @throws IllegalArgumentException if the fraction is not between 0 and 1
     */
    static Splits split(
            String source,
            Path root,
            List<String> classes,
            List<Item> items,
            double valFraction,
            long seed,
            List<String> notes) {
        if (!(valFraction > 0 && valFraction < 1)) {
            throw new IllegalArgumentException("expected val_fraction between 0 and 1, got " + valFraction);
        }
        List<Item> train = new ArrayList<>();
        List<Item> validation = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            int wanted = label;
            List<Item> own =
                    items.stream().filter(item -> item.label() == wanted).toList();
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < own.size(); i++) {
                order.add(i);
            }
            Collections.shuffle(order, new Random(Randomness.mix(seed, label)));
            int held = Math.min((int) Math.rint(own.size() * valFraction), Math.max(0, own.size() - 1));
            List<Integer> heldOut = order.subList(0, held);
            for (int i = 0; i < own.size(); i++) {
                (heldOut.contains(i) ? validation : train).add(own.get(i));
            }
        }
        return new Splits(source, classes, new ImageList(root, train), new ImageList(root, validation), notes);
    }
}
