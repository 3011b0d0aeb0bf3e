package djinn.cli;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.export.trace.Summary;
import djinn.ops.PyTorch;
import djinn.report.SummaryTable;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.Detectors;
import djinn.zoo.nn.NamedBlock;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "summary",
        description = "Show a model's layers: shapes, parameters, multiply-adds, receptive field and stride.",
        footer = {
            "",
            "  djinn summary resnet18",
            "  djinn summary unet --input 1x256x256 --classes 3",
            "",
            "Rows are the operations the model runs on one image, under the names of their weights; those that only",
            "arrange elements anew are left out. The receptive field and stride are in input pixels (HxW)."
        })
final class SummaryCommand implements Runnable {

    private static final int LONGEST = 64;

    /** The first so many columns are of text. */
    private static final int TEXTS = 3;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "The model; 'djinn models' lists them.")
    private String model;

    @Option(names = "--input", paramLabel = "CxHxW", description = "The image; the model's own size if left out.")
    private String input;

    @Option(names = "--classes", paramLabel = "K", description = "The number of classes; the model's own if left out.")
    private Integer classes;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Override
    public void run() {
        Summary summary =
                Detectors.names().contains(model) ? ofDetector(Detectors.named(model)) : of(Models.named(model));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.line(fields(summary)));
        } else {
            SummaryTable table = SummaryTable.of(model, summary);
            Object[][] rows = table.rows().stream().map(List::toArray).toArray(Object[][]::new);
            out.println(AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns(table), rows));
            table.totals().forEach(out::println);
        }
        out.flush();
    }

    private static Column[] columns(SummaryTable table) {
        List<Column> columns = new ArrayList<>();
        for (String header : table.columns()) {
            boolean isText = columns.size() < TEXTS;
            columns.add(new Column()
                    .header(header)
                    .dataAlign(isText ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT)
                    .maxWidth(LONGEST));
        }
        return columns.toArray(Column[]::new);
    }

    private Summary of(ModelEntry entry) {
        long[] image = image(entry.channels(), entry.size());
        return of(entry.build(new ModelOptions(classes == null ? entry.classes() : classes, (int) image[0])), image);
    }

    private Summary ofDetector(DetectorEntry entry) {
        long[] image = image(3, entry.size());
        Detector detector = entry.build(classes == null ? entry.classes() : classes);
        int multiple = detector.multiple();
        if (image[0] != 3 || image[1] % multiple != 0 || image[2] % multiple != 0) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --input as 3xHxW for " + model + ", H and W multiples of " + multiple + ", got '"
                            + (input == null ? extents(new Shape(image)) : input) + "'");
        }
        return of(detector, image);
    }

    private long[] image(int channels, int size) {
        return input == null ? new long[] {channels, size, size} : extents();
    }

    private static Summary of(NamedBlock block, long[] image) {
        try (NDManager manager = PyTorch.newManager()) {
            block.initialize(manager);
            return Summary.of(block, new Shape(1, image[0], image[1], image[2]));
        }
    }

    private long[] extents() {
        String[] parts = input.toLowerCase(Locale.ROOT).split("x", -1);
        long[] image = new long[parts.length];
        try {
            for (int i = 0; i < parts.length; i++) {
                image[i] = Long.parseLong(parts[i]);
            }
        } catch (NumberFormatException e) {
            image = new long[0];
        }
        if (image.length != 3 || Arrays.stream(image).anyMatch(extent -> extent < 1)) {
            throw new ParameterException(
                    spec.commandLine(), "expected --input as CxHxW, such as 3x224x224, got '" + input + "'");
        }
        return image;
    }

    private static Map<String, Object> fields(Summary summary) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("inputs", summary.inputs().stream().map(SummaryCommand::list).toList());
        fields.put(
                "outputs", summary.outputs().stream().map(SummaryCommand::list).toList());
        fields.put("parameters", summary.parameters());
        fields.put("buffers", summary.buffers());
        fields.put("macs", summary.macs());
        fields.put(
                "layers", summary.layers().stream().map(SummaryCommand::fields).toList());
        return fields;
    }

    private static Map<String, Object> fields(Summary.Layer layer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", layer.name());
        fields.put("op", layer.op());
        fields.put("output", list(layer.output()));
        fields.put("parameters", layer.parameters());
        fields.put("macs", layer.macs());
        layer.field().ifPresent(field -> {
            fields.put("receptive_field", field.isAll() ? "all" : List.of(field.height(), field.width()));
            fields.put("stride", field.isAll() ? "all" : List.of(field.strideY(), field.strideX()));
        });
        return fields;
    }

    private static String extents(Shape shape) {
        return Arrays.stream(shape.getShape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }

    private static List<Long> list(Shape shape) {
        return Arrays.stream(shape.getShape()).boxed().toList();
    }
}
