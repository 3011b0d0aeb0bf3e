package djinn.predict.detection;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** COCO's 80 categories: what published detectors tell apart. */
final class CocoCategories {

    private static final List<Category> ALL = read();

    private CocoCategories() {}

    /**
     * A category.
     *
     * @param id from 1 to 90, with gaps
     * @param name as COCO spells it
     * @param darknet as darknet's coco.names spell it
     */
    private record Category(int id, String name, String darknet) {}

    private static List<Category> read() {
        try (InputStream in = CocoCategories.class.getResourceAsStream("/META-INF/djinn/coco-categories.tsv")) {
            List<Category> categories = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] cells = line.split("\t", -1);
                    categories.add(
                            new Category(Integer.parseInt(cells[0]), cells[1], cells.length > 2 ? cells[2] : cells[1]));
                }
            }
            return List.copyOf(categories);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the 80 names as COCO spells them. */
    static List<String> names() {
        return ALL.stream().map(Category::name).toList();
    }

    /** Returns the 80 names as darknet and what came from it spell them. */
    static List<String> darknetNames() {
        return ALL.stream().map(Category::darknet).toList();
    }

    /**
     * Returns names by id, for detectors whose labels are such.
     *
     * @param first the id of label 0
     * @param count how many there are
     * @return {@code N/A} and the id where there is no category
     */
    static List<String> byId(int first, int count) {
        String[] names = new String[count];
        Arrays.setAll(names, i -> "N/A " + (first + i));
        ALL.stream()
                .filter(category -> category.id >= first && category.id < first + count)
                .forEach(category -> names[category.id - first] = category.name);
        return List.of(names);
    }

    /** Returns the category of each class: COCO's own of its 80 classes, and of others from 1 on. */
    static List<Long> numbers(List<String> classes) {
        return Optional.of(classes)
                .filter(given -> given.equals(names()) || given.equals(darknetNames()))
                .map(given -> ALL.stream().map(category -> (long) category.id).toList())
                .orElseGet(
                        () -> LongStream.rangeClosed(1, classes.size()).boxed().toList());
    }
}
