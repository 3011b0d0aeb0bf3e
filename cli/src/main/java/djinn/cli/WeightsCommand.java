package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.Architecture;
import djinn.zoo.ModelWeights;
import djinn.zoo.Models;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.Detectors;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Catalogue;
import djinn.zoo.weights.CatalogueEntry;
import djinn.zoo.weights.Download;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.FiniteCheck;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.WeightFile;
import djinn.zoo.weights.WeightSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
        name = "weights",
        description = "List, download, convert and average files of weights.",
        subcommands = {
            WeightsCommand.Listing.class,
            WeightsCommand.Fetch.class,
            WeightsCommand.Convert.class,
            AverageCommand.class
        })
final class WeightsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a subcommand: list, download, convert or average");
    }

    /** Finds a model, which may be a detector. */
    private static Architecture architecture(String name) {
        return Detectors.names().contains(name) ? Detectors.named(name) : Models.named(name);
    }

    /** Describes tensors with values that are too large for a dtype. */
    static List<String> tooLarge(Map<String, Long> tensors) {
        return tensors.entrySet().stream()
                .map(tensor ->
                        tensor.getKey() + " (" + tensor.getValue() + (tensor.getValue() == 1 ? " value)" : " values)"))
                .toList();
    }

    @Command(
            name = "list",
            description = "List the public weights that fit the zoo's models as they are.",
            footer = {
                "",
                "  djinn weights list",
                "  djinn weights list resnet50",
                "",
                "Licences are those that the publishers name; the terms of the data that weights",
                "were trained on may apply besides. Of an unverified file no hash is known."
            })
    static final class Listing implements Runnable {

        private static final Column[] COLUMNS = {
            new Column().header("name").dataAlign(HorizontalAlign.LEFT),
            new Column().header("figures in %").dataAlign(HorizontalAlign.LEFT),
            new Column().header("of").dataAlign(HorizontalAlign.LEFT),
            new Column().header("MB").dataAlign(HorizontalAlign.RIGHT),
            new Column().header("SHA-256").dataAlign(HorizontalAlign.LEFT),
            new Column().header("licence").dataAlign(HorizontalAlign.LEFT)
        };

        private static final int HASH_SHOWN = 12;

        @Spec
        private CommandSpec spec;

        @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Only this model's weights.")
        private String model;

        @Option(names = "--json", description = "Answer with one JSON object per line.")
        private boolean json;

        @Override
        public void run() {
            var entries = model == null
                    ? Catalogue.all()
                    : Catalogue.of(architecture(model).name());
            if (entries.isEmpty()) {
                throw new DataException(
                        "the catalogue has no weights of " + model + "; 'djinn weights list' lists those it has");
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                entries.forEach(entry -> out.println(Json.line(fields(entry))));
            } else {
                Object[][] rows = entries.stream().map(Listing::row).toArray(Object[][]::new);
                out.println(AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, COLUMNS, rows));
            }
            out.flush();
        }

        private static Map<String, Object> fields(CatalogueEntry entry) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("id", entry.id());
            fields.put("model", entry.model());
            fields.put("name", entry.name());
            fields.put("url", entry.url().toString());
            fields.put("sha256", entry.sha256());
            entry.megabytes().ifPresent(megabytes -> fields.put("megabytes", megabytes));
            fields.put("licence", entry.licence());
            fields.put("data", entry.data());
            fields.put("metrics", entry.metrics());
            fields.put("size", entry.size());
            fields.put("resize", entry.resize());
            fields.put("interpolation", entry.interpolation());
            fields.put("mean", entry.mean());
            fields.put("std", entry.std());
            fields.put("source", entry.source());
            return fields;
        }

        private static Object[] row(CatalogueEntry entry) {
            String figures = entry.metrics().entrySet().stream()
                    .map(figure -> String.format(Locale.ROOT, "%s %.2f", figure.getKey(), figure.getValue()))
                    .collect(Collectors.joining("  "));
            return new Object[] {
                entry.id(),
                figures,
                entry.data(),
                entry.megabytes().isPresent()
                        ? String.format(Locale.ROOT, "%.1f", entry.megabytes().getAsDouble())
                        : "",
                entry.sha256().substring(0, Math.min(HASH_SHOWN, entry.sha256().length())),
                entry.licence()
            };
        }
    }

    @Command(
            name = "download",
            description = "Bring public weights into the cache.",
            footer = {
                "",
                "  djinn weights download squeezenet1_1",
                "  djinn weights download resnet50/imagenet1k_v1 --to resnet50.pth",
                "",
                "A download that broke off goes on when asked for again; a file that is there is",
                "checked. Wherever weights are given, djinn:NAME does the same. The cache is in",
                "DJINN_CACHE, else in the user's own. HTTPS_PROXY and NO_PROXY are honoured."
            })
    static final class Fetch implements Runnable {

        @Spec
        private CommandSpec spec;

        @Parameters(
                paramLabel = "NAME",
                description = "The weights as 'djinn weights list' names them, or a model for its first.")
        private String name;

        @Option(names = "--to", paramLabel = "FILE", description = "Also copy the file to here.")
        private Path to;

        @Override
        public void run() {
            OutputFile.require("--to", to);
            String plain = name.startsWith(WeightSource.PREFIX) ? name.substring(WeightSource.PREFIX.length()) : name;
            bring(Catalogue.find(plain), Download.intoUsersCache());
        }

        /** Downloads, or checks what is there, and copies if asked to. */
        void bring(CatalogueEntry entry, Download download) {
            PrintWriter out = spec.commandLine().getOut();
            Path file =
                    Files.isRegularFile(download.path(entry)) ? download.verify(entry) : fetch(entry, download, out);
            if (to != null) {
                AtomicFile.write(to, channel -> copy(file, channel));
            }
            out.println((to == null ? file : to)
                    + (entry.verifiable() ? ": SHA-256 as in the catalogue" : ": not verified, no hash is known")
                    + "; licence " + entry.licence());
            out.flush();
        }

        private Path fetch(CatalogueEntry entry, Download download, PrintWriter out) {
            boolean terminal = Terminal.present();
            int width = terminal ? spec.usageMessage().autoWidth(true).width() : 0;
            try (DownloadProgress progress =
                    new DownloadProgress(Notes.progress(out, spec), terminal, width, entry.id())) {
                return download.fetch(entry, progress);
            }
        }

        private static void copy(Path file, FileChannel target) throws IOException {
            try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ)) {
                long size = source.size();
                for (long position = 0; position < size; ) {
                    position += source.transferTo(position, size - position, target);
                }
            }
        }
    }

    @Command(
            name = "convert",
            description = "Turn a PyTorch state dict (.pth, .pt) or safetensors file into safetensors.",
            footer = {
                "",
                "  djinn weights convert resnet18.pth --to resnet18.safetensors",
                "",
                "Only tensors are read, and nothing in the file is ever executed. What stands before all names, such as",
                "'module.' or Lightning's 'model.', is taken off where the model is named."
            })
    static final class Convert implements Runnable {

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "IN", description = "The file to read.")
        private Path in;

        @Option(names = "--to", required = true, paramLabel = "OUT", description = "The safetensors file to write.")
        private Path out;

        @Option(
                names = "--dtype",
                paramLabel = "TYPE",
                defaultValue = "F32",
                description = "What numbers with a fraction are kept as: F32, F16 or BF16 (default: ${DEFAULT-VALUE}).")
        private Dtype dtype;

        @Option(
                names = "--prefer",
                paramLabel = "ema|plain",
                defaultValue = "ema",
                description = "Which weights are taken where the file has both: the moving average (ema), or those of"
                        + " the last step (plain) (default: ${DEFAULT-VALUE}).")
        private Preference preference;

        @Option(
                names = "--model",
                paramLabel = "MODEL",
                description = "Check that the weights are this model's, and give them its own names if timm or another"
                        + " library named them.")
        private String model;

        @Override
        public void run() {
            if (dtype != Dtype.F32 && dtype != Dtype.F16 && dtype != Dtype.BF16) {
                throw new ParameterException(spec.commandLine(), "expected --dtype F32, F16 or BF16, got " + dtype);
            }
            OutputFile.require("--to", out);
            try (NDManager manager = PyTorch.newManager()) {
                WeightFile read = WeightFile.read(in, manager, preference);
                WeightFile weights = model == null ? read.withoutWrappers() : ofModel(read, manager);
                Notes.print(weights.notes(), spec);
                Map<String, NDArray> arrays = weights.arrays();
                List<String> faults = FiniteCheck.faults(arrays);
                if (!faults.isEmpty()) {
                    warn(in + ": " + FiniteCheck.words(faults, arrays.size()) + "; no model will take them");
                }
                List<String> tooLarge = tooLarge(Safetensors.write(out, arrays, Map.of(), dtype));
                if (!tooLarge.isEmpty()) {
                    warn("kept as they are, for values too large for " + dtype + ": " + String.join(", ", tooLarge));
                }
                long values = arrays.values().stream().mapToLong(NDArray::size).sum();
                PrintWriter text = spec.commandLine().getOut();
                text.println(out + ": " + arrays.size() + " tensors, " + values + " values");
                text.flush();
            }
        }

        private void warn(String message) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("warning: " + message);
            err.flush();
        }

        /** The head may have another number of classes than the model was made for. */
        private WeightFile ofModel(WeightFile read, NDManager manager) {
            Architecture entry = architecture(model);
            NamedBlock block = entry instanceof DetectorEntry detector
                    ? detector.build()
                    : Models.named(model).build();
            block.initialize(manager);
            ModelWeights.Loaded loaded = ModelWeights.load(read, entry, block, ModelWeights.Use.CONVERT);
            WeightFile named = ModelWeights.named(read, entry, block);
            return new WeightFile(in, preference, named.arrays(), loaded.notes());
        }
    }
}
