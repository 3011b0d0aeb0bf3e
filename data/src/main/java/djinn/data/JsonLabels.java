package djinn.data;

import djinn.data.ImageRows.Part;
import djinn.data.ImageRows.Row;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Images listed in a file of JSON lines: an object a line, {@code {"file": "a/1.jpg", "label": "cat"}}, and if wanted
 * {@code "split"}: {@code train}, {@code val} or {@code test}. For {@code file} may stand {@code file_name}, as in Hugging
 * Face's {@code metadata.jsonl}.
 *
 * <p>Labels are texts or whole numbers; classes and parts are those of {@link CsvLabels}.
 */
public final class JsonLabels {

    private static final List<String> FILE = List.of("file", "file_name", "image", "path");

    private JsonLabels() {}

    /**
     * Reads the list.
     *
     * @param list the file
     * @param root the folder that file names start from
     * @param valFraction the share of each class held out where no line says a split
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if the file is missing, malformed or not UTF-8, or names an image that is not there
     */
    public static Splits read(Path list, Path root, double valFraction, long splitSeed) {
        if (!Files.isRegularFile(list)) {
            throw new DataException(
                    list + ": expected a file of JSON lines with file and label, found nothing there; check the path");
        }
        JsonMapper json = JsonMapper.builder().build();
        List<Row> rows = new ArrayList<>();
        long line = 0;
        for (String text : TextFile.read(list).lines().toList()) {
            line++;
            if (!text.isBlank()) {
                rows.add(row(json, text, list, line));
            }
        }
        if (rows.isEmpty()) {
            throw new DataException(list + ": expected a JSON object per image, found none");
        }
        return new ImageRows(list, rows, "key split").splits(root, valFraction, splitSeed);
    }

    private static Row row(JsonMapper json, String text, Path list, long line) {
        JsonNode object;
        try {
            object = json.readTree(text);
        } catch (JacksonException e) {
            throw new DataException(
                    list + ":" + line + ": expected a JSON object, got what is none: "
                            + e.getOriginalMessage().replace('\n', ' '),
                    e);
        }
        if (!object.isObject()) {
            throw new DataException(list + ":" + line + ": expected a JSON object, got " + text);
        }
        String file = FILE.stream()
                .map(object::get)
                .flatMap(JsonLabels::text)
                .findFirst()
                .orElseThrow(() -> lacking("file", object, list, line));
        String label = Stream.of("label")
                .map(object::get)
                .flatMap(JsonLabels::text)
                .findFirst()
                .orElseThrow(() -> lacking("label", object, list, line));
        String split = text(object.get("split")).findFirst().orElse("");
        Optional<Part> part = Part.of(split);
        return new Row(
                line,
                file,
                label,
                part.orElseThrow(() -> new DataException(
                        list + ":" + line + ": expected split train, val or test, got '" + split + "'")));
    }

    /** A text or a whole number; nothing for what is missing, empty or another thing. */
    private static Stream<String> text(JsonNode node) {
        if (node == null || !(node.isString() || node.isIntegralNumber())) {
            return Stream.empty();
        }
        String text = node.asString().strip();
        return text.isEmpty() ? Stream.empty() : Stream.of(text);
    }

    private static DataException lacking(String key, JsonNode object, Path list, long line) {
        return new DataException(list + ":" + line + ": expected a text or a whole number at the key '" + key
                + "'; the keys are " + List.copyOf(object.propertyNames()));
    }
}
