package djinn.tasks.classification;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.metrics.ConfusionMatrix;
import djinn.ops.AtomicFile;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How well one class is told from the others.
 *
 * @param name the class
 * @param precision the share of what was taken for the class that is of it; 0 if nothing was
 * @param recall the share of the class that was taken for it; 0 if there is none of it
 * @param f1 the harmonic mean of both
 * @param support how many are of the class
 */
public record PerClass(String name, double precision, double recall, double f1, long support) {

    /** Returns the figures of all classes, in their order. */
    public static List<PerClass> of(ConfusionMatrix matrix, List<String> classes) {
        return IntStream.range(0, classes.size())
                .mapToObj(c -> new PerClass(
                        classes.get(c),
                        matrix.precision(c),
                        matrix.recall(c),
                        matrix.f1(c),
                        IntStream.range(0, classes.size())
                                .mapToLong(predicted -> matrix.count(c, predicted))
                                .sum()))
                .toList();
    }

    /** Writes {@code class,precision,recall,f1,support}, a line per class. */
    static void write(ConfusionMatrix matrix, List<String> classes, Path file) {
        StringWriter text = new StringWriter();
        CsvWriter csv = CsvWriter.builder()
                .bufferSize(0)
                .lineDelimiter(LineDelimiter.LF)
                .build(text);
        csv.writeRecord("class", "precision", "recall", "f1", "support");
        of(matrix, classes)
                .forEach(c ->
                        csv.writeRecord(c.name, six(c.precision), six(c.recall), six(c.f1), Long.toString(c.support)));
        AtomicFile.writeText(file, text.toString());
    }

    private static String six(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }
}
