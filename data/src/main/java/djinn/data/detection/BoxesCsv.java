package djinn.data.detection;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import djinn.data.Finding;
import djinn.data.OnError;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Boxes listed in a CSV file of UTF-8 text with the header {@code image,label,x1,y1,x2,y2}: an image's name, a class's
 * name, and two corners in pixels from the upper left corner of the image, 0 being its edge.
 *
 * <p>A line is an object. A line with an image alone, all other fields empty, is an image without objects. Names of
 * images are relative to a folder, and their backslashes are taken for slashes. What reaches over an image's edges is
 * cut when the image is read: its size is not known before.
 */
public final class BoxesCsv {

    private static final String HEADER = "image,label,x1,y1,x2,y2";

    private BoxesCsv() {}

    /**
     * Reads the list; its images are not read yet.
     *
     * @param csv the file
     * @param images the folder that names of images start from
     * @param classes the names of the classes, by index; empty for all that are in the list, sorted
     * @return the images as they first come in the list, numbered from 1
     * @throws DataException if the file is missing or malformed, or a label is none of the classes
     */
    public static ObjectData read(Path csv, Path images, List<String> classes) {
        return read(csv, images, classes, OnError.FAIL);
    }

    /**
     * Reads the list; its images are not read yet.
     *
     * @param csv the file
     * @param images the folder that names of images start from
     * @param classes the names of the classes, by index; empty for all that are in the list, sorted
     * @param onUnknown what becomes of an object of a class that is not there: skipped, it is a finding
     * @return the images as they first come in the list, numbered from 1
     * @throws DataException if the file is missing or malformed, or an object is not skipped
     */
    public static ObjectData read(Path csv, Path images, List<String> classes, OnError onUnknown) {
        List<NamedCsvRecord> rows = rows(csv);
        List<String> named = classes.isEmpty() ? labels(csv, rows) : List.copyOf(classes);
        List<Finding> findings = new ArrayList<>();
        BoxCheck boxes = new BoxCheck(findings);
        Strangers strangers = new Strangers(onUnknown, findings);
        Map<String, List<Annotation>> objects = new LinkedHashMap<>();
        for (NamedCsvRecord row : rows) {
            String image = field(csv, row, "image").replace('\\', '/');
            if (image.isEmpty()) {
                throw new DataException(csv + ":" + row.getStartingLineNumber() + ": expected the name of an image");
            }
            List<Annotation> own = objects.computeIfAbsent(image, name -> new ArrayList<>());
            String label = field(csv, row, "label");
            if (label.isEmpty()
                    && row.getFields().stream().filter(text -> !text.isBlank()).count() == 1) {
                continue;
            }
            int index = named.indexOf(label);
            if (index < 0) {
                strangers.met(
                        Finding.Kind.CLASS_UNKNOWN,
                        csv + ":" + row.getStartingLineNumber(),
                        "",
                        "expected one of the classes " + named + ", got '" + label + "'");
                continue;
            }
            String id = "line " + row.getStartingLineNumber();
            Optional<Box> box = boxes.box(
                    image,
                    id,
                    number(csv, row, "x1"),
                    number(csv, row, "y1"),
                    number(csv, row, "x2"),
                    number(csv, row, "y2"),
                    Optional.empty());
            box.ifPresent(inside -> own.add(new Annotation(id, index, inside, Optional.empty(), false)));
        }
        List<AnnotatedImage> all = new ArrayList<>();
        objects.forEach((name, own) ->
                all.add(new AnnotatedImage(images.resolve(name), name, all.size() + 1, Optional.empty(), false, own)));
        return new ObjectData(csv.toString(), named, Listing.numbers(named.size()), all, findings);
    }

    /**
     * Returns the names of all classes of some lists, sorted: where each lists one part of the data, they have the same.
     *
     * @param lists the files
     * @throws DataException if one is missing or malformed
     */
    public static List<String> classes(List<Path> lists) {
        TreeSet<String> all = new TreeSet<>();
        lists.forEach(csv -> all.addAll(labels(csv, rows(csv))));
        return List.copyOf(all);
    }

    private static List<NamedCsvRecord> rows(Path csv) {
        List<NamedCsvRecord> rows = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(TextFile.read(csv))) {
            reader.forEach(rows::add);
        } catch (CsvParseException e) {
            throw new DataException(csv + ": not a CSV file: " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(csv + ": cannot be read: " + e.getMessage(), e);
        }
        if (rows.isEmpty()) {
            throw new DataException(csv + ": expected a line per object below the header " + HEADER + ", found none");
        }
        return rows;
    }

    private static List<String> labels(Path csv, List<NamedCsvRecord> rows) {
        TreeSet<String> labels = new TreeSet<>();
        rows.forEach(row -> labels.add(field(csv, row, "label")));
        labels.remove("");
        return List.copyOf(labels);
    }

    private static String field(Path csv, NamedCsvRecord row, String name) {
        return row.findField(name)
                .map(String::strip)
                .orElseThrow(() -> new DataException(csv + ":" + row.getStartingLineNumber() + ": expected the columns "
                        + HEADER + ", got " + row.getHeader()));
    }

    private static double number(Path csv, NamedCsvRecord row, String name) {
        String text = field(csv, row, name);
        return Listing.number(text)
                .orElseThrow(() -> new DataException(csv + ":" + row.getStartingLineNumber()
                        + ": expected a number of pixels as " + name + ", got '" + text + "'"));
    }
}
