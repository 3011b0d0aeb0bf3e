package djinn.cli;

import djinn.inference.Sampling;
import djinn.inference.text.TokenSampling;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.predict.ImageGenerator;
import djinn.predict.language.Generation;
import djinn.predict.language.LanguageModelCard;
import djinn.predict.language.TextGenerator;
import djinn.tasks.Tasks;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "generate",
        description = "Make something new: images or text, with the best weights of a run.",
        footer = {
            "",
            "  djinn generate runs/wgan_gp_mnist --count 64 --seed 1 --to sheet.png",
            "  djinn generate runs/mnist --class 7 --count 16 --to sevens.png",
            "  djinn generate runs/mnist --count 5000 --to digits",
            "  djinn generate runs/shakespeare_gpt --prompt 'ROMEO:' --tokens 200 --temperature 0.8 --top-k 40",
            "",
            "The same seed makes the same images and the same text. A folder's images are written as they are made."
        })
final class GenerateCommand implements Runnable {

    private static final int USUAL_COUNT = 64;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RUN",
            description = "The folder of a run, or a safetensors, ONNX or TorchScript file of one.")
    private Path run;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Decides what is made (default: 0).")
    private long seed;

    @Option(names = "--count", paramLabel = "N", description = "Images: how many (default: 64).")
    private Integer count;

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "Images: the PNG file to write them into, or a new folder, each into a file.")
    private Path to;

    @Option(
            names = "--class",
            paramLabel = "NAME",
            description = "Images: all of this class; of all in turn if left out.")
    private String label;

    @Option(names = "--interpolate", description = "Images: each row of eight goes from one random vector to another.")
    private boolean interpolated;

    @Option(
            names = "--truncation",
            paramLabel = "T",
            description = "Images: random numbers beyond T are drawn again; such as 1 for more usual images.")
    private Double truncation;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Images: how many steps each takes, of a diffusion model.")
    private Integer steps;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "Text: what is gone on from.")
    private String prompt;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Text: how many tokens are made at most; a model that has learnt documents ends one"
                    + " itself (default: 200).")
    private Integer tokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Text: below 1 the likeliest come more often; at 0 always (default: 1).")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Text: draw from the K likeliest tokens alone.")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Text: draw from the likeliest tokens that together reach this probability alone.")
    private Double topP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            description = "Text: above 1 for less of what is there already (default: 1).")
    private Double repetitionPenalty;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Text: end before this; may be given several times.")
    private List<String> stop = List.of();

    @Override
    public void run() {
        if (!Files.exists(run)) {
            throw new DataException(run + ": there is no such run folder or file" + Nearest.suggestion(run));
        }
        String task = TaskOfFile.of(run, Optional.empty());
        if (Tasks.command(task).filter(spec.name()::equals).isEmpty()) {
            throw new DataException(run + ": expected a run that makes images or text, got one of the task " + task
                    + "; 'djinn " + Tasks.command(task).orElse("predict") + "' asks it");
        } else if (task.equals(LanguageModelCard.TASK_NAME)) {
            text();
        } else {
            images();
        }
    }

    private void images() {
        if (prompt != null
                || tokens != null
                || temperature != null
                || topK != null
                || topP != null
                || repetitionPenalty != null
                || !stop.isEmpty()) {
            throw mistake("expected --count, --seed, --to FILE, --class, --interpolate, --truncation and --steps: "
                    + run + " makes images");
        } else if (to == null) {
            throw mistake("expected --to FILE, the PNG file to write the images into, or a folder");
        }
        boolean each = isFolder(to);
        if (!each) {
            if (!Pictures.isPng(to)) {
                throw mistake("expected --to with a name that ends in .png, or of a new folder, without a dot, got '"
                        + to + "'");
            }
            OutputFile.require("--to", to);
        }
        StringBuilder names = new StringBuilder();
        Sampling sampling;
        try (ImageGenerator generator = ImageGenerator.open(run, Tasks::answering)) {
            sampling = sampling(generator);
            Pictures.draw(() -> {
                if (each) {
                    names.append(", ").append(String.join(" to ", generator.writeEach(to, sampling)));
                } else {
                    generator.writeSheet(to, sampling);
                }
            });
        }
        int images = sampling.count();
        PrintWriter out = spec.commandLine().getOut();
        out.println(to + ": " + images + (images == 1 ? " image" : " images") + " of seed " + seed + names);
        out.flush();
    }

    /** A name without an ending is a folder's, and that of one which is there. */
    private static boolean isFolder(Path path) {
        return Files.isDirectory(path) || !String.valueOf(path.getFileName()).contains(".");
    }

    private Sampling sampling(ImageGenerator generator) {
        int images = count == null ? USUAL_COUNT : count;
        if (interpolated && images % Sampling.INTERPOLATED != 0) {
            throw mistake("expected --count that is a multiple of " + Sampling.INTERPOLATED
                    + " with --interpolate, whose rows are of " + Sampling.INTERPOLATED + " images, got " + images);
        }
        try {
            return new Sampling(
                            images,
                            seed,
                            Optional.ofNullable(label),
                            interpolated,
                            truncation == null ? OptionalDouble.empty() : OptionalDouble.of(truncation),
                            steps == null ? OptionalInt.empty() : OptionalInt.of(steps))
                    .requireWithin(generator.choices());
        } catch (IllegalArgumentException e) {
            throw mistake(e.getMessage());
        }
    }

    private void text() {
        if (count != null || to != null || label != null || interpolated || truncation != null || steps != null) {
            throw mistake(
                    "expected --prompt, --tokens, --temperature, --top-k, --top-p, --repetition-penalty, --stop and --seed: "
                            + run + " makes text");
        }
        int length = tokens == null ? 200 : tokens;
        if (length < 1) {
            throw mistake("expected --tokens of at least 1, got " + length);
        }
        TokenSampling sampling = new TokenSampling(
                temperature == null ? 1 : temperature,
                topK == null ? OptionalInt.empty() : OptionalInt.of(topK),
                topP == null ? OptionalDouble.empty() : OptionalDouble.of(topP),
                repetitionPenalty == null ? 1 : repetitionPenalty);
        Generation generation = new Generation(length, sampling, seed, stop);
        PrintWriter out = spec.commandLine().getOut();
        try (TextGenerator generator = TextGenerator.open(run)) {
            String beginning = prompt == null ? "" : prompt;
            AtomicBoolean begun = new AtomicBoolean();
            generator.generate(beginning, generation, piece -> {
                // a prompt that is refused is not printed
                out.print(begun.getAndSet(true) ? piece : beginning + piece);
                out.flush();
            });
        }
        out.println();
        out.flush();
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
