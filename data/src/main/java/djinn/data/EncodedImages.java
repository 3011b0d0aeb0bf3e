package djinn.data;

import djinn.ops.DataException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Images that lie encoded within larger files, each with a label, read when they are asked for. */
public final class EncodedImages implements Dataset {

    /** Brings the bytes of an image, those of an image file. */
    @FunctionalInterface
    public interface Contents {

        /**
         * Reads them; may be called from several threads.
         *
         * @throws DataException if they cannot be read
         */
        byte[] read();
    }

    /**
     * One image.
     *
     * @param name what messages call it
     * @param label its class as the data says it
     * @param contents its bytes
     */
    public record Item(String name, String label, Contents contents) {}

    private final List<Item> items;
    private final int[] labels;

    private EncodedImages(List<Item> items, int[] labels) {
        this.items = items;
        this.labels = labels;
    }

    /**
     * Makes both parts of a data set.
     *
     * @param shards where the items come from
     * @param train those to learn from
     * @param heldOut those held out; where the shards have no such part, a share of the others is
     * @param told the names of the classes as the data has them, by index: labels are then indices, or these names
     * @param valFraction the share
     * @param splitSeed decides which are
     * @param notes what else there is to say
     * @return both parts; without told names, classes are the labels as {@link LabelNames#classes} orders them
     * @throws DataException if there are no images, or a label is no class
     * @throws IllegalArgumentException if images are to be split and the fraction is not between 0 and 1
     */
    public static Splits splits(
            Shards shards,
            List<Item> train,
            List<Item> heldOut,
            Optional<List<String>> told,
            double valFraction,
            long splitSeed,
            List<String> notes) {
        List<String> said = new ArrayList<>(shards.notes());
        boolean isSplit = shards.heldOut().isEmpty();
        TreeSet<String> all = new TreeSet<>();
        train.forEach(item -> all.add(item.label));
        heldOut.forEach(item -> all.add(item.label));
        List<String> classes = told.orElseGet(() -> LabelNames.classes(all));
        Map<String, Integer> indices = indices(classes, all);
        EncodedImages toLearn = of(train, indices, shards.root());
        if (!isSplit) {
            said.addAll(notes);
            return new Splits(shards.root(), classes, toLearn, of(heldOut, indices, shards.root()), said);
        }
        said.add(Stratified.note(valFraction, "the images, as no file is held out"));
        said.addAll(notes);
        if (train.isEmpty()) {
            throw new DataException(shards.root() + ": expected images with labels, found none");
        }
        List<Dataset> parts = Subset.split(toLearn, valFraction, splitSeed);
        return new Splits(shards.root(), classes, parts.get(0), parts.get(1), said);
    }

    /** Numbers are indices of the names, unless they are names themselves. */
    private static Map<String, Integer> indices(List<String> classes, Collection<String> labels) {
        Map<String, Integer> indices = new HashMap<>();
        for (int index = 0; index < classes.size(); index++) {
            indices.put(classes.get(index), index);
        }
        if (!indices.keySet().containsAll(labels)) {
            for (int index = 0; index < classes.size(); index++) {
                indices.putIfAbsent(Integer.toString(index), index);
            }
        }
        return indices;
    }

    private static EncodedImages of(List<Item> items, Map<String, Integer> indices, String root) {
        int[] labels = new int[items.size()];
        for (int i = 0; i < labels.length; i++) {
            Item item = items.get(i);
            Integer index = indices.get(item.label);
            if (index == null) {
                throw new DataException(root + ": " + item.name + ": expected a label among the classes that the data"
                        + " names, got '" + item.label + "'; mend the file of names or the label");
            }
            labels[i] = index;
        }
        return new EncodedImages(List.copyOf(items), labels);
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public Pixels image(int index, int channels) {
        Item item = items.get(index);
        return ImageFiles.decode(item.contents.read(), item.name, channels);
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public String name(int index) {
        return items.get(index).name;
    }
}
