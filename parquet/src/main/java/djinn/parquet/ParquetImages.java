package djinn.parquet;

import djinn.data.EncodedImages;
import djinn.data.LabelNames;
import djinn.data.LeftOut;
import djinn.data.Shards;
import djinn.data.Splits;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Images in Parquet files, as Hugging Face's hub has them: {@code train-00000-of-00002.parquet} with a column {@code
 * image}, a struct of {@code bytes} and {@code path} or the bytes alone, and a column {@code label}, of numbers or texts.
 *
 * <p>The classes have the names that the key {@code huggingface} of the first file's metadata gives them, else those of
 * {@code classes.txt} beside the files. Labels are read at once; images when they are asked for, see {@link SpilledGroups}.
 * Rows without a label, which is empty or -1, are left out, and told.
 */
public final class ParquetImages {

    private static final String ENDING = ".parquet";
    private static final String HUB = "huggingface";

    private ParquetImages() {}

    /**
     * Lists the images of a set; they are not read yet.
     *
     * @param root a folder of Parquet files, or one whose folder {@code data} they are in, one of them, or a path with braces,
     *     as {@link Shards#of} takes it
     * @param valFraction the share of each class held out where no file is
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if files are missing or damaged, lack a column, or name different classes
     * @throws IllegalArgumentException if images are to be split and the fraction is not between 0 and 1
     */
    public static Splits read(String root, double valFraction, long splitSeed) {
        Shards shards = Shards.of(root, ENDING);
        List<ParquetTable> train =
                shards.train().stream().map(ParquetTable::open).toList();
        List<ParquetTable> heldOut =
                shards.heldOut().stream().map(ParquetTable::open).toList();
        List<LeftOut.Item> leftOut = new ArrayList<>();
        List<EncodedImages.Item> toLearn = items(train, leftOut);
        List<EncodedImages.Item> toValidate = items(heldOut, leftOut);
        List<String> notes = leftOut.isEmpty() ? List.of() : List.of("left out: " + new LeftOut(leftOut));
        List<ParquetTable> all = new ArrayList<>(train);
        all.addAll(heldOut);
        Optional<List<String>> names = names(all).or(() -> LabelNames.beside(shards.folder()));
        return EncodedImages.splits(shards, toLearn, toValidate, names, valFraction, splitSeed, notes);
    }

    private static List<EncodedImages.Item> items(List<ParquetTable> tables, List<LeftOut.Item> leftOut) {
        List<EncodedImages.Item> items = new ArrayList<>();
        for (ParquetTable table : tables) {
            SpilledGroups images = new SpilledGroups(table, Path.of(System.getProperty("java.io.tmpdir")));
            List<Optional<String>> labels = table.labels();
            int row = 0;
            for (int group = 0; group < table.rows().size(); group++) {
                for (int inGroup = 0; inGroup < table.rows().get(group); inGroup++) {
                    Optional<String> label = labels.get(row).filter(text -> !text.isBlank() && !text.equals("-1"));
                    String name = table.file().getFileName() + " row " + row;
                    int ofGroup = group;
                    int place = inGroup;
                    if (label.isPresent()) {
                        items.add(new EncodedImages.Item(name, label.get(), () -> images.read(ofGroup, place, name)));
                    } else {
                        leftOut.add(new LeftOut.Item("row without a label", name));
                    }
                    row++;
                }
            }
        }
        return items;
    }

    /** The names of the classes, in which all files that tell them agree. */
    private static Optional<List<String>> names(List<ParquetTable> tables) {
        Optional<List<String>> first = Optional.empty();
        for (ParquetTable table : tables) {
            Optional<List<String>> own = names(table);
            if (first.isPresent() && own.isPresent() && !own.equals(first)) {
                throw new DataException(table.file() + ": expected the classes of the files before it, " + first.get()
                        + ", found " + own.get() + "; keep one set in a folder");
            }
            first = first.or(() -> own);
        }
        return first;
    }

    private static Optional<List<String>> names(ParquetTable table) {
        String told = table.metadata().getOrDefault(HUB, "");
        if (told.isBlank()) {
            return Optional.empty();
        }
        try {
            JsonNode names = JsonMapper.builder()
                    .build()
                    .readTree(told)
                    .path("info")
                    .path("features")
                    .path(table.labelColumn())
                    .path("names");
            List<String> all = new ArrayList<>();
            names.forEach(name -> all.add(name.asString()));
            return all.isEmpty() ? Optional.empty() : Optional.of(all);
        } catch (JacksonException e) {
            // metadata of another kind under that key: labels are what the column says
            return Optional.empty();
        }
    }
}
