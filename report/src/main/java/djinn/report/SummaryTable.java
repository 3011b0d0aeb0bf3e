package djinn.report;

import ai.djl.ndarray.types.Shape;
import djinn.export.trace.ReceptiveField;
import djinn.export.trace.Summary;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A model's layers as people read them.
 *
 * @param columns the headings; the last four are of numbers
 * @param rows as many cells each
 * @param totals lines about the whole
 */
public record SummaryTable(List<String> columns, List<List<String>> rows, List<String> totals) {

    /** The headings. */
    public static final List<String> COLUMNS =
            List.of("layer", "operation", "output", "parameters", "MACs", "sees", "stride");

    private static final double MEGABYTE = 1e6;

    /** Copies the lists. */
    public SummaryTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        totals = List.copyOf(totals);
    }

    /**
     * Writes a summary down.
     *
     * @param model what the model is called
     * @param summary what it consists of
     * @return the table
     */
    public static SummaryTable of(String model, Summary summary) {
        return new SummaryTable(
                COLUMNS,
                summary.layers().stream().map(SummaryTable::row).toList(),
                List.of(
                        model + ": "
                                + summary.inputs().stream()
                                        .map(SummaryTable::extents)
                                        .collect(Collectors.joining(", "))
                                + " to "
                                + summary.outputs().stream()
                                        .map(SummaryTable::extents)
                                        .collect(Collectors.joining(", ")),
                        count(summary.parameters()) + " parameters trained, " + count(summary.buffers())
                                + " values kept beside them, " + count(summary.macs()) + " multiply-adds, "
                                + String.format(Locale.ROOT, "%.1f", summary.parameters() * Float.BYTES / MEGABYTE)
                                + " MB of float32 weights"));
    }

    private static List<String> row(Summary.Layer layer) {
        return List.of(
                layer.name(),
                layer.op(),
                extents(layer.output()),
                layer.parameters() == 0 ? "" : count(layer.parameters()),
                layer.macs() == 0 ? "" : count(layer.macs()),
                layer.field()
                        .map(field -> pair(field, field.height(), field.width()))
                        .orElse(""),
                layer.field()
                        .map(field -> pair(field, field.strideY(), field.strideX()))
                        .orElse(""));
    }

    private static String pair(ReceptiveField field, double height, double width) {
        if (field.isAll()) {
            return "all";
        }
        return height == width ? number(height) : number(height) + "x" + number(width);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String extents(Shape shape) {
        return Arrays.stream(shape.getShape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
