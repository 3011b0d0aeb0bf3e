package djinn.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The UCI optical digits that come with Djinn: 1,437 training and 360 validation images of 8x8, grey, ten classes.
 *
 * <p>E. Alpaydin and C. Kaynak 1998, DOI 10.24432/C50P49, CC BY 4.0. Values 0 to 16 are scaled to 0 to 255, as an 8-bit
 * PNG of them holds.
 */
public final class Digits implements Dataset {

    private static final int EDGE = 8;
    private static final int CLASSES = 10;

    private final int[] rows;
    private final List<byte[]> images;
    private final int[] labels;

    private Digits(List<Integer> rows, List<byte[]> images, List<Integer> labels) {
        this.rows = rows.stream().mapToInt(Integer::intValue).toArray();
        this.images = rows.stream().map(images::get).toList();
        this.labels = rows.stream().mapToInt(labels::get).toArray();
    }

    /** Reads both parts. */
    public static Splits splits() {
        List<byte[]> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        Set<Integer> heldOut = new HashSet<>();
        try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(open("digits.csv"));
                BufferedReader lines = open("digits-val-rows.txt")) {
            lines.lines().filter(line -> !line.isBlank()).forEach(line -> heldOut.add(Integer.valueOf(line.strip())));
            csv.stream().skip(1).forEach(row -> {
                byte[] image = new byte[EDGE * EDGE];
                for (int i = 0; i < image.length; i++) {
                    image[i] = (byte) (Integer.parseInt(row.getField(i)) * 255 / 16);
                }
                images.add(image);
                labels.add(Integer.valueOf(row.getField(EDGE * EDGE)));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Integer> validation = heldOut.stream().sorted().toList();
        List<Integer> train = IntStream.range(0, images.size())
                .boxed()
                .filter(row -> !heldOut.contains(row))
                .toList();
        List<String> classes =
                IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
        return new Splits("digits", classes, new Digits(train, images, labels), new Digits(validation, images, labels));
    }

    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public Pixels image(int index, int channels) {
        return new Pixels(EDGE, EDGE, 1, images.get(index)).withChannels(channels);
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public String name(int index) {
        return "digits row " + rows[index];
    }

    private static BufferedReader open(String resource) {
        return new BufferedReader(new InputStreamReader(Digits.class.getResourceAsStream(resource), US_ASCII));
    }
}
