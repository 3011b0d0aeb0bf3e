package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import djinn.cli.Pairs.Timed;
import djinn.export.trace.Summary;
import djinn.inference.Engine;
import djinn.inference.ForwardBenchmark;
import djinn.ops.MemoryFormat;
import djinn.ops.Precision;
import djinn.ops.PyTorch;
import djinn.tasks.Recipes;
import djinn.training.StepBenchmark;
import djinn.training.StepBenchmark.Mode;
import djinn.training.StepBenchmark.Times;
import djinn.training.optimizer.AdamW;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.optimizer.Sgd;
import djinn.training.recipe.Recipe;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "benchmark",
        description =
                "Time training steps and inference of models, or the training steps of a recipe, alone or side by side"
                        + " with another program.",
        footer = {
            "",
            "  djinn benchmark --model resnet18,mobilenet_v2 --mode train,infer",
            "  djinn benchmark --model resnet18 --mode train --pairs 5 \\",
            "      --versus \"python bench.py {model} {mode} --batch {batch} --size {size} --optimizer {optimizer}\"",
            "  djinn benchmark language_model_tiny --set train.batch_size=16",
            "",
            "Input is random and stays in memory; of a recipe, it is one batch of its data. With --versus, each pair times Djinn, then the command, which is to",
            "print a line of JSON with median_ms in it; the ratio is its time over Djinn's, so above 1 Djinn is faster.",
            "peak is the share of what a product of large matrices reached in the same run. Inference on pytorch is",
            "that of 'djinn predict', frozen; with --layout default or --precision bf16, that of the plain model."
        })
final class BenchmarkCommand implements Runnable {

    private static final Column[] COLUMNS = {
        new Column().header("model").dataAlign(HorizontalAlign.LEFT),
        new Column().header("mode").dataAlign(HorizontalAlign.LEFT),
        new Column().header("engine").dataAlign(HorizontalAlign.LEFT),
        new Column().header("batch"),
        new Column().header("size"),
        new Column().header("layout").dataAlign(HorizontalAlign.LEFT),
        new Column().header("precision").dataAlign(HorizontalAlign.LEFT),
        new Column().header("median ms"),
        new Column().header("quartiles").dataAlign(HorizontalAlign.LEFT),
        new Column().header("images/s"),
        new Column().header("peak"),
        new Column().header("ratios").dataAlign(HorizontalAlign.LEFT)
    };

    /** Options that say what a recipe says by its keys. */
    private static final List<String> OF_MODELS =
            List.of("--model", "--mode", "--batch", "--size", "--layout", "--precision", "--engine", "--optimizer");

    private static final int MATRIX = 1024;
    private static final int PRODUCTS = 9;

    /** The optimizers there are to choose from. */
    private enum Rule {
        SGD,
        ADAMW
    }

    /** The orders of elements there are to choose from. */
    private enum ElementOrder {
        CHANNELS_LAST(MemoryFormat.CHANNELS_LAST),
        DEFAULT(MemoryFormat.CONTIGUOUS);

        private final MemoryFormat format;

        ElementOrder(MemoryFormat format) {
            this.format = format;
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RECIPE",
            arity = "0..1",
            description =
                    "In place of --model: a recipe of any task, whose training steps are timed; a YAML file, or the"
                            + " name of one that comes with Djinn.")
    private String recipe;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description = "Override a key of the recipe; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            split = ",",
            description = "The models; 'djinn models' lists them.")
    private List<String> models = List.of();

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            split = ",",
            defaultValue = "train,infer",
            description = "train, infer or both (default: both).")
    private List<Mode> modes;

    @Option(
            names = "--batch",
            paramLabel = "N",
            split = ",",
            defaultValue = "16",
            description = "Images in a step (default: 16).")
    private List<Integer> batches;

    @Option(
            names = "--size",
            paramLabel = "N",
            defaultValue = "112",
            description = "Height and width in pixels (default: 112).")
    private int size;

    @Option(
            names = "--layout",
            paramLabel = "LAYOUT",
            split = ",",
            defaultValue = "channels_last",
            description = "The order of elements in memory: channels_last or default (default: channels_last).")
    private List<ElementOrder> layouts;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            split = ",",
            defaultValue = "fp32",
            description = "Of convolutions and linear layers: fp32 or bf16 (default: fp32).")
    private List<Precision> precisions;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            split = ",",
            defaultValue = "pytorch",
            description = "What computes inference: pytorch or onnx (default: pytorch); training is always on pytorch.")
    private List<Engine> engines;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            defaultValue = "sgd",
            description = "sgd (with momentum) or adamw (default: sgd).")
    private Rule optimizer;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "12", description = "Steps that count (default: 12).")
    private int steps;

    @Option(
            names = "--warm-up",
            defaultValue = "2",
            paramLabel = "SECONDS",
            description = "For how long steps do not count (default: ${DEFAULT-VALUE}).")
    private double warmUp;

    @Option(names = "--versus", paramLabel = "COMMAND", description = "A command to alternate with; see below.")
    private String versus;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often each is timed with --versus (default: 3).")
    private int pairs;

    @Option(names = "--json", description = "One JSON object per line.")
    private boolean json;

    /** What is timed. */
    private record Setting(
            ModelEntry entry,
            Mode mode,
            Engine engine,
            int batch,
            int size,
            ElementOrder layout,
            Precision precision,
            Rule optimizer) {}

    /** What came of it. */
    private record Outcome(Setting setting, Timed timed, double peakShare) {}

    @Override
    public void run() {
        if (!(warmUp >= 0)
                || steps < 1
                || pairs < 1
                || size < 1
                || batches.stream().anyMatch(batch -> batch < 1)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --batch, --size, --steps and --pairs of at least 1 and --warm-up of at least 0, got "
                            + batches + ", " + size + ", " + steps + ", " + pairs + " and " + warmUp);
        }
        requireRecipeOrModels();
        if (recipe != null) {
            Recipe read = Recipes.read(Configs.find(recipe), Djinn.withDevice(spec, overrides));
            new RecipeBenchmark(recipe, read, pairs()).run(spec.commandLine().getOut(), json);
            return;
        }
        double peak = peak();
        PrintWriter out = spec.commandLine().getOut();
        List<Outcome> outcomes = new ArrayList<>();
        for (Setting setting : settings()) {
            Outcome outcome = outcome(setting, peak);
            outcomes.add(outcome);
            if (json) {
                out.println(Json.line(fields(outcome)));
            }
            if (out.checkError()) {
                return;
            }
        }
        if (!json) {
            OptionalLong memory = peakMemory();
            Object[][] rows = outcomes.stream().map(BenchmarkCommand::row).toArray(Object[][]::new);
            out.println(AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, COLUMNS, rows));
            out.println(String.format(
                    Locale.ROOT,
                    "%s%.0f GFLOP/s in a product of %d x %d matrices%s",
                    versus == null ? "" : "geometric mean of the ratios " + Pairs.two(geometricMean(outcomes)) + "; ",
                    peak,
                    MATRIX,
                    MATRIX,
                    memory.isPresent() ? "; peak resident memory " + memory.getAsLong() + " MB" : ""));
        }
        out.flush();
    }

    private List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        for (String model : models) {
            ModelEntry entry = Models.named(model);
            if (size < entry.smallest()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "expected --size of at least " + entry.smallest() + " for " + model + ", got " + size);
            }
            for (Mode mode : modes) {
                for (Engine engine : mode == Mode.TRAIN ? List.of(Engine.PYTORCH) : engines) {
                    for (int batch : batches) {
                        settings(settings, entry, mode, engine, batch);
                    }
                }
            }
        }
        return settings;
    }

    private void settings(List<Setting> settings, ModelEntry entry, Mode mode, Engine engine, int batch) {
        for (ElementOrder layout : layouts) {
            for (Precision precision : precisions) {
                settings.add(new Setting(entry, mode, engine, batch, size, layout, precision, optimizer));
            }
        }
    }

    /** A recipe says by its own keys what the options of models say. */
    private void requireRecipeOrModels() {
        List<String> others = OF_MODELS.stream()
                .filter(spec.commandLine().getParseResult()::hasMatchedOption)
                .toList();
        if (recipe == null && models.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "expected --model MODEL, or a RECIPE, got neither");
        } else if (recipe != null && !others.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected the recipe " + recipe + " alone, got " + String.join(", ", others)
                            + " beside it; use --set KEY.PATH=VALUE for what a recipe has a key of");
        } else if (recipe == null && !overrides.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "expected --set beside a RECIPE, got it without one; models have options");
        }
    }

    private Pairs pairs() {
        return new Pairs(
                Duration.ofNanos((long) (warmUp * 1e9)),
                steps,
                Optional.ofNullable(versus),
                pairs,
                json ? Optional.empty() : Optional.of(spec.commandLine().getOut()));
    }

    private Outcome outcome(Setting setting, double peak) {
        String title =
                setting.entry.name() + " " + lower(setting.mode) + " " + lower(setting.engine) + " " + setting.batch;
        Timed timed = pairs().time(title, fields(setting), () -> step(setting), 1);
        long passes = setting.mode == Mode.TRAIN ? 3 : 1;
        double gigaFlops =
                2.0 * passes * macs(setting) * setting.batch / timed.times().median() / 1e6;
        return new Outcome(setting, timed, gigaFlops / peak);
    }

    private Pairs.Step step(Setting setting) {
        boolean asPredicted = setting.layout == ElementOrder.CHANNELS_LAST && setting.precision == Precision.FP32;
        if (setting.mode == Mode.INFER && (asPredicted || setting.engine == Engine.ONNX)) {
            ForwardBenchmark benchmark =
                    ForwardBenchmark.of(setting.entry, setting.engine, setting.batch, setting.size);
            return new Pairs.Step(benchmark::step, benchmark::close);
        }
        StepBenchmark benchmark = setting.mode == Mode.TRAIN
                ? StepBenchmark.training(
                        setting.entry,
                        setting.batch,
                        setting.size,
                        setting.layout.format,
                        setting.precision,
                        rule(setting.optimizer))
                : StepBenchmark.inference(
                        setting.entry, setting.batch, setting.size, setting.layout.format, setting.precision);
        return new Pairs.Step(benchmark::step, benchmark::close);
    }

    private static OptimizerRule rule(Rule name) {
        return name == Rule.SGD ? new Sgd(1e-3, .9, false, 0) : new AdamW(1e-4, List.of(.9, .999), 1e-8, .01, false);
    }

    private static long macs(Setting setting) {
        try (NDManager manager = PyTorch.newManager()) {
            ArrayBlock block = setting.entry.build();
            block.initialize(manager);
            return Summary.of(block, new Shape(1, setting.entry.channels(), setting.size, setting.size))
                    .macs();
        }
    }

    /** What the machine reaches where it has nothing to wait for. */
    private static double peak() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray x = manager.randomNormal(new Shape(MATRIX, MATRIX), DataType.FLOAT32);
            Times times = Times.of(() -> x.matMul(x).close(), Duration.ZERO, PRODUCTS);
            return 2.0 * MATRIX * MATRIX * MATRIX / times.least() / 1e6;
        }
    }

    private static Map<String, Object> fields(Setting setting) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("model", setting.entry.name());
        fields.put("mode", lower(setting.mode));
        fields.put("engine", lower(setting.engine));
        fields.put("batch", setting.batch);
        fields.put("size", setting.size);
        fields.put("layout", lower(setting.layout));
        fields.put("precision", lower(setting.precision));
        fields.put("optimizer", lower(setting.optimizer));
        return fields;
    }

    private static Map<String, Object> fields(Outcome outcome) {
        Map<String, Object> fields = fields(outcome.setting);
        Times times = outcome.timed.times();
        fields.put("median_ms", times.median());
        fields.put("p25_ms", times.lowerQuartile());
        fields.put("p75_ms", times.upperQuartile());
        fields.put("min_ms", times.least());
        fields.put("images_per_s", outcome.setting.batch / times.median() * 1000);
        fields.put("peak_share", outcome.peakShare);
        peakMemory().ifPresent(megabytes -> fields.put("peak_memory_mb", megabytes));
        if (!outcome.timed.ratios().isEmpty()) {
            fields.put("ratios", outcome.timed.ratios());
        }
        return fields;
    }

    private static Object[] row(Outcome outcome) {
        Setting setting = outcome.setting;
        Times times = outcome.timed.times();
        return new Object[] {
            setting.entry.name(),
            lower(setting.mode),
            lower(setting.engine),
            setting.batch,
            setting.size,
            lower(setting.layout),
            lower(setting.precision),
            Pairs.two(times.median()),
            Pairs.two(times.lowerQuartile()) + " to " + Pairs.two(times.upperQuartile()),
            String.format(Locale.ROOT, "%.1f", setting.batch / times.median() * 1000),
            String.format(Locale.ROOT, "%.0f %%", 100 * outcome.peakShare),
            outcome.timed.ratiosInWords()
        };
    }

    private static double geometricMean(List<Outcome> outcomes) {
        return Math.exp(outcomes.stream()
                .mapToDouble(outcome -> Math.log(outcome.timed.middleRatio()))
                .average()
                .orElse(0));
    }

    /** The most memory this process held, in megabytes, as Linux counts it; elsewhere not known. */
    private static OptionalLong peakMemory() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1000)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
