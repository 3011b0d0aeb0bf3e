package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.tasks.Recipes;
import djinn.tasks.Tasks;
import djinn.training.NormStatistics;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.recipe.Recipe;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightMean;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "average",
        description = "Average the weights of several files of one model: a uniform soup.",
        footer = {
            "",
            "  djinn weights average runs/a/top/*.safetensors --to soup.safetensors",
            "  djinn weights average a.safetensors b.safetensors --recipe runs/a --to soup.safetensors",
            "",
            "All files have the same arrays, and say the same of their model. Batch norm's running statistics are",
            "averaged like the weights, which is not what the averaged weights would measure: --recipe measures them."
        })
final class AverageCommand implements Runnable {

    private static final int SHOWN = 3;

    /** What metadata call the number of files. */
    private static final String AVERAGED = "djinn.averaged";

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Safetensors files, at least two.")
    private List<Path> files;

    @Option(names = "--to", required = true, paramLabel = "OUT", description = "The safetensors file to write.")
    private Path to;

    @Option(
            names = "--recipe",
            paramLabel = "RECIPE|RUN",
            description =
                    "Learn batch norm's running statistics anew, by a pass over the training data of this recipe, or"
                            + " of the run in this folder.")
    private String recipe;

    @Override
    public void run() {
        OutputFile.require("--to", to);
        requireOwnFile();
        Optional<Recipe> asked = Optional.ofNullable(recipe).map(AverageCommand::read);
        try (NDManager manager = PyTorch.newManager()) {
            WeightMean mean = WeightMean.of(files, manager);
            requireSameCard(mean);
            PrintWriter out = spec.commandLine().getOut();
            PrintWriter beside = Notes.progress(spec.commandLine().getErr(), spec);
            mean.differing().forEach((key, words) -> beside.println(key + " differs and is left out: " + some(words)));
            Map<String, NDArray> arrays =
                    asked.map(by -> measured(by, mean, manager, beside)).orElseGet(() -> averaged(mean, beside));
            beside.flush();
            Map<String, String> metadata = new LinkedHashMap<>(mean.metadata());
            metadata.put(AVERAGED, Integer.toString(files.size()));
            Safetensors.write(to, arrays, metadata);
            out.println(to + ": the mean of " + files.size() + " files, " + arrays.size() + " arrays");
            out.flush();
        }
    }

    /** In the folder of a run nothing but an older mean is written over. */
    private void requireOwnFile() {
        if (!to.toString().endsWith(".safetensors")) {
            throw new ParameterException(
                    spec.commandLine(), "expected --to as a file that ends in .safetensors, got " + to);
        }
        Path folder = to.toAbsolutePath().getParent();
        boolean isOfRun = folder != null && Files.exists(folder.resolve("recipe.yaml"));
        if (isOfRun && Files.exists(to) && !isMean(to)) {
            throw new DataException("--to: expected a new file, or an older mean, in the folder of a run, got " + to
                    + ", which holds other weights; give another name");
        }
    }

    private static boolean isMean(Path file) {
        try (Safetensors there = Safetensors.open(file)) {
            return there.metadata().containsKey(AVERAGED);
        }
    }

    private static Recipe read(String given) {
        Path folder = Path.of(given).resolve("recipe.yaml");
        return Recipes.read(Files.isRegularFile(folder) ? folder : Configs.find(given), List.of());
    }

    /** What says of which model weights are is the same in all files. */
    private void requireSameCard(WeightMean mean) {
        Set<String> card = card();
        mean.differing().forEach((key, words) -> {
            if (card.contains(key)) {
                String first = words.get(0);
                int other = (int) words.stream().takeWhile(first::equals).count();
                throw new DataException(files.get(other) + ": expected " + key + " as in " + files.get(0) + ", " + first
                        + ", got " + words.get(other) + "; average weights of one model and one kind of data");
            }
        });
    }

    /** Which metadata of the first file are its card; none if it says nothing of itself. */
    private Set<String> card() {
        try (Safetensors first = Safetensors.open(files.get(0))) {
            Map<String, String> metadata = first.metadata();
            String task = metadata.getOrDefault(Card.TASK, TaskOfFile.CLASSIFICATION);
            return Tasks.answering(task)
                    .map(by -> by.card(metadata, files.get(0)).toMetadata().keySet())
                    .orElse(Set.of(Card.TASK, "djinn.model"));
        } catch (DataException | IllegalArgumentException e) {
            // weights that were converted say nothing, and are averaged by their names alone
            return Set.of(Card.TASK);
        }
    }

    private Map<String, NDArray> averaged(WeightMean mean, PrintWriter out) {
        if (!mean.taken().isEmpty()) {
            out.println("whole numbers are those of " + files.get(0) + ": " + some(mean.taken()));
        }
        if (mean.statistics() > 0) {
            out.println("note: " + mean.statistics() + " running statistics of batch norm are averaged too; --recipe"
                    + " learns them anew");
        }
        return mean.arrays();
    }

    /** Gives a model of the recipe the averages, and learns its statistics. */
    private static Map<String, NDArray> measured(Recipe recipe, WeightMean mean, NDManager manager, PrintWriter out) {
        Task<?> task = recipe.newTask();
        NamedBlock model = task.newModel();
        model.initialize(manager);
        Product product = task.product(model);
        if (!product.prefix().isEmpty()) {
            throw new DataException("expected a recipe whose weights are a whole model, got one of the task "
                    + recipe.task() + ", of which they are a part; leave --recipe out");
        }
        StateDict.load(product.block(), mean.arrays(), "the average");
        int norms = NormStatistics.learn(task, recipe, model);
        out.println(norms + " batch norms learned their running statistics anew");
        return StateDict.of(product.block());
    }

    private static String some(List<String> words) {
        return String.join(", ", words.subList(0, Math.min(SHOWN, words.size())))
                + (words.size() > SHOWN ? " and " + (words.size() - SHOWN) + " more" : "");
    }
}
