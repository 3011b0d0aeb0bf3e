package djinn.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Keys of a recipe that have options of their own. */
final class TrainingShortcuts {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the data; the same as --set train.epochs=N.")
    private Integer epochs;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Examples in a batch; the same as --set train.batch_size=N.")
    private Integer batchSize;

    @Option(names = "--lr", paramLabel = "X", description = "The learning rate; the same as --set optimizer.lr=X.")
    private Double lr;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Decides weights, order, augmentation and dropout; the same as --set seed=N.")
    private Long seed;

    @Option(
            names = "--max-time",
            paramLabel = "TIME",
            description = "End after the step at which the training took this long, such as 20m or 1h30m; the same as"
                    + " --set train.max_time=TIME.")
    private String maxTime;

    @Option(
            names = "--fast-dev-run",
            description = "Go through all once with one batch of training and one of validation, and keep nothing; the"
                    + " same as --set train.fast_dev_run=true.")
    private boolean fastDevRun;

    /**
     * Returns what is overridden, by {@code --set} and by these options.
     *
     * @param overrides as {@code --set} has them
     */
    List<String> with(List<String> overrides) {
        List<String> all = new ArrayList<>(overrides);
        add(all, "--epochs", epochs);
        add(all, "--batch-size", batchSize);
        add(all, "--lr", lr);
        add(all, "--seed", seed);
        add(all, "--max-time", maxTime);
        add(all, "--fast-dev-run", fastDevRun ? true : null);
        return all;
    }

    private void add(List<String> overrides, String option, Object value) {
        if (value == null) {
            return;
        }
        overrides.stream()
                .filter(override -> override.startsWith(OptionKeys.key(option) + "="))
                .findFirst()
                .ifPresent(both -> {
                    throw new ParameterException(
                            spec.commandLine(),
                            "expected " + option + " or --set " + both + ", got both; they are one");
                });
        overrides.add(OptionKeys.override(option, value));
    }
}
