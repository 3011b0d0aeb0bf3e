package djinn.cli;

import djinn.data.FileStems;
import djinn.data.ImageGrid;
import djinn.data.Pixels;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.Tasks;
import djinn.zoo.generative.CycleGan.Direction;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "translate-images",
        description = "Translate images to the other domain of a run that learned to.",
        footer = {
            "",
            "  djinn translate-images runs/horses horse.jpg --to zebras",
            "  djinn translate-images runs/horses photos --to horses --direction b-to-a",
            "  djinn translate-images runs/facades labels --to facades",
            "",
            "NAME.jpg becomes NAME.png in the folder, in the size of the training's images."
        })
final class TranslateImagesCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "RUN",
            description = "The folder of a run, or a safetensors, ONNX or TorchScript file of one.")
    private Path run;

    @Parameters(
            index = "1..*",
            paramLabel = "IMAGE",
            description = "Image files, folders of them, patterns in quotes; - is an image on standard input.")
    private List<String> images = List.of();

    @Option(
            names = "--to",
            paramLabel = "FOLDER",
            required = true,
            description = "The folder to write into; made if there is none.")
    private Path to;

    @Option(
            names = "--direction",
            paramLabel = "WAY",
            description = "a-to-b, or b-to-a where the run learned both ways (default: a-to-b).")
    private String direction;

    @Override
    public Integer call() {
        if (!Files.exists(run)) {
            throw new DataException(run + ": there is no such run folder or file" + Nearest.suggestion(run));
        }
        String task = TaskOfFile.of(run, Optional.empty());
        if (Tasks.command(task).filter(spec.name()::equals).isEmpty()) {
            throw new DataException(run + ": expected a run that translates images, got one of the task " + task);
        }
        if (images.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "expected images to translate, got none");
        }
        Direction way = direction == null ? Direction.A_TO_B : way();
        Iterator<ImageArguments.Source> sources =
                ImageArguments.of(images, Optional.empty(), System.in, note -> Notes.print(List.of(note), spec));
        try (ImageTranslator translator = ImageTranslator.open(run)) {
            if (!translator.directions().contains(way)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "expected no --direction " + option(way) + ": " + run + " learned from pairs, one way, "
                                + option(translator.directions().get(0)) + "; leave it out");
            }
            try {
                Files.createDirectories(to);
            } catch (IOException e) {
                throw new DataException("--to: cannot make the folder " + to + ": " + AtomicFile.reason(e), e);
            }
            return translate(translator, sources, way);
        }
    }

    private Direction way() {
        return Arrays.stream(Direction.values())
                .filter(way -> option(way).equals(direction))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        Arrays.stream(Direction.values())
                                .map(TranslateImagesCommand::option)
                                .collect(Collectors.joining(" or ", "expected --direction ", ", got " + direction))));
    }

    private static String option(Direction way) {
        return way.key().replace('_', '-');
    }

    /** An image that cannot be read is told of and leaves the others be. */
    private int translate(ImageTranslator translator, Iterator<ImageArguments.Source> sources, Direction way) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter errors = spec.commandLine().getErr();
        FileStems stems = new FileStems();
        int code = ExitCode.OK;
        while (sources.hasNext()) {
            ImageArguments.Source source = sources.next();
            Pixels image;
            try {
                image = source.read(translator.channels());
            } catch (DataException e) {
                errors.println("error: " + e.getMessage());
                errors.flush();
                code = Djinn.DATA;
                continue;
            }
            Path file = to.resolve(stems.of(source.name()) + ".png");
            ImageGrid.write(translator.translate(image, way), file);
            out.println(source.name() + ": " + file + resized(image, translator.size()));
            out.flush();
        }
        return code;
    }

    /** What was done to an image of another size than the model's. */
    private static String resized(Pixels image, int size) {
        if (image.height() == size && image.width() == size) {
            return "";
        }
        String cut = image.height() == image.width() ? "" : ", its centre cut out";
        return " (resized from " + image.width() + "x" + image.height() + " to " + size + "x" + size + cut + ")";
    }
}
