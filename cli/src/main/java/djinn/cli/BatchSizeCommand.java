package djinn.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.tasks.Recipes;
import djinn.training.BatchSizes;
import djinn.training.BatchSizes.Result;
import djinn.training.BatchSizes.Trial;
import djinn.training.recipe.Recipe;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "batch-size",
        description = "Find the largest batch that trains within a bound of memory: try powers of two.",
        footer = {
            "",
            "  djinn batch-size nin_digits --memory 2g",
            "  djinn batch-size unet_nuclei --memory 3g --set data.size=256 --most 64",
            "",
            "Counts all of the process on the processor, Java's part included, or what is taken of a GPU. Batches that are",
            "made ahead and cached images come on top. Nothing is kept of the training: set what is told in the recipe."
        })
final class BatchSizeCommand implements Runnable {

    private static final Pattern MEMORY = Pattern.compile("(\\d{1,7})([mMgG])");
    private static final double MEGABYTE = 1e6;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RECIPE", description = "A YAML file, or the name of one that comes with Djinn.")
    private String recipe;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description = "Override a key of the recipe; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            required = true,
            description = "The memory there is, in millions or billions of bytes: 900m, 2g.")
    private String memory;

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "65536",
            description = "The largest batch that is tried (default: ${DEFAULT-VALUE}).")
    private int most;

    @Option(names = "--json", description = "Answer with one JSON object, the trials in it.")
    private boolean json;

    @Override
    public void run() {
        long bound = bound();
        if (most < 1) {
            throw new ParameterException(spec.commandLine(), "expected --most of at least 1, got " + most);
        }
        Path file = Configs.find(recipe);
        with(file, 1).startingWeights().ifPresent(source -> DownloadProgress.resolve(source, spec));
        Result result = BatchSizes.search(bound, most, BatchSizes.of(size -> with(file, size)));
        if (result.largest().isEmpty()) {
            throw new IllegalArgumentException(nothing(result));
        }
        PrintWriter out = spec.commandLine().getOut();
        String override = "train.batch_size=" + result.largest().getAsInt();
        if (json) {
            out.println(Json.line(fields(result)));
        } else {
            out.println(table(result, bound));
            out.println("the largest that fits: djinn train " + Words.quoted(recipe) + " --set " + override);
        }
        out.flush();
    }

    private Recipe with(Path file, int size) {
        List<String> all = Djinn.withDevice(spec, overrides);
        all.add("train.batch_size=" + size);
        return Recipes.read(file, all);
    }

    private long bound() {
        Matcher size = MEMORY.matcher(memory);
        if (!size.matches()) {
            throw new ParameterException(
                    spec.commandLine(), "expected --memory as a size such as 900m or 2g, got '" + memory + "'");
        }
        return Long.parseLong(size.group(1)) * (size.group(2).equalsIgnoreCase("g") ? 1_000_000_000L : 1_000_000L);
    }

    private String nothing(Result result) {
        if (result.trials().isEmpty()) {
            return "--most: expected a batch that the model can learn from, got at most " + most;
        }
        Trial first = result.trials().get(0);
        return "--memory: expected room for batches of " + first.size() + ", which take "
                + (first.bytes().isPresent() ? megabytes(first) + " MB" : "more than there is") + ", got " + memory;
    }

    private static String table(Result result, long bound) {
        return AsciiTable.getTable(
                AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
                result.trials(),
                List.of(
                        new Column()
                                .header("batch size")
                                .dataAlign(HorizontalAlign.RIGHT)
                                .with((Trial trial) -> Integer.toString(trial.size())),
                        new Column()
                                .header("peak MB")
                                .dataAlign(HorizontalAlign.RIGHT)
                                .with(BatchSizeCommand::words),
                        new Column().header("fits").with((Trial trial) -> trial.fits(bound) ? "yes" : "no")));
    }

    private static String words(Trial trial) {
        if (trial.bytes().isEmpty()) {
            return "more than there is";
        }
        return trial.measured() ? Long.toString(megabytes(trial)) : "some " + megabytes(trial) + ", not tried";
    }

    /** Rounded up. */
    private static long megabytes(Trial trial) {
        return (long) Math.ceil(trial.bytes().orElseThrow() / MEGABYTE);
    }

    private static Map<String, Object> fields(Result result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("batch_size", result.largest().getAsInt());
        List<Object> trials = new ArrayList<>();
        for (Trial trial : result.trials()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("batch_size", trial.size());
            trial.bytes().ifPresent(bytes -> one.put("bytes", bytes));
            one.put("measured", trial.measured());
            trials.add(one);
        }
        fields.put("trials", trials);
        return fields;
    }
}
